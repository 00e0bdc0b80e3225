"""What reading through an index costs, by the planner's own formulas. Pure.

They are those of PostgreSQL's costsize.c (cost_index, cost_bitmap_heap_scan, index_pages_fetched) and selfuncs.c
(genericcostestimate, btcostestimate, gincostestimate, brincostestimate), without what only parallel plans and
tablespaces with costs of their own need.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dbops.explain.advise.facts import Costs

_DESCENT_OPERATORS = 50
"""Operators that handling one page of a B-tree's upper levels is charged as (DEFAULT_PAGE_CPU_MULTIPLIER)."""
_GIN_ENTRY_PAGES = 3
"""Pages of the entry tree that a search of a few elements reads, once its upper ones are cached."""
_RECHECK = 0.1
"""Operators that a bitmap's entry for one row is charged as."""


@dataclass(frozen=True, slots=True)
class Heap:
    """The table: its rows and pages, and the share of pages that are all-visible (0 to 1)."""

    rows: float
    pages: float
    visible: float = 0.0


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of an index, and through it of the table, is read.

    ``entries`` and ``pages`` are those of the whole index, ``share`` is what is read of it (0 to 1), at ``probes``
    places. ``fetched`` is the share of the table's rows that is then fetched, ``correlation`` how well the index's
    order follows the table's (-1 to 1). ``quals`` conditions are checked in the index, ``filters`` on the row.
    ``covering`` says that the query needs nothing else of the row.
    """

    entries: float
    pages: float
    share: float
    fetched: float
    probes: float = 1.0
    correlation: float = 0.0
    quals: int = 1
    filters: int = 0
    covering: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """The planner's two costs of one execution."""

    startup: float
    total: float

    def of_first(self, share: float) -> float:
        """Return what it costs to read a share of the rows (0 to 1)."""
        return self.startup + min(share, 1.0) * (self.total - self.startup)


def pages_fetched(rows: float, pages: float, costs: Costs) -> float:
    """Return how many different pages so many random fetches read (Mackert and Lohman, 1989)."""
    pages, cached = max(pages, 1.0), max(costs.cached_pages, 1.0)
    if pages <= cached:
        return min(2 * pages * rows / (2 * pages + rows), pages)
    limit = 2 * pages * cached / (2 * pages - cached)
    if rows <= limit:
        return 2 * pages * rows / (2 * pages + rows)
    return cached + (rows - limit) * (pages - cached) / pages


def index_scan(reach: Reach, heap: Heap, costs: Costs, *, loops: float = 1.0) -> Cost:
    """Return the cost of an index scan (index-only when it covers), of one of so many executions."""
    access = _access(reach, costs, loops)
    rows = max(reach.fetched * heap.rows, 1.0)
    together = max(loops, 1.0)
    scattered = pages_fetched(rows * together, heap.pages, costs) * costs.random_page / together
    in_order = math.ceil(reach.fetched * heap.pages)
    if loops > 1:
        neighbours = pages_fetched(max(in_order, 1) * together, heap.pages, costs) * costs.random_page / together
    else:
        neighbours = costs.random_page + max(in_order - 1, 0) * costs.seq_page
    heap_io = scattered + reach.correlation**2 * (min(neighbours, scattered) - scattered)
    if reach.covering:
        heap_io *= 1.0 - heap.visible
    processing = rows * (costs.tuple + costs.operator * reach.filters)
    return Cost(access.startup, access.total + heap_io + processing)


def bitmap_scan(reach: Reach, heap: Heap, costs: Costs, *, loops: float = 1.0, recheck: int = 1) -> Cost:
    """Return the cost of a bitmap index scan and the heap scan above it."""
    access = _access(reach, costs, loops)
    return _through_bitmap(access.total, reach.fetched, reach.filters + recheck, heap, costs, loops)


def gin_scan(reach: Reach, heap: Heap, costs: Costs) -> Cost:
    """Return the cost of a bitmap scan through a GIN index: a few pages of entries, then the lists of rows."""
    lists = math.ceil(reach.pages * reach.share)
    entries = (_GIN_ENTRY_PAGES + lists) * costs.random_page
    entries += reach.share * heap.rows * costs.operator * reach.quals
    return _through_bitmap(entries, reach.fetched, reach.filters + 1, heap, costs, 1.0)


def brin_scan(reach: Reach, heap: Heap, costs: Costs) -> Cost:
    """Return the cost of a bitmap scan through a BRIN index: all of it is read, then whole ranges of pages."""
    ranges = max(math.ceil(heap.pages / 128), 1)
    least = math.ceil(ranges * reach.share)
    read = min(least / max(abs(reach.correlation), 1e-10), ranges) / ranges
    access = reach.pages * costs.seq_page + costs.random_page + 0.1 * costs.operator * ranges * 128
    return _through_bitmap(access, read, reach.filters + 1, heap, costs, 1.0)


def _access(reach: Reach, costs: Costs, loops: float) -> Cost:
    """Return the cost of the index alone."""
    read = max(math.ceil(reach.share * reach.pages), math.ceil(reach.probes), 1)
    if loops > 1:
        io = pages_fetched(read * loops, reach.pages, costs) * costs.random_page / loops
    else:
        io = read * costs.random_page
    entries = max(reach.share * reach.entries, 1.0)
    height = max(math.ceil(math.log(max(reach.pages, 2), 256)) - 1, 0)
    descent = math.ceil(math.log2(max(reach.entries, 2))) + (height + 1) * _DESCENT_OPERATORS
    startup = reach.probes * descent * costs.operator
    return Cost(startup, startup + io + entries * (costs.index_tuple + costs.operator * reach.quals))


def _through_bitmap(access: float, fetched: float, filters: int, heap: Heap, costs: Costs, loops: float) -> Cost:
    rows = max(fetched * heap.rows, 1.0)
    pages = max(heap.pages, 1.0)
    if loops > 1:
        read = pages_fetched(rows * loops, pages, costs) / loops
    else:
        read = min(2 * pages * rows / (2 * pages + rows), pages)
    each = costs.random_page
    if read >= 2:
        each -= (costs.random_page - costs.seq_page) * math.sqrt(min(read / pages, 1.0))
    startup = access + _RECHECK * costs.operator * rows
    return Cost(startup, startup + read * each + rows * (costs.tuple + costs.operator * filters))
