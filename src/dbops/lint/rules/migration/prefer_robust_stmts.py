"""A script of several statements without a transaction can't be run again after it failed half-way.

Why: What ran before the failure stays. The second try then stops at the first statement, because the table that it
creates exists, or the one that it drops does not.

Instead: One transaction around the whole, or IF [NOT] EXISTS. Told only of plain scripts: a migration that dbops runs
is in a transaction, or its statements are journalled one by one. Never of CREATE INDEX CONCURRENTLY, where IF NOT
EXISTS takes the invalid index of a failed try for a good one (see `concurrent-index-if-not-exists`).
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import subcommands
from dbops.lint.rule import Edit, Found
from dbops.lint.script import Origin
from dbops.results.lint import Severity
from dbops.sql.effects import sets_session
from dbops.sql.nodes import choice, definition, kind

SEVERITY = Severity.INFO
NODES = (
    "AlterTableStmt", "CreateExtensionStmt", "CreateSchemaStmt", "CreateSeqStmt", "CreateStmt", "DropStmt", "IndexStmt",
)  # fmt: skip
FIXABLE = True
BAD = (
    "-- plain\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE shops (id bigint PRIMARY KEY)",
    "-- plain\n-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, note text)\n"
    "ALTER TABLE orders ADD COLUMN memo text, DROP COLUMN note;\nDROP TABLE orders",
    "-- plain\n-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, a int)\n"
    "CREATE UNIQUE INDEX orders_a ON orders (a);\nDROP INDEX orders_a",
)
GOOD = (
    "-- plain\nCREATE TABLE orders (id bigint PRIMARY KEY)",
    "-- plain\nBEGIN;\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE shops (id bigint);\nCOMMIT",
    "-- plain\nCREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY);\nDROP TABLE IF EXISTS shops",
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE shops (id bigint PRIMARY KEY)",
)
_IF_NOT_EXISTS = " IF NOT EXISTS"
_IF_EXISTS = " IF EXISTS"
_CREATED = {
    "CreateStmt": "TABLE",
    "CreateSchemaStmt": "SCHEMA",
    "CreateSeqStmt": "SEQUENCE",
    "CreateExtensionStmt": "EXTENSION",
    "IndexStmt": "INDEX",
}


def check(change: Change) -> Iterator[Found]:
    """Find statements that fail when they are run a second time."""
    if change.script.origin is not Origin.SQL or change.in_transaction or _is_alone(change):
        return
    match kind(change.node):
        case "DropStmt":
            if not (change.node.missing_ok or change.node.concurrent):
                yield _found(change, "IF EXISTS", _into_drop(change))
        case "AlterTableStmt":
            yield from _columns(change)
        case name if not change.node.if_not_exists and not _is_apart(change):
            # An index on a table in use is to be built concurrently, and IF NOT EXISTS would hide that it failed.
            later = name == "IndexStmt" and change.is_shared()
            edits = () if later else change.inserted(change.word(_CREATED[name]), _IF_NOT_EXISTS)
            yield _found(change, "IF NOT EXISTS", edits)


def _is_alone(change: Change) -> bool:
    """Whether there is nothing else in the script that could have been done before."""
    return all(each is change.statement or sets_session(each.node) for each in change.script.statements)


def _is_apart(change: Change) -> bool:
    """Whether IF NOT EXISTS can't be said: of an index without a name; or should not: of one built concurrently."""
    return kind(change.node) == "IndexStmt" and (change.node.concurrent or not change.node.idxname)


def _into_drop(change: Change) -> tuple[Edit, ...]:
    what = choice(change.node, "remove_type").removeprefix("OBJECT_").replace("MATVIEW", "VIEW").split("_")[-1]
    return change.inserted(change.word(what), _IF_EXISTS)


def _columns(change: Change) -> Iterator[Found]:
    for command, _ in subcommands(change, "AT_AddColumn"):
        if not command.missing_ok:
            location = definition(command).location
            before = change.statement.offset(location)
            yield _found(change, "IF NOT EXISTS", (Edit(before, before, "IF NOT EXISTS "),), *change.place(location))
    for subtype in ("AT_DropColumn", "AT_DropConstraint"):
        for command, (start, end) in subcommands(change, subtype):
            if not command.missing_ok:
                edits = () if start is None else (Edit(start, start, "IF EXISTS "),)
                yield _found(change, "IF EXISTS", edits, start, end)


def _found(
    change: Change, words: str, edits: tuple[Edit, ...], start: int | None = None, end: int | None = None
) -> Found:
    return Found(
        "the script can't be run again after it failed half-way: this statement fails the second time",
        f"{words}, or BEGIN; … COMMIT; around the whole",
        start,
        end,
        edits=edits,
    )
