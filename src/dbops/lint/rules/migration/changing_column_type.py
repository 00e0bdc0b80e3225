"""A change of a column's type rewrites the table, unless every value stays as it is stored.

Why: A rewrite writes every row, and every index, anew under an ACCESS EXCLUSIVE lock: minutes to hours in which nobody
reads or writes the table. Free are, among others, a longer or no length of `varchar`, `varchar` to `text`, more digits
of a `numeric` of the same scale, `cidr` to `inet`; and `timestamp` to `timestamptz` where TimeZone is UTC.

Instead: Add a column of the new type, keep it equal by a trigger, fill it in batches, and let the application change
over; then drop the old one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import in_turn
from dbops.lint.changes.passes import retyping
from dbops.lint.changes.retype import Cost
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.typename import spelled
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Node, Relation, choice, definition

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
REWRITES = True
_TABLE = (
    "-- schema: CREATE TABLE orders (id int PRIMARY KEY, code varchar(20), price numeric(10, 2), at timestamp, "
    "note text, net cidr, flags varbit(8), due timestamptz(3))\n"
)
BAD = (
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN id TYPE bigint",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN code TYPE varchar(10)",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN price TYPE numeric(12, 3)",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN note TYPE varchar(100)",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN at TYPE date USING at::date",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN due TYPE timestamptz(0)",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN net TYPE text",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN code SET DATA TYPE text USING upper(code)",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN code TYPE char(20)",
)
GOOD = (
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN code TYPE varchar(40)",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN code TYPE varchar",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN code TYPE text USING code::text",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN price TYPE numeric(14, 2)",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN price TYPE numeric",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN note TYPE varchar",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN net TYPE inet",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN flags TYPE varbit(16)",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN due TYPE timestamptz",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN id TYPE int",
    "CREATE TABLE lines (id int);\nALTER TABLE lines ALTER id TYPE bigint",
)


def check(change: Change) -> Iterator[Found]:
    """Find type changes that write every row anew, or may do so."""
    if not change.is_shared() or choice(change.node, "objtype") != "OBJECT_TABLE":
        return
    for command in change.commands:
        if choice(command, "subtype") == "AT_AlterColumnType":
            cost = retyping(change, command)
            if cost is not Cost.NOTHING:
                yield _found(change, command, cost)
            elif definition(command).HasField("coll_clause"):
                yield from _collation(change, command)


def _found(change: Change, command: Node, cost: Cost) -> Found:
    mode = change.locks[0].mode
    rewrites = {Cost.REWRITE: "rewrites", Cost.REWRITE_UNLESS_UTC: "(unless TimeZone is UTC) rewrites"}
    return change.found(
        f"changing the type of {command.name}{_types(change, command)} {rewrites.get(cost, 'may rewrite')} "
        f"{change.sized()} under an {mode} lock: {mode.blocks} wait",
        _hint(change, command, cost),
        location=definition(command).location,
        severity=weighed(change.table(), SEVERITY),
    )


def _collation(change: Change, command: Node) -> Iterator[Found]:
    """Find what another collation costs: not the table, but the indexes that are sorted by it."""
    table = change.table()
    indexes = [index.name for index in table.indexes if command.name in index.columns] if table else []
    if indexes:
        mode = change.locks[0].mode
        yield change.found(
            f"changing the collation of {command.name} rebuilds {', '.join(indexes)} under an {mode} lock on "
            f"{change.sized()}: {mode.blocks} wait",
            "drop the index first and create it CONCURRENTLY after; or a new column, filled in batches",
            location=definition(command).location,
            severity=weighed(table, SEVERITY),
        )


def _types(change: Change, command: Node) -> str:
    table = change.table()
    column = None if table is None else table.column(command.name)
    return "" if column is None else f" from {column.type} to {spelled(definition(command).type_name, change.schema)}"


def _hint(change: Change, command: Node, cost: Cost) -> str:
    table, name = change.target, Relation(None, command.name)
    new = Relation(None, f"{command.name}_new")
    old = Relation(None, f"{command.name}_old")
    way = in_turn(
        f"ALTER TABLE {table} ADD COLUMN {new} {spelled(definition(command).type_name, change.schema)};\n"
        f"-- keep {new} equal to {name} by a trigger, and fill it in batches",
        f"ALTER TABLE {table} RENAME COLUMN {name} TO {old};\nALTER TABLE {table} RENAME COLUMN {new} TO {name};",
        f"ALTER TABLE {table} DROP COLUMN {old};",
    )
    if cost is Cost.REWRITE_UNLESS_UTC:
        return f"SET LOCAL TimeZone = 'UTC'; -- before it, if that is what {name} means; else\n{way}"
    return way
