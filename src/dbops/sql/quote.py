"""Values and names as SQL text."""

from __future__ import annotations

import math


def literal(value: str | int | float | bool | None) -> str:
    """Return the value as a literal that means the same whatever ``standard_conforming_strings`` is.

    A negative number begins with a space, so that ``-`` before it makes no comment. Raises ValueError for text
    with a NUL character, which PostgreSQL cannot store.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and not math.isfinite(value):
        return f"'{value}'::float8"
    if isinstance(value, int | float):
        return f" {value!r}" if math.copysign(1, value) < 0 else repr(value)
    return _text(value)


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("a text value of PostgreSQL cannot hold a NUL character")
    quoted = "'" + value.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in value else quoted


def identifier(name: str) -> str:
    """Return the name in double quotes. Raises ValueError for an empty name or one with a NUL character."""
    if not name or "\0" in name:
        raise ValueError(f"not a name PostgreSQL can hold: {name!r}")
    return '"' + name.replace('"', '""') + '"'
