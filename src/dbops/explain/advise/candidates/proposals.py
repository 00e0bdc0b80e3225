"""All indexes worth asking about for a query, the most promising first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.candidates.access import Access, How
from dbops.explain.advise.candidates.compose import Parts, candidate, compositions, why
from dbops.explain.advise.candidates.demand import Demand, demands
from dbops.explain.advise.candidates.instances import Instance, stem
from dbops.explain.advise.candidates.inverted import TRIGRAMS
from dbops.explain.advise.candidates.scene import Scene, scene
from dbops.explain.advise.candidates.variants import Shares, covering, partial, predicates
from dbops.explain.advise.facts import Facts
from dbops.lint.queries.written import name as quoted
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation
from dbops.sql.query import QueryUnreadable

_CORRELATED = 0.9
"""How well a column's order must follow the table's for BRIN to leave out most of it (dbops's own threshold)."""
_BIG_PAGES = 8192
"""Pages (64 MB) from which BRIN's small size matters (dbops's own threshold)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An index to ask about, and what it would do."""

    candidate: Candidate
    why: str


@dataclass(frozen=True, slots=True)
class Dismissed:
    """An index that is not even asked about, and the plain reason."""

    candidate: Candidate
    reason: str


def read(query: Scene | None, found: Sequence[Instance], schema: Schema, facts: Facts) -> tuple[Demand, ...]:
    """Return what a query asks of its tables; of those that its text doesn't name, as behind a view, the plan says."""
    said = () if query is None else demands(query)
    named = {(demand.table.name, demand.alias) for demand in said}
    hidden = {
        (each.table, each.alias): each
        for each in reversed(found)  # so that of partitions the first one stays
        if not {(table, name) for table in (each.table, each.leaf) for name in each.names | set(map(stem, each.names))}
        & named
    }
    return (*said, *(demand for each in hidden.values() for demand in _of_plan(each, schema, facts)))


def _of_plan(instance: Instance, schema: Schema, facts: Facts) -> Iterator[Demand]:
    """Yield what the plan asks of a table; constants in it may be a parameter's, so nothing in it makes a predicate."""
    conditions = (*instance.conditions, *(text for _, text in instance.joins))
    texts = [instance.sql(conditions)]
    for node, keys in instance.sorts:
        parent = instance.above[instance.above.index(node) + 1 :][:1]
        limit = bool(parent) and parent[0].kind == "Limit"
        texts.append(instance.sql(conditions, order=keys, limit=limit))
    for text in texts:
        try:
            found = demands(scene(text, schema, facts))
        except QueryUnreadable:
            continue
        for demand in found:
            yield replace(demand, accesses=tuple(replace(each, predicate=None) for each in demand.accesses), reads=None)


def conditions_of_parts(found: Iterable[Demand], facts: Facts, schema: Schema) -> tuple[tuple[Relation, str], ...]:
    """Return the conditions of which it must be known what share of a table meets them."""
    asked = (
        (demand.table.name, each.predicate or "") for demand in found for each in predicates(demand, facts, schema)
    )
    return tuple(dict.fromkeys(asked))


def propose(
    found: Iterable[Demand], hot: Mapping[Relation, float], facts: Facts, shares: Shares, schema: Schema
) -> tuple[tuple[Proposal, ...], tuple[Dismissed, ...]]:
    """Return the indexes to ask about, those of the tables first that take the most, and those that won't do."""
    wanted = sorted((each for each in found if each.table.name in hot), key=lambda each: -hot[each.table.name])
    proposals: dict[Candidate, Proposal] = {}
    dismissed: dict[Candidate, Dismissed] = {}
    for demand in wanted:
        for each in (*_inverted(demand, facts), *_ordered(demand, facts, shares, schema)):
            if isinstance(each, Dismissed):
                dismissed.setdefault(each.candidate, each)
            else:
                proposals.setdefault(each.candidate, each)
    return tuple(_without_turned(proposals.values())), tuple(dismissed.values())


def _without_turned(proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """Leave out what differs from one before in the directions of its keys alone, where it needs none itself."""
    seen: set[Candidate] = set()
    for each in proposals:
        plain = replace(each.candidate, keys=tuple(_undirected(key) for key in each.candidate.keys))
        if plain not in seen or each.candidate != plain:
            seen.add(plain)
            yield each


def _undirected(key: Key) -> Key:
    return replace(key, descending=False, nulls_first=None)


def _ordered(demand: Demand, facts: Facts, shares: Shares, schema: Schema) -> Iterator[Proposal]:
    """Yield B-trees with their variants, and BRIN."""
    held = predicates(demand, facts, schema)
    found = compositions(demand, facts)
    for parts in found:
        index = candidate(demand, parts)
        yield Proposal(index, why(parts))
        if not any(_begins(other, parts) for other in found):
            yield from _covering(demand, index, parts, facts)
        for part in partial(demand, parts, held, shares):
            yield Proposal(part, f"{_why_of_keys(part, parts)}holds only the rows with {part.predicate}")
    yield from _brin(demand, facts)


def _begins(longer: Parts, parts: Parts) -> bool:
    return len(longer) > len(parts) and longer[: len(parts)] == parts


def _covering(demand: Demand, index: Candidate, parts: Parts, facts: Facts) -> Iterator[Proposal]:
    found = covering(demand, index, facts)
    if found is not None:
        yield Proposal(found, f"{why(parts)}, and has all that the query reads of {demand.table.name.name}")


def _why_of_keys(part: Candidate, parts: Parts) -> str:
    kept = tuple(each for each in parts if each.key in part.keys)
    return f"{why(kept)}, " if kept else ""


def _inverted(demand: Demand, facts: Facts) -> Iterator[Proposal | Dismissed]:
    for access in (*demand.accesses, *(each for operand in demand.alternatives for each in operand)):
        if access.how is not How.INVERTED:
            continue
        opclass = access.opclass
        requires: tuple[str, ...] = ()
        if access.extension is not None:
            extension = facts.extensions.get(access.extension)
            if extension is None:
                continue
            if extension.installed is None:
                requires = (f"CREATE EXTENSION IF NOT EXISTS {quoted(access.extension)}",)
            elif not extension.visible and extension.schema is not None:
                opclass = quoted(extension.schema, access.opclass or "")
        key = Key(access.term.sql, access.term.column, opclass=opclass)
        index = Candidate(demand.table.name, (key,), method="gin", requires=requires)
        yield Proposal(index, _looks(access)) if access.remark is None else Dismissed(index, access.remark)


def _looks(access: Access) -> str:
    if access.opclass == TRIGRAMS:
        return f"finds the rows whose {access.term.sql} has the letters of the pattern, three by three"
    return f"finds the rows by what is in {access.term.sql}"


def _brin(demand: Demand, facts: Facts) -> Iterator[Proposal]:
    known = facts.table(demand.table.name)
    for access in demand.accesses:
        column = access.term.column
        if access.how is not How.RANGE or not access.constant or column is None or (known.pages or 0) < _BIG_PAGES:
            continue
        if abs(known.column(column).correlation or 0.0) >= _CORRELATED:
            index = Candidate(demand.table.name, (Key(access.term.sql, column),), method="brin")
            yield Proposal(index, f"leaves out the pages without any {column} of the range")
