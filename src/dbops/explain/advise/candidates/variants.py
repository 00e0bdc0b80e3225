"""Variants of an index: on a part of the rows, or with more columns, so that the table need not be read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dbops.explain.advise.candidate import Candidate
from dbops.explain.advise.candidates.access import Access, How
from dbops.explain.advise.candidates.compose import Parts, candidate
from dbops.explain.advise.candidates.demand import Demand
from dbops.explain.advise.candidates.terms import of_column
from dbops.explain.advise.facts import Facts, TableFacts
from dbops.lint.queries.types import plain
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation

Shares = Mapping[tuple[Relation, str], float]
"""Of a table and a condition on it, the share of the rows that meet it (0 to 1)."""

_FEW_VALUES = 50
_SMALL_SHARE = 0.25
"""A partial index serves fewer queries: that pays where three quarters of the rows are left out (dbops's own)."""
_MOST_INCLUDED = 4
_MOST_INCLUDED_BYTES = 64
"""What may be included beside the keys: few and narrow, by dbops's own judgement."""
_UNKNOWN_WIDTH = 32.0
"""What the planner takes for a type of variable width without statistics (get_typavgwidth)."""
_MOST_PREDICATES = 3


def predicates(demand: Demand, facts: Facts, schema: Schema) -> tuple[Access, ...]:
    """Return the conditions that could say which rows a partial index holds: NULLs, flags, and columns of few values.

    They are of the query's own constants, which mean the same each time it is run.
    """
    known = facts.table(demand.table.name)
    enums = {str(name) for name, kind in schema.types.items() if kind == "enum"}
    enums |= {name.name for name, kind in schema.types.items() if kind == "enum"}
    found = (each for each in demand.accesses if each.predicate is not None)
    return tuple(each for each in found if _is_of_few(each, known, enums))[:_MOST_PREDICATES]


def _is_of_few(access: Access, known: TableFacts, enums: set[str]) -> bool:
    if access.term.column is None:
        return False
    if access.predicate is not None and access.predicate.upper().endswith(" NULL"):
        return True
    values = known.column(access.term.column).values(known.rows)
    return access.term.type in {"boolean", *enums} or (values is not None and values <= _FEW_VALUES)


def partial(demand: Demand, parts: Parts, held: tuple[Access, ...], shares: Shares) -> Iterator[Candidate]:
    """Yield the index on these keys for the rows alone that meet one or all of the conditions."""
    rare = [each for each in held if _share(demand, (each,), shares) is not None]
    for chosen in dict.fromkeys([*((each,) for each in rare), tuple(rare)]):
        if chosen and (_share(demand, chosen, shares) or 0.0) <= _SMALL_SHARE:
            fixed = {each.term for each in chosen if each.how is not How.ONLY}
            keys = tuple(part for part in parts if part.term not in fixed) or _fallback(demand, parts)
            where = " AND ".join(f"({each.predicate})" if len(chosen) > 1 else str(each.predicate) for each in chosen)
            yield replace(candidate(demand, keys), predicate=where)


def _share(demand: Demand, held: tuple[Access, ...], shares: Shares) -> float | None:
    """Return the share of the rows that meet all of the conditions, as if they had nothing to do with each other."""
    found = 1.0
    for each in held:
        share = shares.get((demand.table.name, each.predicate or ""))
        if share is None:
            return None
        found *= share
    return found


def _fallback(demand: Demand, parts: Parts) -> Parts:
    """Return what an index is on whose condition says it all: the primary key, by which rows are told apart."""
    primary = demand.table.primary_key
    column = (
        demand.table.column(primary.columns[0] or "") if primary is not None and len(primary.columns) == 1 else None
    )
    if column is None:
        return parts
    return (replace(parts[0], term=of_column(column, plain(column.type)), purpose="primary key"),)


def covering(demand: Demand, index: Candidate, facts: Facts) -> Candidate | None:
    """Return the index with the columns that the query reads beside its keys, None where they are many or wide."""
    if demand.reads is None:
        return None
    keys = {key.column for key in index.keys}
    rest = tuple(column.name for column in demand.table.columns if column.name in demand.reads - keys)
    known = facts.table(demand.table.name)
    width = sum(known.column(name).width or _UNKNOWN_WIDTH for name in rest)
    if not rest or len(rest) > _MOST_INCLUDED or width > _MOST_INCLUDED_BYTES:
        return None
    return replace(index, include=rest)
