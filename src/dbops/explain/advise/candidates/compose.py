"""B-tree indexes for what is asked of a table: equality first, then one range or an order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.candidates.access import Access, How
from dbops.explain.advise.candidates.demand import Demand
from dbops.explain.advise.candidates.ordering import Order
from dbops.explain.advise.candidates.terms import Term
from dbops.explain.advise.facts import Facts, TableFacts

_MOST_EQUAL = 3
_MOST_KEYS = 5
"""Keys of an index: more than these cost writes and space for little, by dbops's own judgement."""
_WIDEST = 500.0
"""Bytes of a column that is a key: an entry can have 2,704 at most, and where there are many in the mean, some have
more (dbops's own threshold)."""
_PATTERNS = {"character varying": "varchar_pattern_ops", "character": "bpchar_pattern_ops"}


@dataclass(frozen=True, slots=True)
class Part:
    """A key with what it is for: ``equal``, ``join``, ``range`` or the clause whose order it gives."""

    term: Term
    purpose: str
    descending: bool = False
    nulls_first: bool | None = None
    opclass: str | None = None

    @property
    def key(self) -> Key:
        """The key of the index."""
        return Key(self.term.sql, self.term.column, self.descending, self.nulls_first, self.opclass)


Parts = tuple[Part, ...]


def compositions(demand: Demand, facts: Facts) -> tuple[Parts, ...]:
    """Return the keys of the indexes that could help, whole ones before those that are parts of them."""
    asked = _Asked(demand, facts.table(demand.table.name))
    found = chain(
        _ordered(asked),
        _ranged(asked),
        _joined(asked),
        _operands(asked),
        ((part,) for part in (*asked.equal, *asked.several, *asked.ranges, *chain(*asked.joins.values()))),
    )
    return tuple(dict.fromkeys(each for each in map(_fitting, found) if each))


class _Asked:
    """A demand's conditions by what they are to a B-tree."""

    def __init__(self, demand: Demand, known: TableFacts) -> None:
        self.demand = demand
        self.known = known
        accesses = [each for each in demand.accesses if not self._is_wide(each.term)]
        constant = [each for each in accesses if each.constant]
        self.equal = self._sorted(Part(each.term, "equal") for each in constant if each.how is How.EQUAL)
        self.several = self._sorted(Part(each.term, "equal") for each in constant if each.how is How.SEVERAL)
        self.ranges = _unique(part for each in constant if (part := self.ranged(each)) is not None)
        self.rows = tuple(each for each in constant if each.row)
        self.joins: dict[frozenset[int], Parts] = {}
        for each in accesses:
            if not each.constant and each.how in {How.EQUAL, How.SEVERAL}:
                before = self.joins.get(each.partners, ())
                self.joins[each.partners] = _unique((*before, Part(each.term, "join")))

    def ranged(self, access: Access) -> Part | None:
        """Return the key for a range, or for how text begins."""
        if access.how is How.RANGE:
            return Part(access.term, "range")
        return Part(access.term, "range", opclass=self._pattern(access.term)) if access.how is How.PREFIX else None

    def _pattern(self, term: Term) -> str | None:
        """Return the operator class for LIKE, None where the collation is C and the common one does."""
        plain = self.known.column(term.column).plain_order if term.column is not None else None
        return None if plain else _PATTERNS.get(term.type or "", "text_pattern_ops")

    def _is_wide(self, term: Term) -> bool:
        return term.column is not None and (self.known.column(term.column).width or 0.0) > _WIDEST

    def _sorted(self, parts: Iterator[Part]) -> Parts:
        """Put the term with the most values first: it serves more queries, and alone it may do."""
        return tuple(sorted(_unique(parts), key=lambda part: -self._values(part.term)))

    def _values(self, term: Term) -> float:
        known = None if term.column is None else self.known.column(term.column).values(self.known.rows)
        return known or 0.0

    def order(self, order: Order) -> Parts:
        """Return the keys that give an order, once those that equal a constant are left out."""
        fixed = {part.term for part in self.equal}
        return tuple(
            Part(key.term, order.why, key.descending, None if order.free else key.nulls_first)
            for key in order.keys
            if key.term not in fixed
        )


def _ordered(asked: _Asked) -> Iterator[Parts]:
    """Yield equality, then an order; behind it what else is asked, for a row that doesn't fit is then not fetched."""
    for order in asked.demand.orders:
        keys = asked.order(order)
        equal = asked.equal[:_MOST_EQUAL]
        rest = _others((*asked.several, *asked.ranges), keys)
        yield (*equal, *keys)
        yield (*equal, *keys, *rest)
        yield (*equal[:1], *keys)
        yield keys
        for joined in asked.joins.values():
            yield (*equal, *joined, *_others(keys, joined))


def _others(parts: Sequence[Part], than: Sequence[Part]) -> Parts:
    terms = {part.term for part in than}
    return tuple(part for part in parts if part.term not in terms)


def _ranged(asked: _Asked) -> Iterator[Parts]:
    """Yield equality, then one range."""
    equal = (*asked.equal[:_MOST_EQUAL], *asked.several[:1])
    for access in asked.rows:
        yield (*equal, Part(access.term, "range"), *(Part(term, "range") for term in access.row))
    for part in asked.ranges:
        yield (*equal, part)
    yield equal
    yield asked.equal[:_MOST_EQUAL]


def _joined(asked: _Asked) -> Iterator[Parts]:
    """Yield what a join looks up, with what else must equal before or behind it, and a range."""
    equal = (*asked.equal[: _MOST_EQUAL - 1], *asked.several[:1])
    for joined in asked.joins.values():
        yield (*joined, *equal)
        yield (*equal, *joined)
        for part in asked.ranges:
            yield (*joined, *equal, part)
        yield joined
    if len(asked.joins) > 1:
        yield _unique(chain(*asked.joins.values()))[:_MOST_EQUAL]


def _operands(asked: _Asked) -> Iterator[Parts]:
    """Yield an index for each operand of an OR: a bitmap can be made of all of them."""
    for operand in asked.demand.alternatives:
        equal = tuple(Part(each.term, "OR") for each in operand if each.how in {How.EQUAL, How.SEVERAL})
        ranges = [part for each in operand if (part := asked.ranged(each)) is not None]
        yield (*equal[:_MOST_EQUAL], *ranges[:1])


def _unique(parts: Iterator[Part] | Sequence[Part]) -> Parts:
    """Keep the first part on each term."""
    kept: dict[Term, Part] = {}
    for part in parts:
        kept.setdefault(part.term, part)
    return tuple(kept.values())


def _fitting(parts: Parts) -> Parts:
    """Take out what comes twice, and what is too much."""
    return _unique(parts)[:_MOST_KEYS]


def why(parts: Parts) -> str:
    """Say in words what each key is for."""
    said: list[str] = []
    by_purpose: dict[str, list[str]] = {}
    for part in parts:
        by_purpose.setdefault(part.purpose, []).append(part.term.sql)
    for purpose, terms in by_purpose.items():
        names = " and ".join(terms)
        said.append(_PURPOSES[purpose].format(names))
    return ", ".join(said)


_PURPOSES: Mapping[str, str] = {
    "equal": "finds rows by {}",
    "join": "finds the rows that a join asks for by {}",
    "range": "finds the range of {}",
    "OR": "finds by {} what one operand of OR asks for",
    "GROUP BY": "gives the rows by {}, as GROUP BY needs them",
    "DISTINCT": "gives the rows by {}, as DISTINCT needs them",
    "OVER": "gives the rows by {}, as the window needs them",
    "min()": "has the least {} at its end",
    "max()": "has the greatest {} at its end",
    "ORDER BY": "gives the order of {}",
}


def candidate(demand: Demand, parts: Parts) -> Candidate:
    """Return the plain index on these keys."""
    return Candidate(demand.table.name, tuple(part.key for part in parts))
