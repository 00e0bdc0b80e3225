"""What it costs to change a column's type: nothing, where every value stays as it is stored. Pure.

PostgreSQL leaves the table alone when the old type is binary coercible to the new one, and when a cast to the same
type with another length or precision can't change a value (the support functions of ``varchar``, ``numeric``,
``varbit`` and the times). The rest is a rewrite.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

_TYPE = re.compile(
    r"(?P<name>[^(\[]+?)(?:\((?P<numbers>[-0-9, ]+)\))?(?P<zone> with(?:out)? time zone)?(?P<array>\[\])*"
)
_TEXT, _VARCHAR, _NUMERIC = "text", "character varying", "numeric"
_STAMPS = frozenset({"timestamp without time zone", "timestamp with time zone"})
_TIMES = _STAMPS | {"time without time zone", "time with time zone", "interval"}
_FINEST = 6  # digits of a second: what a time has without a precision
_BINARY_COERCIBLE = frozenset(
    {(_VARCHAR, _TEXT), (_TEXT, _VARCHAR), ("cidr", "inet"), ("integer", "oid"), ("oid", "integer"), ("xml", _TEXT)}
)
# fmt: off
_BUILT_IN = _TIMES | {
    _TEXT, _VARCHAR, _NUMERIC, "bigint", "bit", "bit varying", "boolean", "bytea", "character", "cidr", "date",
    "double precision", "inet", "integer", "json", "jsonb", "macaddr", "money", "oid", "point", "real", "smallint",
    "tsvector", "uuid", "xml",
}
# fmt: on


class Cost(Enum):
    """What changing a column's type does to the table."""

    NOTHING = "nothing"
    REWRITE = "rewrite"
    REWRITE_UNLESS_UTC = "rewrite unless TimeZone is UTC"
    UNKNOWN = "unknown"


class _Type(NamedTuple):
    name: str
    numbers: tuple[int, ...]
    array: bool


def cost(old: str, new: str) -> Cost:
    """Return what it costs to turn a column of one type into another; both spelled as ``format_type`` does."""
    if old == new:
        return Cost.NOTHING
    before, after = _read(old), _read(new)
    if before is None or after is None or not {before.name, after.name} <= _BUILT_IN:
        return Cost.UNKNOWN
    if before.array != after.array:
        return Cost.REWRITE
    found = _between(before, after)
    return Cost.UNKNOWN if before.array and found is Cost.NOTHING else found


def _read(text: str) -> _Type | None:
    match = _TYPE.fullmatch(text)
    if match is None:
        return None
    numbers = tuple(int(number) for number in match["numbers"].split(",")) if match["numbers"] else ()
    return _Type(match["name"] + (match["zone"] or ""), numbers, match["array"] is not None)


def _between(before: _Type, after: _Type) -> Cost:
    if before.name == after.name:
        return Cost.NOTHING if _loses_nothing(before, after) else Cost.REWRITE
    if {before.name, after.name} == _STAMPS:
        return Cost.REWRITE_UNLESS_UTC if _digits(after) == _FINEST else Cost.REWRITE
    coercible = (before.name, after.name) in _BINARY_COERCIBLE and not after.numbers
    return Cost.NOTHING if coercible else Cost.REWRITE


def _loses_nothing(before: _Type, after: _Type) -> bool:
    """Whether every value of a type fits, unchanged, the same type with other numbers behind it."""
    if after.name in _TIMES:
        return _as_fine(before, after)
    if after.name not in {_VARCHAR, _NUMERIC, "bit varying"}:
        return False
    if not after.numbers:
        return True
    return bool(before.numbers) and before.numbers[0] <= after.numbers[0] and before.numbers[1:] == after.numbers[1:]


def _as_fine(before: _Type, after: _Type) -> bool:
    return _digits(before) <= _digits(after)


def _digits(time: _Type) -> int:
    """Return how many digits of a second a type of times keeps."""
    return time.numbers[0] if time.numbers else _FINEST
