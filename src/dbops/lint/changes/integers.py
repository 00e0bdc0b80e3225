"""Columns whose integers are too narrow, which two rules ask about. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dbops.lint.changes.change import Change
from dbops.lint.changes.definitions import Defined
from dbops.lint.rule import Edit, Found
from dbops.results.lint import Severity

_KEY_NAME = re.compile(r"(?:^|_)(?i:id)$|[a-z]I[dD]$")
_INTEGERS = frozenset({"smallint", "integer"})


@dataclass(frozen=True, slots=True)
class Integer:
    """Integer types by PostgreSQL's names, each with the wide one in its place; ``limit`` is their largest value.

    ``otherwise`` is the severity for a column that does not look like a key.
    """

    wide: Mapping[str, str]
    limit: str
    otherwise: Severity


def narrow(change: Change, column: Defined, integer: Integer) -> Iterator[Found]:
    """Find the column if it is such an integer and not bound to a key of the same width."""
    wide = integer.wide.get(column.type)
    if wide is None or _follows_a_key(change, column):
        return
    start, end = change.place(column.location)
    key = looks_like_key(column)
    happens = f"inserts fail once {column.sql} passes {integer.limit}" if key else f"it ends at {integer.limit}"
    edits = (Edit(start, end, wide),) if column.is_new else ()
    yield Found(
        f"{column.table}.{column.sql} is {change.script.sql[start:end]}: {happens}, and widening it later rewrites the "
        "table",
        f"{column.sql} {wide}",
        start,
        end,
        None if key else integer.otherwise,
        edits,
    )


def looks_like_key(column: Defined) -> bool:
    """Whether the column numbers rows, its own table's or another's, so that it grows as they do."""
    return column.primary or column.computed or "serial" in column.type or _KEY_NAME.search(column.name) is not None


def _follows_a_key(change: Change, column: Defined) -> bool:
    """Whether the column references a key that is known to be as narrow: that key's width is what counts."""
    if column.references is None:
        return False
    table, name = column.references
    known = change.table(table)
    if known is None:
        return False
    primary = known.primary_key
    key = name or (primary.columns[0] if primary else None)
    referenced = None if key is None else known.column(key)
    return referenced is not None and referenced.type in _INTEGERS
