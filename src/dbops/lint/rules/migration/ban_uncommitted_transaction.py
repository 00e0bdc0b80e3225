"""A script begins a transaction and never ends it.

Why: When the session ends, everything since BEGIN is rolled back, without an error. A session that lives on keeps its
locks, and holds back VACUUM.

Instead: COMMIT at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.lint.script import Origin
from dbops.results.lint import Severity
from dbops.sql.transactions import control

SEVERITY = Severity.ERROR
BAD = (
    "-- plain\nBEGIN;\nCREATE TABLE orders (id bigint PRIMARY KEY);",
    "-- plain\nSELECT 1;\nSTART TRANSACTION",
)
GOOD = (
    "-- plain\nBEGIN;\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCOMMIT;",
    "-- plain\nBEGIN;\nSELECT 1;\nROLLBACK;\nSELECT 2",
)
_BEGINS = frozenset({"BEGIN", "START TRANSACTION"})
_ENDS = frozenset({"COMMIT", "ROLLBACK", "PREPARE TRANSACTION"})


def check(change: Change) -> Iterator[Found]:
    """At the script's last statement, find the BEGIN that is still open."""
    script = change.script
    is_last = change.statement.index == len(script.statements) - 1
    if not is_last or script.origin is not Origin.SQL or script.transactional is not None:
        return
    command, opened = control(change.node), change.state.opened
    if command in _BEGINS and opened is None:
        opened = change.statement.index + 1
    if opened is not None and opened > 0 and command not in _ENDS:
        begin = script.statements[opened - 1]
        yield Found(
            "the transaction is never committed: all of it is rolled back when the session ends",
            "COMMIT; at the end of the script",
            begin.start,
            begin.start + len(begin.text),
        )
