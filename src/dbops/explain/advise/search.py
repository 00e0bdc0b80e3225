"""Choosing among candidates: Extend, by what-if prices. Pure; the prices come from a backend.

Extend (Schlosser, Kossmann, Boissier: Efficient Scalable Multi-Attribute Index Selection Using Recursive Strategies,
2019) adds the index, or widens the one, that saves the most a byte, until nothing saves enough. Three things are added
here. An index may also be exchanged for another one on its table. Whole compositions are tried beside single columns,
because an equality and a sort with LIMIT may save nothing one by one. And a second start is made from what the planner
picks when it has all candidates at once, because the two sides of a join may save nothing one by one either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from dbops.explain.advise.candidate import Candidate
from dbops.explain.advise.whatif import Priced, WhatIf

MOST = 3
"""Indexes that are advised for one query at most: each slows the writes."""
LEAST_SAVING = 0.1
"""The share of the query's cost that each must save, and of the cost so far that widening one must: dbops's own
threshold (dexter's is half of the cost for all of them together)."""
_PAGE = 8192

Config = tuple[Candidate, ...]


class SpentUp(Exception):
    """The budget is used up."""


class Prices:
    """What the query costs with some candidates; each is asked for once. ``may_ask`` says whether there is a budget."""

    def __init__(self, backend: WhatIf, may_ask: Callable[[], bool]) -> None:
        self._backend = backend
        self._may_ask = may_ask
        self._known: dict[frozenset[Candidate], Priced] = {}
        self.sizes: dict[Candidate, int] = {}
        self.spent_up = False

    def of(self, config: Sequence[Candidate], *, needed: bool = False) -> Priced:
        """Return the price. Raises SpentUp, but for a price that the result ``needed``."""
        key = frozenset(config)
        found = self._known.get(key)
        if found is None:
            if not (needed or self._may_ask()):
                self.spent_up = True
                raise SpentUp
            found = self._known[key] = self._backend.price(tuple(config))
            self.sizes.update(found.sizes)
        return found

    def alone(self, candidate: Candidate) -> Priced | None:
        """Return the price with one candidate, None when it was never asked for."""
        return self._known.get(frozenset({candidate}))

    def bytes(self, candidate: Candidate) -> int:
        """Return its size, of one page at least."""
        return max(self.sizes.get(candidate, _PAGE), _PAGE)

    def knows(self, candidate: Candidate) -> bool:
        """Whether the backend can price it."""
        return self._backend.knows(candidate)


@dataclass(frozen=True, slots=True)
class Found:
    """What is best: ``chosen`` in the order in which they save the most, ``costs`` from none of them to all.

    ``before`` is the cost with none of them, ``base`` that of which each must save its share; ``useful`` is what each
    candidate that was tried saves alone, as a share of ``base``.
    """

    chosen: Config = ()
    costs: tuple[float, ...] = ()
    before: float = 0.0
    base: float = 0.0
    useful: Mapping[Candidate, float] = field(default_factory=dict)


def search(
    prices: Prices, pool: Sequence[Candidate], *, base: float | None = None, least: float = LEAST_SAVING
) -> Found:
    """Return the best few of the candidates, of which the most promising come first.

    Each must save the share ``least`` of ``base``, which is the cost with none of them unless it is given.
    """
    before = prices.of((), needed=True).cost
    base = before if base is None else base
    saved: dict[Candidate, float] = {}
    chosen: Config = ()
    try:
        for candidate in pool:
            if prices.knows(candidate):
                saving = before - prices.of((candidate,)).cost
                saved[candidate] = saving / base if base > 0 else 0.0
        chosen = _best(prices, least * base, [each for each in pool if prices.knows(each)], saved)
    except SpentUp:
        chosen = _best_so_far(prices, least, saved)
    ordered, costs = _in_order(prices, _needed(prices, least * base, chosen))
    return Found(ordered, costs, before, base, saved)


def _best(prices: Prices, enough: float, pool: Sequence[Candidate], saved: Mapping[Candidate, float]) -> Config:
    """Return the better of what is grown from nothing and what is cut from all."""
    picked = prices.of(tuple(pool)).used if pool else frozenset()
    useful = [each for each in pool if saved[each] > 0 or each in picked]
    grown = _grown(prices, enough, useful)
    try:
        cut = _narrowed(prices, enough, _cut(prices, enough, tuple(each for each in pool if each in picked)), useful)
        gain = prices.of(grown).cost - prices.of(cut).cost
    except SpentUp:
        return grown
    return cut if gain >= enough else grown


def _best_so_far(prices: Prices, least: float, saved: Mapping[Candidate, float]) -> Config:
    """Return the single index that saves the most, when there was no budget to look for better ones."""
    worthy = [each for each, share in saved.items() if share >= least]
    return (max(worthy, key=lambda each: (saved[each], -prices.bytes(each))),) if worthy else ()


def _grown(prices: Prices, enough: float, pool: Sequence[Candidate]) -> Config:
    """Return what the steps of Extend lead to, as far as the budget goes."""
    config: Config = ()
    try:
        while steps := [*_exchanged(prices, enough, config, pool), *_added(prices, enough, config, pool)]:
            _, config = max(steps, key=lambda step: step[0])
    except SpentUp:
        pass
    return config


def _exchanged(
    prices: Prices, enough: float, config: Config, pool: Sequence[Candidate]
) -> Iterator[tuple[float, Config]]:
    """Yield what another index in place of one leads to, with what that saves a byte more.

    Mostly it is a wider one; but the best index for an order with a LIMIT has the
    equality before it, and grows out of nothing that saves much by itself.
    """
    cost = prices.of(config).cost
    for place, old in enumerate(config):
        for new in pool:
            if new in config or new.table != old.table:
                continue
            after = (*config[:place], new, *config[place + 1 :])
            saving = cost - prices.of(after).cost
            if _earns(prices, enough, old, new, cost, cost - saving):
                yield saving / max(prices.bytes(new) - prices.bytes(old), _PAGE), after


def _added(prices: Prices, enough: float, config: Config, pool: Sequence[Candidate]) -> Iterator[tuple[float, Config]]:
    """Yield what one index more leads to, with what it saves a byte."""
    if len(config) == MOST:
        return
    cost = prices.of(config).cost
    for new in pool:
        if new in config or any(widens(new, old) or widens(old, new) for old in config):
            continue
        after = (*config, new)
        saving = cost - prices.of(after).cost
        if saving >= enough:
            yield saving / prices.bytes(new), after


def _earns(prices: Prices, enough: float, old: Candidate, new: Candidate, before: float, after: float) -> bool:
    """Whether an index earns its bytes in place of a smaller one.

    It must save a tenth of the cost that is left, and the cost must fall by a greater factor than the size grows.
    Columns that are only included must save as much as an index of their own: an update of one of them can't be a HOT
    update any more, and what a key does for the search they don't.
    """
    saving = before - after
    least = max(LEAST_SAVING * before, enough if _includes_more(new, old) else 0.0)
    return 0 < least <= saving and after * prices.bytes(new) < before * prices.bytes(old)


def _includes_more(new: Candidate, old: Candidate) -> bool:
    return not set(new.include) <= {*old.include, *(key.column for key in old.keys)}


def widens(new: Candidate, old: Candidate) -> bool:
    """Whether one index is the other with more keys or columns."""
    if new == old or (new.table, new.method, new.predicate) != (old.table, old.method, old.predicate):
        return False
    columns = {*new.include, *(key.column for key in new.keys)}
    return new.keys[: len(old.keys)] == old.keys and set(old.include) <= columns


def _cut(prices: Prices, enough: float, config: Config) -> Config:
    """Drop the index that is missed the least for its bytes until there are few enough, then those not needed."""
    while len(config) > MOST:
        cost = prices.of(config).cost
        losses = {each: prices.of(_without(config, each)).cost - cost for each in config}
        config = _without(config, min(config, key=lambda each: losses[each] / prices.bytes(each)))
    return _needed(prices, enough, config)


def _needed(prices: Prices, enough: float, config: Config) -> Config:
    """Drop what no longer helps beside the others. It asks for a few prices also when the budget is used up."""
    while config:
        cost = prices.of(config, needed=True).cost
        losses = {each: prices.of(_without(config, each), needed=True).cost - cost for each in config}
        least = min(config, key=losses.__getitem__)
        if losses[least] >= enough:
            break
        config = _without(config, least)
    return config


def _narrowed(prices: Prices, enough: float, config: Config, pool: Sequence[Candidate]) -> Config:
    """Put a narrower index in place of each that does not earn what it is wider."""
    for old in config:
        for new in sorted((each for each in pool if widens(old, each)), key=prices.bytes):
            place = config.index(old)
            after = (*config[:place], new, *config[place + 1 :])
            if not _earns(prices, enough, new, old, prices.of(after).cost, prices.of(config).cost):
                config = after
                break
    return config


def _without(config: Config, candidate: Candidate) -> Config:
    return tuple(each for each in config if each != candidate)


def _in_order(prices: Prices, config: Config) -> tuple[Config, tuple[float, ...]]:
    """Return the indexes so that each saves as much as it can beside those before it, and the costs along the way."""
    if not config:
        return (), ()
    ways = [
        (tuple(prices.of(way[:size], needed=True).cost for size in range(len(way) + 1)), way)
        for way in permutations(config)
    ]
    costs, ordered = min(ways, key=lambda each: each[0])
    return ordered, costs
