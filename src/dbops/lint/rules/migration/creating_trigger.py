"""`CREATE TRIGGER` on a table in use waits for its writers, and makes others wait meanwhile.

Why: It takes a SHARE ROW EXCLUSIVE lock. The work is done in an instant, but the lock has to wait until every
transaction that wrote to the table is over, and every write that comes after it waits behind it; in a transaction, it
is held until that commits.

Instead: Set a short `lock_timeout` and try again, as dbops does, and let it be the last statement of its transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode

SEVERITY = Severity.INFO
NODES = ("CreateTrigStmt",)
LOCK = Mode.SHARE_ROW_EXCLUSIVE
_TABLE = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
    "-- schema: CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'\n"
)
BAD = (
    f"{_TABLE}CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch()",
    f"{_TABLE}-- plain\nCREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch()",
)
GOOD = (
    f"{_TABLE}CREATE TABLE lines (id bigint);\n"
    "CREATE TRIGGER touch BEFORE UPDATE ON lines FOR EACH ROW EXECUTE FUNCTION touch()",
    f"{_TABLE}-- schema: CREATE VIEW open AS TABLE orders\n"
    "CREATE TRIGGER touch INSTEAD OF UPDATE ON open FOR EACH ROW EXECUTE FUNCTION touch()",
)
_INSTEAD = 64  # TRIGGER_TYPE_INSTEAD: only a view can have it


def check(change: Change) -> Iterator[Found]:
    """Find triggers on tables that others write to."""
    if not change.is_shared() or change.node.timing == _INSTEAD:
        return
    mode = change.locks[0].mode
    bounded = change.script.bounded
    yield change.found(
        f"creating the trigger takes a {mode} lock on {change.target}: {mode.blocks} wait, also while it waits itself",
        "dbops bounds the wait; let it be the last statement of its transaction"
        if bounded
        else "SET lock_timeout = '2s'; -- before it; run the script again when it fails",
    )
