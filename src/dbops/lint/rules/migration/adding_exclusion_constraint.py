"""An EXCLUDE constraint builds its index under a lock that stops reads and writes.

Why: The ACCESS EXCLUSIVE lock of ALTER TABLE is held until the index is built and every row is compared. There is no
CONCURRENTLY, no NOT VALID and no USING INDEX for it.

Instead: Add it while the table is small; else to a new table that takes the old one's place once its rows are copied.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.columns import added_constraints
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
SCANS = True
BAD = (
    "-- schema: CREATE TABLE bookings (id bigint PRIMARY KEY, during tsrange)\n"
    "ALTER TABLE bookings ADD CONSTRAINT bookings_overlap EXCLUDE USING gist (during WITH &&)",
)
GOOD = (
    "CREATE TABLE bookings (id bigint PRIMARY KEY, during tsrange);\n"
    "ALTER TABLE bookings ADD CONSTRAINT bookings_overlap EXCLUDE USING gist (during WITH &&)",
    "CREATE TABLE bookings (during tsrange, EXCLUDE USING gist (during WITH &&))",
)


def check(change: Change) -> Iterator[Found]:
    """Find exclusion constraints that are built while everything waits."""
    if not change.is_shared():
        return
    for added in added_constraints(change, "CONSTR_EXCLUSION"):
        mode = change.locks[0].mode
        yield change.found(
            f"adding the constraint builds its index under an {mode} lock on {change.sized()}: {mode.blocks} wait",
            f"there is no concurrent way: run it when {change.target} is idle, or add it to a new table that takes its "
            "place",
            location=added.constraint.location,
            severity=weighed(change.table(), SEVERITY),
        )
