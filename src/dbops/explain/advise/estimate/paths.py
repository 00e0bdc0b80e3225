"""How a candidate would be read at a site: which of its conditions the index answers, and what that costs. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.candidates.access import How
from dbops.explain.advise.candidates.ordering import OrderKey
from dbops.explain.advise.candidates.terms import Term
from dbops.explain.advise.estimate import size
from dbops.explain.advise.estimate.scans import Cost, Reach, bitmap_scan, brin_scan, gin_scan, index_scan
from dbops.explain.advise.estimate.sites import Narrowing, Site
from dbops.explain.advise.facts import Costs

_SECOND_KEY = 0.75
"""What the planner takes of the first column's correlation for an index of several."""
_EQUALITIES = frozenset({How.EQUAL, How.SEVERAL})


@dataclass(frozen=True, slots=True)
class Index:
    """A candidate with its keys and its condition as sites know them."""

    candidate: Candidate
    terms: tuple[Term, ...]
    predicate: frozenset[str] = frozenset()

    @property
    def columns(self) -> frozenset[str]:
        """All columns that it holds."""
        keys = {term.column for term in self.terms if term.column is not None}
        return frozenset(keys) | frozenset(self.candidate.include)


@dataclass(frozen=True, slots=True)
class Path:
    """The costs of one execution: the cheapest way, and the one that keeps the index's order, None where none does.

    ``fetched`` is the share of the table's rows that are read (0 to 1).
    """

    cheapest: Cost
    ordered: Cost | None
    fetched: float


def applies(index: Index, narrowings: Sequence[Narrowing]) -> bool:
    """Whether the index holds all rows that are asked for: its condition is among those of the query."""
    return index.predicate <= {each.key for each in narrowings}


def path(
    index: Index,
    site: Site,
    narrowings: Sequence[Narrowing],
    costs: Costs,
    *,
    loops: float = 1.0,
    ordered: bool = False,
) -> Path | None:
    """Return what reading the site through the index costs; None where it answers no condition.

    With ``ordered`` it need not: the whole index may be read for its order.
    """
    if not applies(index, narrowings):
        return None
    held = _product(each for each in narrowings if each.key in index.predicate)
    left = [each for each in narrowings if each.key not in index.predicate]
    if index.candidate.method != "btree":
        return _by_elements(index, site, left, costs)
    bounding, checked = _answered(index, left)
    if not bounding and not ordered and not index.predicate:
        return None
    entries = max(site.heap.rows * held, 1.0)
    share = _product(bounding)
    covering = site.reads is not None and site.reads <= index.columns
    reach = Reach(
        entries=entries,
        pages=size.pages(index.candidate, site.table, entries, costs),
        share=share,
        fetched=held * share * _product(checked),
        probes=_probes(bounding),
        correlation=_correlation(index, site),
        quals=len(bounding) + len(checked),
        filters=len(left) - len(bounding) - len(checked),
        covering=covering,
    )
    plain = index_scan(reach, site.heap, costs, loops=loops)
    bitmap = bitmap_scan(reach, site.heap, costs, loops=loops, recheck=len(bounding))
    return Path(min(plain, bitmap, key=lambda cost: cost.total), plain, reach.fetched)


def gives(index: Index, narrowings: Sequence[Narrowing], keys: Sequence[OrderKey]) -> bool:
    """Whether the index has the rows in this order once each key before is held by an equality with one value."""
    fixed = {each.term for each in narrowings if each.how is How.EQUAL}
    wanted = [key for key in keys if key.term not in fixed]
    having = [(term, key) for term, key in zip(index.terms, index.candidate.keys, strict=True) if term not in fixed][
        : len(wanted)
    ]
    if index.candidate.method != "btree" or [term for term, _ in having] != [key.term for key in wanted]:
        return False
    turned = {_turned(key, order) for (_, key), order in zip(having, wanted, strict=True)}
    return turned in ({False}, {True}, set())


def _turned(key: Key, order: OrderKey) -> bool | None:
    """Whether the index must be read backwards for the order; None where neither way gives it."""
    nulls_first = key.descending if key.nulls_first is None else key.nulls_first
    if (key.descending, nulls_first) == (order.descending, order.nulls_first):
        return False
    return True if (key.descending, nulls_first) == (not order.descending, not order.nulls_first) else None


def _answered(index: Index, narrowings: Sequence[Narrowing]) -> tuple[list[Narrowing], list[Narrowing]]:
    """Return the conditions that bound what is read of the index, and those that are checked on its entries."""
    bounding: list[Narrowing] = []
    checked: list[Narrowing] = []
    open_ended = True
    for term, key in zip(index.terms, index.candidate.keys, strict=True):
        equal = [each for each in narrowings if each.term == term and each.how in _EQUALITIES]
        ranges = [each for each in narrowings if each.term == term and _is_range(each, key)]
        (bounding if open_ended else checked).extend(equal or ranges)
        open_ended = open_ended and bool(equal)
    return bounding, checked


def _is_range(narrowing: Narrowing, key: Key) -> bool:
    if narrowing.how is How.PREFIX:
        return True  # the candidate was given the operator class that its column needs
    return narrowing.how is How.RANGE and key.opclass is None


def _product(narrowings: Iterable[Narrowing]) -> float:
    """Return the share of the rows that meet all, as if they had nothing to do with each other."""
    return math.prod(each.share for each in narrowings)


def _probes(bounding: Iterable[Narrowing]) -> float:
    """Return at how many places the index is entered: once for each value of an IN."""
    return math.prod(each.values for each in bounding)


def _correlation(index: Index, site: Site) -> float:
    column = index.terms[0].column
    known = 0.0 if column is None else site.table.column(column).correlation or 0.0
    return known if len(index.terms) == 1 else known * _SECOND_KEY


def _by_elements(index: Index, site: Site, narrowings: Sequence[Narrowing], costs: Costs) -> Path | None:
    """Return what a GIN or BRIN index costs to go through."""
    key = index.candidate.keys[0]
    wanted = How.RANGE if index.candidate.method == "brin" else How.INVERTED
    served = [each for each in narrowings if each.term == index.terms[0] and each.how is wanted]
    if wanted is How.INVERTED:
        served = [each for each in served if each.opclass == _bare(key.opclass)]
    if not served:
        return None
    share = _product(served)
    reach = Reach(
        entries=site.heap.rows,
        pages=size.pages(index.candidate, site.table, site.heap.rows, costs),
        share=share,
        fetched=share,
        correlation=_correlation(index, site),
        filters=len(narrowings),
    )
    scan = brin_scan if wanted is How.RANGE else gin_scan
    return Path(scan(reach, site.heap, costs), None, share)


def _bare(opclass: str | None) -> str | None:
    return None if opclass is None else opclass.rpartition(".")[2]
