"""`DETACH PARTITION` without CONCURRENTLY blocks reads and writes of the whole partitioned table.

Why: It takes an ACCESS EXCLUSIVE lock on the parent, and so on what every query of it needs. It is quick once it has
the lock, but it waits for every running query, and everything that comes after it waits behind it.

Instead: `DETACH PARTITION … CONCURRENTLY`, outside of a transaction. It is not possible while the table has a default
partition.

Versions: CONCURRENTLY is there since PostgreSQL 14.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Edit, Found
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import choice, definition, relation

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
FIXABLE = True
_SINCE = 14
BAD = (
    "-- schema: CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at)\n"
    "-- schema: CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')\n"
    "-- pg: 14\n"
    "ALTER TABLE events DETACH PARTITION events_2020",
)
GOOD = (
    "-- schema: CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at)\n"
    "-- schema: CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')\n"
    "-- pg: 14\n"
    "ALTER TABLE events DETACH PARTITION events_2020 CONCURRENTLY",
    "-- schema: CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at)\n"
    "-- schema: CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')\n"
    "-- pg: 13\n"
    "ALTER TABLE events DETACH PARTITION events_2020",
)


def check(change: Change) -> Iterator[Found]:
    """Find partitions detached under a lock on their parent."""
    if change.pg_version < _SINCE or not change.is_shared():
        return
    for command in change.commands:
        if choice(command, "subtype") == "AT_DetachPartition" and not definition(command).concurrent:
            end = change.statement.start + len(change.statement.text)
            partition = relation(definition(command).name)
            yield change.found(
                f"detaching takes an {change.locks[0].mode} lock on {change.target}: reads and writes of all its "
                "partitions wait, also while it waits itself",
                "-- in a migration of its own (no transaction; not while there is a default partition):\n"
                f"ALTER TABLE {change.target} DETACH PARTITION {partition} CONCURRENTLY;",
                edits=(Edit(end, end, " CONCURRENTLY"),) if change.may_stand_alone else (),
            )
