"""Slow work, or a second table, after an ACCESS EXCLUSIVE lock was taken in the same transaction.

Why: A lock is held until the transaction ends. What comes after the ALTER TABLE, DROP or TRUNCATE that took it
lengthens the time in which nobody reads or writes that table: a backfill, an index build, the scan of another table.
And two tables that are locked one after the other deadlock with a transaction that uses them in the other order.

Instead: Put the slow statement before the lock is taken or, better, into a migration of its own; one locked table a
transaction.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from dbops.lint.changes.change import Change, locked
from dbops.lint.changes.columns import adds_constraint
from dbops.lint.changes.passes import Pass, passes
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Lock, Mode
from dbops.sql.nodes import Node, choice, kind
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
    """Find what makes a transaction hold its strongest lock for longer."""
    if not change.earlier:
        return
    slow = passes(change)
    wanted = [lock for lock in change.locks if _stops_all(change, lock)] if _locks_tables(change.node) else []
    held = _held(change) if slow or wanted else None
    if held is None:
        return
    since, lock = held
    if _only_validates(change, since):
        return  # that is constraint-missing-not-valid's
    before = f"{lock.relation} is locked {lock.mode} since line {change.line(since)}"
    own = {each.relation for each in wanted}
    if slow and not (lock.relation in own and {str(each.table) for each in slow} <= own):
        yield _slow(change, slow[0], before, lock)
    elif wanted and lock.relation not in own:
        yield change.found(
            f"{wanted[0].relation} is locked {wanted[0].mode} while {before}: reads and writes of both wait, and a "
            "transaction that uses them in the other order deadlocks with this one",
            f"move it into a migration of its own, so that {lock.relation} is free again before",
            severity=Severity.INFO,
        )


def _slow(change: Change, work: Pass, before: str, lock: Lock) -> Found:
    size = change.sized(work.table)
    return change.found(
        f"the statement {work.what} {size} while {before}: its {lock.mode.blocks} wait for that, too",
        "move it into a migration of its own",
        severity=weighed(change.table(work.table), SEVERITY),
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
