"""A statement may hold its lock without end.

Why: Without a statement_timeout a scan or rewrite that takes longer than thought holds its lock until it is done.

Instead: `SET statement_timeout = '1min'` at the script's start. Off unless selected: what protects the others is
lock_timeout (see `require-lock-timeout`), and a statement_timeout also ends what may well take hours, such as
`CREATE INDEX CONCURRENTLY` or `VALIDATE CONSTRAINT`, and leaves an invalid index behind. Migrations that dbops runs
have a setting of their own for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.timeouts import LOCKING, unbounded
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode

SEVERITY = Severity.WARNING
DEFAULT = False
NODES = LOCKING
LOCK = Mode.ACCESS_EXCLUSIVE
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n-- plain\n"
    "SET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders ADD COLUMN note text",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n-- plain\n"
    "SELECT set_config('statement_timeout', '1min', false);\nALTER TABLE orders ADD COLUMN note text",
)


def check(change: Change) -> Iterator[Found]:
    """Find the first statement of a plain script that may hold a strong lock without a bound."""
    lock = unbounded(change, "statement_timeout")
    if lock is not None:
        yield change.found(
            f"holds its {lock.mode} lock on {lock.relation} for as long as it takes: {lock.mode.blocks} wait",
            "SET statement_timeout = '1min'; -- before it",
        )
