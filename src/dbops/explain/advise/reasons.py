"""Why a candidate was not chosen, in plain words; and which of the many are worth a word. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbops.explain.advise.advice import Rejected
from dbops.explain.advise.candidate import Candidate
from dbops.explain.advise.search import LEAST_SAVING, MOST, Found, Prices, SpentUp, widens
from dbops.results.explain import Basis

MOST_SHOWN = 8
"""Rejected candidates that are worth a word."""
NOT_USED = {
    Basis.PLANNED: "the planner does not use it",
    Basis.ESTIMATED: "dbops's estimate sees nothing that it saves",
}


def losers(
    prices: Prices, found: Found, pool: Sequence[Candidate], refused: Mapping[Candidate, str], basis: Basis
) -> list[Rejected]:
    """Return the candidates that were not chosen, those first that alone would have saved the most."""
    others = [each for each in pool if each not in found.chosen]
    others.sort(key=lambda each: -found.useful.get(each, -1.0))
    return [_rejected(prices, found, each, refused, basis) for each in _telling(others)]


def _telling(others: Sequence[Candidate]) -> list[Candidate]:
    """Leave out variants of an index that says it all: of those on the same keys only the first is kept."""
    kept: dict[tuple[object, ...], Candidate] = {}
    for each in others:
        terms = (each.table, each.method, tuple(key.expression for key in each.keys), each.predicate is None)
        kept.setdefault(terms, each)
    return list(kept.values())[: 2 * MOST_SHOWN]


def _rejected(
    prices: Prices, found: Found, candidate: Candidate, refused: Mapping[Candidate, str], basis: Basis
) -> Rejected:
    alone = prices.alone(candidate)
    if candidate in refused:
        return Rejected(candidate, f"PostgreSQL refuses it: {refused[candidate]}", basis)
    if alone is None:
        return Rejected(candidate, "not tried: the budget was used up", basis)
    reason = NOT_USED[basis] if candidate not in alone.used else _reason(prices, found, candidate)
    size = prices.sizes.get(candidate)
    return Rejected(candidate, reason, basis, found.before, alone.cost, size)


def _reason(prices: Prices, found: Found, candidate: Candidate) -> str:
    saved = found.useful.get(candidate, 0.0)
    if saved < LEAST_SAVING:
        return f"it saves {_percent(saved)} only"
    rival = next((each for each in found.chosen if each.table == candidate.table), None)
    return (rival and _against(prices, found, candidate, rival)) or _beside(prices, found, candidate)


def _against(prices: Prices, found: Found, candidate: Candidate, rival: Candidate) -> str | None:
    """Say what a chosen index on the same table has over this one."""
    if widens(candidate, rival):
        return f"what it is wider than {_short(rival)} saves less than it takes in bytes"
    if widens(rival, candidate):
        return f"{_short(rival)} saves enough more for its bytes"
    saved, its = found.useful.get(candidate, 0.0), found.useful.get(rival, 0.0)
    better = saved / prices.bytes(candidate) <= its / prices.bytes(rival)
    return f"{_short(rival)} saves more a byte" if better else None


def _beside(prices: Prices, found: Found, candidate: Candidate) -> str:
    """Say what it would save beside what is chosen."""
    if not found.chosen:
        return "none of the ways to use it lowers the cost by a tenth in the end"
    if len(found.chosen) >= MOST:
        return f"{MOST} others save more, and each slows the writes"
    try:
        with_it = prices.of((*found.chosen, candidate)).cost
    except SpentUp:
        return "not tried beside what is advised: the budget was used up"
    saved = (found.costs[-1] - with_it) / found.base if found.base else 0.0
    return f"beside what is advised it saves {_percent(max(saved, 0.0))}"


def _percent(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"{share * 100:.0f} %"


def _short(candidate: Candidate) -> str:
    """Return an index without its table's schema."""
    return candidate.definition.removeprefix(f"{candidate.table.schema}.")
