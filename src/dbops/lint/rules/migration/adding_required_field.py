"""A NOT NULL column added without a DEFAULT fails on a table that has rows.

Why: The rows that exist would hold NULL in it. On an empty test database the migration passes, in production it fails.

Instead: Add the column with a DEFAULT (a constant costs nothing), or without NOT NULL, fill it in batches, and make it
NOT NULL then.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import column_type, in_turn
from dbops.lint.changes.columns import added_columns, constraints, numbers_itself
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation

SEVERITY = Severity.ERROR
NODES = ("AlterTableStmt",)
FAILS = True
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n-- schema: INSERT INTO orders VALUES (1)\n"
BAD = (
    f"{_TABLE}ALTER TABLE orders ADD COLUMN total bigint NOT NULL",
    "-- schema: CREATE TABLE notes (body text)\n-- schema: INSERT INTO notes VALUES ('x')\n"
    "ALTER TABLE notes ADD id bigint PRIMARY KEY",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN total bigint NOT NULL DEFAULT NULL",
)
GOOD = (
    f"{_TABLE}ALTER TABLE orders ADD COLUMN total bigint NOT NULL DEFAULT 0",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN total bigint",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY NOT NULL",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN number bigserial NOT NULL",
    "CREATE TABLE lines (id bigint);\nALTER TABLE lines ADD total bigint NOT NULL",
)


def check(change: Change) -> Iterator[Found]:
    """Find columns that the rows that exist can't have."""
    if not change.is_shared():
        return
    for _, column in added_columns(change):
        if constraints(column, "CONSTR_NOTNULL", "CONSTR_PRIMARY") and not _has_value(column):
            name = Relation(None, column.colname)
            yield change.found(
                f"adding {column.colname} as NOT NULL without a DEFAULT fails if {change.target} has a row",
                in_turn(
                    f"ALTER TABLE {change.target} ADD COLUMN {name} {column_type(change, column)};\n"
                    "-- (or with a DEFAULT and NOT NULL at once; else fill it in batches)",
                    f"ALTER TABLE {change.target} ALTER {name} SET NOT NULL;",
                ),
                location=column.location,
            )


def _has_value(column: object) -> bool:
    """Whether the rows that exist get a value in a new column."""
    defaults = constraints(column, "CONSTR_DEFAULT", "CONSTR_GENERATED")
    return numbers_itself(column) or any(not each.raw_expr.a_const.isnull for each in defaults)
