"""A serial or identity column added to a table rewrites it.

Why: Every row gets a number: it is written anew under an ACCESS EXCLUSIVE lock, and every index with it, while nobody
reads or writes the table.

Instead: Add a plain column and a sequence for its default (then it is for new rows), fill the old rows in batches.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.columns import added_columns, numbers_itself
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.naming import object_name
from dbops.schema.typename import serial, spelled
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Node, Relation

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
REWRITES = True
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
BAD = (
    f"{_TABLE}ALTER TABLE orders ADD COLUMN number bigserial",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY",
    "-- schema: CREATE TABLE notes (body text)\nALTER TABLE notes ADD COLUMN id serial PRIMARY KEY",
)
GOOD = (
    f"{_TABLE}CREATE SEQUENCE orders_number_seq;\n"
    "ALTER TABLE orders ADD COLUMN number bigint;\n"
    "ALTER TABLE orders ALTER COLUMN number SET DEFAULT nextval('orders_number_seq')",
    "CREATE TABLE lines (total bigint);\nALTER TABLE lines ADD id bigserial",
)


def check(change: Change) -> Iterator[Found]:
    """Find columns that number every row."""
    if not change.is_shared():
        return
    for _, column in added_columns(change):
        if numbers_itself(column):
            mode = change.locks[0].mode
            yield change.found(
                f"adding {column.colname} numbers every row and so rewrites {change.sized()} under an {mode} lock: "
                f"{mode.blocks} wait",
                _hint(change, column),
                location=column.location,
                severity=weighed(change.table(), SEVERITY),
            )


def _hint(change: Change, column: Node) -> str:
    table, name = change.target, Relation(None, column.colname)
    type_ = serial(column.type_name) or spelled(column.type_name, change.schema)
    sequence = Relation(table.schema, object_name(table.name, column.colname, "seq"))
    return (
        f"ALTER TABLE {table} ADD COLUMN {name} {type_};\nCREATE SEQUENCE {sequence} OWNED BY {table}.{name};\n"
        f"ALTER TABLE {table} ALTER {name} SET DEFAULT nextval('{str(sequence).replace(chr(39), chr(39) * 2)}');\n"
        "-- then fill the old rows in batches"
    )
