"""Slow work, or a second table, after an ACCESS EXCLUSIVE lock was taken in the same transaction.

Why: A lock is held until the transaction ends. What comes after the ALTER TABLE, DROP or TRUNCATE that took it
lengthens the time in which nobody reads or writes that table: a backfill, an index build, the scan of another table.
And two tables that are locked one after the other deadlock with a transaction that uses them in the other order.

Instead: Put the slow statement before the lock is taken or, better, into a migration of its own; one locked table a
transaction. Of the slow statements of a transaction the first one is told, and of the further tables the first one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from dbops.lint.changes.change import Change, locked
from dbops.lint.changes.columns import adds_constraint
from dbops.lint.changes.objects import is_down
from dbops.lint.changes.passes import Pass, passes
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Lock, Mode
from dbops.sql.nodes import Node, choice, inner, kind
from dbops.sql.split import Statement

SEVERITY = Severity.WARNING
LOCK = Mode.ACCESS_EXCLUSIVE
_TABLES = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "-- schema: CREATE TABLE customers (id bigint PRIMARY KEY, name text)\n"
)
BAD = tuple(
    _TABLES + text
    for text in (
        "ALTER TABLE orders ADD COLUMN paid boolean;\nUPDATE orders SET paid = total = 0",
        "ALTER TABLE orders ADD COLUMN paid boolean;\nCREATE INDEX customers_name ON customers (name)",
        "ALTER TABLE orders ADD COLUMN paid boolean;\nALTER TABLE customers ADD COLUMN paid boolean",
        "-- plain\nBEGIN;\nTRUNCATE orders;\nINSERT INTO orders SELECT id FROM customers;\nCOMMIT",
    )
)
GOOD = tuple(
    _TABLES + text
    for text in (
        "ALTER TABLE orders ADD COLUMN paid boolean;\nALTER TABLE orders ADD COLUMN note text",
        "ALTER TABLE orders ADD COLUMN paid boolean;\nINSERT INTO customers VALUES (1, 'x')",
        "ALTER TABLE orders ADD COLUMN paid boolean;\nUPDATE orders SET paid = true WHERE id = 1",
        "UPDATE orders SET total = 0 WHERE total IS NULL;\nALTER TABLE orders ADD COLUMN paid boolean",
        "-- plain\nALTER TABLE orders ADD COLUMN paid boolean;\nUPDATE orders SET paid = true",
        "CREATE TABLE lines (id bigint);\nALTER TABLE lines ADD note text;\nUPDATE orders SET total = 0",
    )
)
_OF = {"AlterTableStmt": "objtype", "DropStmt": "remove_type", "AlterObjectSchemaStmt": "object_type"}
_ON_TABLES = frozenset(
    {"ClusterStmt", "CreatePolicyStmt", "CreateStmt", "AlterPolicyStmt", "LockStmt", "RefreshMatViewStmt", "RuleStmt"}
    | {"TruncateStmt", "VacuumStmt"}
)
_TABLES_AND_PARTS = frozenset(
    {"OBJECT_TABLE", "OBJECT_MATVIEW", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE", "OBJECT_TABCONSTRAINT"}
)


def check(change: Change) -> Iterator[Found]:
    """Find the first statement that makes a transaction hold its strongest lock for longer, and the second table."""
    if not change.earlier:
        return
    found = _lengthens(change)
    if found is None or any(_lengthens(each, found.why) for each in _between(change, found.since)):
        return
    if found.why is _Why.SLOW:
        yield _slow(change, found)
    else:
        yield _second(change, found)


class _Why(Enum):
    SLOW = "it goes through a table"
    SECOND = "it locks another table"


@dataclass(frozen=True, slots=True)
class _Lengthens:
    """A statement lengthens the time of a ``lock`` that the transaction holds ``since`` another one.

    ``work`` is the pass that takes its time, ``other`` the lock that it takes itself.
    """

    why: _Why
    since: Statement
    lock: Lock
    work: Pass | None = None
    other: Lock | None = None


def _lengthens(change: Change, why: _Why | None = None) -> _Lengthens | None:
    """Return how a statement does that, or None when it does not (of the kind ``why``, if one is given)."""
    slow = passes(change) if why is not _Why.SECOND or _locks_tables(change.node) else ()
    wanted = [lock for lock in change.locks if _stops_all(change, lock)] if _locks_tables(change.node) else []
    held = _held(change) if slow or wanted else None
    if held is None or _only_validates(change, held[0]):  # the latter is constraint-missing-not-valid's
        return None
    since, lock = held
    own = {each.relation for each in wanted}
    found = None
    if slow and not (lock.relation in own and {str(each.table) for each in slow} <= own):
        found = _Lengthens(_Why.SLOW, since, lock, work=slow[0])
    elif wanted and lock.relation not in own and not is_down(change):  # undoing several tables is a down's task
        found = _Lengthens(_Why.SECOND, since, lock, other=wanted[0])
    return found if found is not None and why in {None, found.why} else None


def _between(change: Change, since: Statement) -> Iterator[Change]:
    """Yield the statements of the transaction between ``since`` and the change.

    They are judged by what is known now, which may make them cheaper than they were, but for types: these have been
    changed by now.
    """
    script = change.script
    before = replace(change.state, schema=script.schema)
    for statement in script.statements[since.index + 1 : change.statement.index]:
        if statement.node is not None:
            yield Change(script, statement, statement.node, before if _retypes(statement.node) else change.state)


def _retypes(node: Node) -> bool:
    return kind(node) == "AlterTableStmt" and any(
        choice(inner(each), "subtype") == "AT_AlterColumnType" for each in node.cmds
    )


def _slow(change: Change, found: _Lengthens) -> Found:
    work, lock = found.work, found.lock
    assert work is not None, "it is slow"
    size = change.sized(work.table)
    return change.found(
        f"the statement {work.what} {size} while {lock.relation} is locked {lock.mode} since line "
        f"{change.line(found.since)}: its {lock.mode.blocks} wait for that, too",
        f"move it, and what is as slow after it, into a migration of its own, so that {lock.relation} is free before",
        severity=weighed(change.table(work.table), SEVERITY),
    )


def _second(change: Change, found: _Lengthens) -> Found:
    lock, other = found.lock, found.other
    assert other is not None, "it locks another table"
    return change.found(
        f"{other.relation} is locked {other.mode} while {lock.relation} is locked {lock.mode} since line "
        f"{change.line(found.since)}: reads and writes of both wait, and a transaction that uses them in the other "
        "order deadlocks with this one",
        f"move it into a migration of its own, so that {lock.relation} is free again before",
        severity=Severity.INFO,
    )


def _held(change: Change) -> tuple[Statement, Lock] | None:
    """Return the first such lock that the transaction holds."""
    opened = change.state.opened or 0
    exclusive = change.script.exclusive
    for index in exclusive[bisect_left(exclusive, opened) : bisect_left(exclusive, change.statement.index)]:
        statement = change.script.statements[index]
        if not _locks_tables(statement.node):
            continue
        for lock in change.script.locks[index]:
            if _stops_all(change, lock):
                return statement, lock
    return None


def _only_validates(change: Change, since: Statement) -> bool:
    """Whether the change does nothing but validate a constraint that the statement ``since`` adds."""
    return kind(change.node) == "AlterTableStmt" and all(
        choice(each, "subtype") == "AT_ValidateConstraint" and adds_constraint(since, change.target, each.name)
        for each in change.commands
    )


def _stops_all(change: Change, lock: Lock) -> bool:
    """Whether it is the strongest lock, on a table that others use and that, as far as is known, is no view."""
    if lock.mode is not LOCK or not lock.named:
        return False
    table = change.script.schema.table(locked(lock))
    return change.is_shared(locked(lock)) and (table is None or table.kind != "view")


def _locks_tables(node: Node | None) -> bool:
    """Whether the relations that a statement locks are tables, rather than views, indexes or sequences."""
    if node is None:
        return False
    name = kind(node)
    if name == "RenameStmt":
        part = choice(node, "rename_type") == "OBJECT_COLUMN"
        return choice(node, "relation_type" if part else "rename_type") in _TABLES_AND_PARTS
    return name in _ON_TABLES or (name in _OF and choice(node, _OF[name]) in _TABLES_AND_PARTS)
