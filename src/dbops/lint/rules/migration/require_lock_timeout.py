"""A statement waits for its lock without end.

Why: While a strong lock is waited for, everybody who wants the table waits behind it: one long query and an
`ALTER TABLE` that takes a millisecond together stop all reads and writes, for as long as the query runs.

Instead: `SET lock_timeout = '2s'` at the script's start, and run it again when it fails. Migrations that dbops runs
need no such line: dbops sets lock_timeout itself and tries again. Told once, at the first statement it matters for.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.timeouts import LOCKING, unbounded
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode

SEVERITY = Severity.WARNING
NODES = LOCKING
LOCK = Mode.ACCESS_EXCLUSIVE
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n-- plain\nALTER TABLE orders ADD COLUMN note text",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n-- plain\n"
    "SET lock_timeout = 0;\nALTER TABLE orders ADD COLUMN note text",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders ADD COLUMN note text",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n-- plain\n"
    "SET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n-- plain\n"
    "BEGIN;\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\nCOMMIT",
    "-- plain\nCREATE TABLE orders (id bigint PRIMARY KEY);\nALTER TABLE orders ADD COLUMN note text",
)


def check(change: Change) -> Iterator[Found]:
    """Find the first statement of a plain script that waits for a strong lock without a bound."""
    lock = unbounded(change, "lock_timeout")
    if lock is not None:
        yield change.found(
            f"waits without end for its {lock.mode} lock on {lock.relation}, and all {lock.mode.blocks} wait behind it",
            "SET lock_timeout = '2s'; -- before it; run the script again when it fails",
        )
