"""A varchar(n) has its limit in its type.

Why: The limit is enforced by a type, so lowering it rewrites the table under an ACCESS EXCLUSIVE lock, and views and
functions that use the column stand in the way of any change. In PostgreSQL `varchar(n)` is no smaller and no faster
than `text`.

Instead: `text`, with a CHECK on its length where there must be one: that can be changed without a rewrite (added NOT
VALID, then validated).
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.definitions import STATEMENTS, Defined, defined, type_words
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import inner, kind

SEVERITY = Severity.INFO
NODES = STATEMENTS
BAD = (
    "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(100))",
    "CREATE TABLE users (id bigint PRIMARY KEY, name character varying(100))",
    "-- schema: CREATE TABLE users (id bigint PRIMARY KEY)\nALTER TABLE users ADD COLUMN name varchar(100)",
)
GOOD = (
    "CREATE TABLE users (id bigint PRIMARY KEY, name text CHECK (length(name) <= 100), nick varchar)",
    "-- schema: CREATE TABLE users (id bigint PRIMARY KEY)\nALTER TABLE users ADD COLUMN name text",
)


def check(change: Change) -> Iterator[Found]:
    """Find varchar columns with a limit."""
    for column in defined(change):
        limit = _limit(column)
        if column.type != "varchar" or limit is None:
            continue
        yield change.found(
            f"the limit of {column.table}.{column.sql} is part of its type: changing it means changing the type",
            f"{column.sql} text CHECK (length({column.sql}) <= {limit})",
            location=column.location,
            words=4 if type_words(change, column)[0].text == "VARCHAR" else 5,  # varchar ( n ),
        )


def _limit(column: Defined) -> int | None:
    """Return n of varchar(n)."""
    modifiers = [inner(each) for each in column.node.type_name.typmods]
    if len(modifiers) != 1 or kind(modifiers[0]) != "A_Const":
        return None
    return int(modifiers[0].ival.ival)
