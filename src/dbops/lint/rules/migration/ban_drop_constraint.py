"""Dropping a constraint takes away what running code may count on.

Why: Without a UNIQUE constraint or primary key, `INSERT … ON CONFLICT (columns)` fails at once, duplicates come in, and
the way back fails on the first of them. Without a foreign key or CHECK nothing fails, but rows come in that the code
was never written for.

Instead: Drop it after a release whose code does not count on it. To change one, add the new constraint first (NOT
VALID, then VALIDATE; a unique one from an index built concurrently), and drop the old one last. A CHECK of NOT NULL
that SET NOT NULL has made superfluous is fine to drop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import altered_later, subcommands
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.schema.model import Check, ForeignKey, Index, Table
from dbops.sql.nodes import Relation, choice, definition

SEVERITY = Severity.INFO
NODES = ("AlterTableStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, number bigint CONSTRAINT one_number UNIQUE)\n"
    "ALTER TABLE orders DROP CONSTRAINT one_number",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint CONSTRAINT paid CHECK (total > 0))\n"
    "ALTER TABLE orders DROP CONSTRAINT paid",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint CONSTRAINT paid CHECK (total > 0))\n"
    "ALTER TABLE orders DROP CONSTRAINT paid, ADD CONSTRAINT paid CHECK (total >= 0) NOT VALID",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint NOT NULL,"
    " CONSTRAINT total_set CHECK (total IS NOT NULL))\n"
    "ALTER TABLE orders DROP CONSTRAINT total_set",
)

Constraint: TypeAlias = Check | ForeignKey | Index


def check(change: Change) -> Iterator[Found]:
    """Find constraints that are dropped, and that none of the same name replaces in the same script."""
    if not change.is_shared():
        return
    for command, (start, end) in subcommands(change, "AT_DropConstraint"):
        table = change.table()
        known = _named(table, command.name)
        if (
            _is_superfluous(table, known)
            or _is_of_this_script(change, command.name)
            or _comes_back(change, command.name)
        ):
            continue
        unique = isinstance(known, Index)
        yield Found(
            f"{change.target} no longer has {Relation(None, command.name)}: {_what_happens(known)}",
            "drop it after the last release that counts on it; the way back scans the table and fails on the first "
            "row against it",
            start,
            end,
            Severity.WARNING if unique else None,
        )


def _named(table: Table | None, name: str) -> Constraint | None:
    if table is None:
        return None
    constraints: list[Constraint] = [*table.checks, *table.foreign_keys]
    constraints += [index for index in table.indexes if index.constraint]
    return next((each for each in constraints if each.name == name), None)


def _is_superfluous(table: Table | None, known: Constraint | None) -> bool:
    """Whether it is a CHECK of NOT NULL on a column that is NOT NULL."""
    if table is None or not isinstance(known, Check) or known.not_null is None:
        return False
    column = table.column(known.not_null)
    return column is not None and column.nullable is False


def _is_of_this_script(change: Change, name: str) -> bool:
    """Whether the script made the constraint, or this is a down whose up did."""
    for schema in (change.script.schema, change.script.base):
        before = None if schema is None else schema.table(change.target)
        if before is not None and before.complete and _named(before, name) is None:
            return True
    return False


def _comes_back(change: Change, name: str) -> bool:
    return any(
        choice(command, "subtype") == "AT_AddConstraint" and definition(command).conname == name
        for command in (*change.commands, *altered_later(change))
    )


def _what_happens(known: Constraint | None) -> str:
    match known:
        case Index():
            return f"ON CONFLICT ({', '.join(column or '…' for column in known.columns)}) fails, duplicates come in"
        case ForeignKey():
            return f"rows may point to nothing in {known.referenced}"
        case Check():
            return "rows come in that it kept out"
    return "rows come in that it kept out, and ON CONFLICT fails if it is a unique one"
