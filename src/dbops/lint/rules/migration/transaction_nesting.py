"""A BEGIN inside a transaction, or a COMMIT without one.

Why: PostgreSQL only warns. The inner BEGIN does nothing, and the first COMMIT ends the outer transaction: what follows
is committed statement by statement, and a failure leaves half of it. In a migration, dbops decides about the
transaction and refuses all control of it but one BEGIN … COMMIT around the whole.

Instead: One BEGIN and one COMMIT; SAVEPOINT for a part that may fail (not in a migration).
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.lint.script import Origin
from dbops.results.lint import Severity
from dbops.sql.transactions import control

SEVERITY = Severity.WARNING
NODES = ("TransactionStmt",)
BAD = (
    "-- plain\nBEGIN;\nBEGIN;\nSELECT 1;\nCOMMIT;",
    "-- plain\nSELECT 1;\nCOMMIT;",
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nBEGIN;\nCREATE TABLE shops (id bigint PRIMARY KEY);\nCOMMIT",
)
GOOD = (
    "BEGIN;\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCOMMIT",
    "-- plain\nBEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSAVEPOINT a;\nROLLBACK TO SAVEPOINT a;\nCOMMIT",
)
_BEGINS = frozenset({"BEGIN", "START TRANSACTION"})
_ENDS = frozenset({"COMMIT", "ROLLBACK", "PREPARE TRANSACTION"})


def check(change: Change) -> Iterator[Found]:
    """Find transaction control that does not do what it says."""
    command = control(change.node)
    if command is None or change.script.origin is Origin.PYTHON:
        return
    if change.script.origin is Origin.MIGRATION:
        yield change.found(
            f"dbops refuses {command} here: it runs the migration in a transaction of its own",
            "take it out, or wrap the whole file in one BEGIN; … COMMIT;",
            severity=Severity.ERROR,
        )
    elif command in _BEGINS and change.in_transaction:
        yield change.found(
            f"there is a transaction already: this {command} does nothing, and the next COMMIT ends all of it",
            "take it out, or COMMIT before it",
        )
    elif command in _ENDS and not change.in_transaction:
        yield change.found(
            f"there is no transaction: what stands before this {command} is committed already",
            "take it out, or put a BEGIN before what belongs together",
        )
