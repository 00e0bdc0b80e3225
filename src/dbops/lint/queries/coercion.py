"""What PostgreSQL does with a comparison of two types, as far as an index on the first matters. Pure.

The rules are those of ``pg_cast`` and of the btree operator families of ``pg_amop``: a family has operators between
the integers, between the floats, and between date and the timestamps; all else needs a cast.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dbops.lint.queries.types import TIMESTAMP, TIMESTAMPTZ, UNKNOWN

_INTEGERS = frozenset({"smallint", "integer", "bigint"})
_FLOATS = frozenset({"real", "double precision"})
_TEXTS = frozenset({"text", "character varying"})
_FAMILIES = (
    _INTEGERS | _FLOATS | {"numeric"},
    _TEXTS | {"character"},
    frozenset({"date", TIMESTAMP, TIMESTAMPTZ}),
    frozenset({"uuid"}),
    frozenset({"boolean"}),
    frozenset({"jsonb"}),
    frozenset({"bytea"}),
    frozenset({"inet"}),
    frozenset({"interval", "time without time zone"}),
)
_FAMILY = {name: number for number, family in enumerate(_FAMILIES) for name in family}


class Outcome(Enum):
    """What becomes of a comparison."""

    CAST = "the column is cast"
    ERROR = "there is no such operator"
    ZONE = "the result depends on TimeZone"


@dataclass(frozen=True, slots=True)
class Coercion:
    """``outcome`` of comparing a column with a value of type ``other``; ``common`` is what a column is cast to."""

    outcome: Outcome
    other: str
    common: str = ""


def coercion(column: str | None, other: str | None) -> Coercion | None:
    """Return what comparing a column of a type with another type does; None where it is harmless or not known."""
    if column is None or other is None or UNKNOWN in (column, other) or column == other:
        return None
    if _FAMILY.get(column) is None or _FAMILY.get(other) is None:
        return None
    if _FAMILY[column] != _FAMILY[other]:
        return Coercion(Outcome.ERROR, other)
    if {column, other} == {TIMESTAMP, TIMESTAMPTZ}:
        return Coercion(Outcome.ZONE, other)
    common = _common(column, other)
    return None if common is None else Coercion(Outcome.CAST, other, common)


def _common(column: str, other: str) -> str | None:
    """Return the type a column is cast to, None when it stays as it is."""
    if other in _FLOATS and column not in _FLOATS:
        return "double precision"
    if other == "numeric" and column in _INTEGERS:
        return "numeric"
    if column == "character" and other in _TEXTS:
        return "text"
    return None
