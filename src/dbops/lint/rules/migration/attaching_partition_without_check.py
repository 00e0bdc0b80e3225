"""`ATTACH PARTITION` scans the table that becomes a partition, while nobody can read or write it.

Why: Every row is checked against the bounds under an ACCESS EXCLUSIVE lock on that table, and the rows of the default
partition, if there is one, too.

Instead: Add a CHECK that says what the bounds say (and NOT NULL for the key) `NOT VALID`, validate it in a later
transaction, attach, and drop the CHECK: PostgreSQL sees that the rows fit. A CHECK on the default partition that
excludes the bounds does the same there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import in_turn
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.naming import object_name
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Node, Relation, choice, definition, kind, relation, walk

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
SCANS = True
_TABLES = (
    "-- schema: CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at)\n"
    "-- schema: CREATE TABLE events_2026 (id bigint, at date NOT NULL)\n"
)
_ATTACH = "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
BAD = (
    f"{_TABLES}{_ATTACH}",
    f"{_TABLES}-- schema: ALTER TABLE events_2026 ADD CONSTRAINT bounds CHECK (id > 0)\n{_ATTACH}",
)
GOOD = (
    f"{_TABLES}-- schema: ALTER TABLE events_2026 ADD CONSTRAINT bounds "
    f"CHECK (at >= '2026-01-01' AND at < '2027-01-01')\n{_ATTACH}",
    "-- schema: CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at)\n"
    f"CREATE TABLE events_2026 (id bigint, at date NOT NULL);\n{_ATTACH}",
)


def check(change: Change) -> Iterator[Found]:
    """Find tables that are scanned when they become partitions."""
    if choice(change.node, "objtype") != "OBJECT_TABLE":
        return
    for command in change.commands:
        if choice(command, "subtype") == "AT_AttachPartition":
            partition = relation(definition(command).name)
            if change.is_shared(partition) and not _proven(change, partition, definition(command).bound):
                yield _found(change, partition, definition(command).bound)


def _proven(change: Change, partition: Relation, bound: Node) -> bool:
    """Whether a valid CHECK names all values of the bounds: then it was made for them."""
    table = change.table(partition)
    if table is None:
        return False
    checks = [check.expression for check in table.checks if check.validated]
    if bound.is_default or bound.modulus:
        return any(not check.not_null for check in table.checks if check.validated)
    values = _values(bound)
    if not values:
        return bool(checks)
    return any(all(_names(expression, value) for value in values) for expression in checks)


def _names(expression: str, value: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", expression) is not None


def _values(bound: Node) -> list[str]:
    constants = [node for node in walk(bound) if kind(node) == "A_Const"]
    return [str(getattr(getattr(node, which), which)) for node in constants if (which := node.WhichOneof("val"))]


def _found(change: Change, partition: Relation, bound: Node) -> Found:
    mode = next(lock.mode for lock in change.locks if lock.relation == str(partition))
    name = Relation(None, object_name(partition.name, None, "bounds"))
    start = change.statement.offset(bound.location)
    bounds = change.script.sql[start : change.statement.start + len(change.statement.text)]
    fits = "the default partition" if bound.is_default else bounds.removeprefix("FOR VALUES ")
    return change.found(
        f"attaching scans {change.sized(partition)} under an {mode} lock: {mode.blocks} wait; a default partition is "
        "scanned, too",
        in_turn(
            f"ALTER TABLE {partition} ADD CONSTRAINT {name} CHECK (…) NOT VALID; -- that says {fits}",
            f"ALTER TABLE {partition} VALIDATE CONSTRAINT {name};",
            f"{change.statement.text};",
        ),
        severity=weighed(change.table(partition), SEVERITY),
    )
