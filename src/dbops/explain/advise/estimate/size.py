"""How large an index would be. Pure."""

from __future__ import annotations

import math

from dbops.explain.advise.candidate import Candidate
from dbops.explain.advise.facts import ColumnFacts, Costs, TableFacts

_TUPLE_HEADER, _ITEM, _ALIGNED = 8, 4, 8
_PAGE_OVERHEAD = 24 + 16
"""The header of a page and what a B-tree keeps at its end."""
_FILL = 0.9
"""The fillfactor of B-trees unless said otherwise."""
_UNKNOWN_WIDTH = 32.0
_GIN_FACTOR, _TRIGRAM_FACTOR = 0.5, 3.0
_RANGE_PAGES = 128
"""BRIN's pages_per_range unless said otherwise."""


def pages(candidate: Candidate, table: TableFacts, rows: float, costs: Costs) -> int:
    """Return the pages of an index with so many rows in it.

    A B-tree's are those of its leaves and of the level above. Deduplication is not modelled: where values repeat, the
    real index is smaller, by a third as a rule. A GIN index is guessed from what it indexes: half as large, and for
    trigrams three times, as real ones on names, tags and documents came out.
    """
    match candidate.method:
        case "brin":
            return 2 + math.ceil((table.pages or 0) / _RANGE_PAGES * 24 / costs.page_bytes)
        case "gin":
            factor = _TRIGRAM_FACTOR if "trgm" in (candidate.keys[0].opclass or "") else _GIN_FACTOR
            return max(math.ceil(rows * _width(candidate, table) * factor / costs.page_bytes), 2)
    entry = _aligned(_TUPLE_HEADER + _width(candidate, table)) + _ITEM
    leaves = math.ceil(rows * entry / ((costs.page_bytes - _PAGE_OVERHEAD) * _FILL))
    return max(leaves + math.ceil(leaves * entry / costs.page_bytes), 1) + 1


def _aligned(width: float) -> float:
    return math.ceil(width / _ALIGNED) * _ALIGNED


def _width(candidate: Candidate, table: TableFacts) -> float:
    keys = (_bytes(table.column(key.column or "")) for key in candidate.keys)
    return sum(keys) + sum(_bytes(table.column(name)) for name in candidate.include)


def _bytes(column: ColumnFacts) -> float:
    """Return a column's width; NULLs take none."""
    width = _UNKNOWN_WIDTH if column.width is None else column.width
    return width * (1.0 - (column.nulls or 0.0))
