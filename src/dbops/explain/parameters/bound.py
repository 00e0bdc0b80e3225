"""A query with values in place of its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dbops.errors import UsageError
from dbops.explain.statement import Query
from dbops.results.explain import Scenario
from dbops.sql.offsets import Offsets, Replacement, replaced
from dbops.sql.parameters import places
from dbops.sql.quote import literal

_UNTYPED = frozenset({"", "unknown"})


@dataclass(frozen=True, slots=True)
class Bound:
    """``sql`` can be run as it stands; ``offsets`` lead from it to the source's text.

    ``literals`` are the texts that were put in for parameters, by which later parts know what was no constant of the
    query's own, ``values`` what they stand for. ``secret`` says that the values are from rows of the database.
    """

    sql: str
    offsets: Offsets
    scenario: Scenario
    literals: frozenset[str] = frozenset()
    values: Mapping[int, str | None] = field(default_factory=dict)
    secret: bool = False


def bind(
    query: Query, values: Mapping[int, str | None], types: Sequence[str], *, name: str, secret: bool = False
) -> Bound:
    """Return the query with these values; ``types`` are those of ``$1``, ``$2`` …, where they are known.

    A parameter without a value stays one.
    """
    found = [place for place in places(query.sql) if place[0] in values]
    texts = {number: _spelled(values[number], _type(types, number)) for number, _, _ in found}
    replacements = [Replacement(start, end, texts[number]) for number, start, end in found]
    sql, offsets = replaced(query.sql, replacements)
    shown = {name: values[number] for number, name in query.parameters.items() if number in values}
    return Bound(sql, offsets.through(query.offsets), Scenario(name, shown), frozenset(texts.values()), values, secret)


def unbound(query: Query, name: str) -> Bound:
    """Return the query as it is: without parameters, or with none of them given a value."""
    return Bound(query.sql, query.offsets, Scenario(name, {}))


def given(query: Query, values: Mapping[str, str | None]) -> dict[int, str | None]:
    """Return the values of ``-p NAME=VALUE`` by the parameters' numbers. Raises UsageError for a name it hasn't."""
    numbers = {name: number for number, name in query.parameters.items()}
    numbers |= {str(number): number for number in query.parameters}
    for name in values:
        if name not in numbers:
            known = ", ".join(dict.fromkeys(query.parameters.values())) or "none"
            raise UsageError(
                f"the query has no parameter {name!r} (it has: {known})",
                hint="-p takes a parameter's name as the query writes it, or its number: -p status=new -p 2=10",
                details=[{"field": "-p", "error": f"unknown parameter {name}"}],
            )
    return {numbers[name]: value for name, value in values.items()}


def _type(types: Sequence[str], number: int) -> str:
    return types[number - 1] if 0 < number <= len(types) else ""


def _spelled(value: str | None, type_name: str) -> str:
    """Return the value as PostgreSQL takes a parameter: a constant of that very type."""
    text = literal(value)
    return text if type_name in _UNTYPED else f"({text}::{type_name})"
