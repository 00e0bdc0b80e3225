"""`REFRESH MATERIALIZED VIEW` without CONCURRENTLY blocks reads of the view until it is computed.

Why: It holds an ACCESS EXCLUSIVE lock on the view for as long as its query takes.

Instead: `REFRESH MATERIALIZED VIEW CONCURRENTLY`. That needs a unique index on plain columns of the view, without a
WHERE, and a view that was filled before; it takes longer, but readers go on with the old rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode

SEVERITY = Severity.WARNING
NODES = ("RefreshMatViewStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
FIXABLE = True
BAD = (
    "-- schema: CREATE MATERIALIZED VIEW totals AS SELECT 1 AS customer_id, 2 AS total\n"
    "-- schema: CREATE UNIQUE INDEX totals_customer_id ON totals (customer_id)\n"
    "REFRESH MATERIALIZED VIEW totals",
    "-- schema: CREATE MATERIALIZED VIEW totals AS SELECT 1 AS customer_id, 2 AS total\n"
    "REFRESH MATERIALIZED VIEW totals",
)
GOOD = (
    "-- schema: CREATE MATERIALIZED VIEW totals AS SELECT 1 AS customer_id, 2 AS total\n"
    "-- schema: CREATE UNIQUE INDEX totals_customer_id ON totals (customer_id)\n"
    "REFRESH MATERIALIZED VIEW CONCURRENTLY totals",
    "-- schema: CREATE MATERIALIZED VIEW totals AS SELECT 1 AS customer_id, 2 AS total\n"
    "REFRESH MATERIALIZED VIEW totals WITH NO DATA",
    "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS customer_id, 2 AS total WITH NO DATA;\n"
    "REFRESH MATERIALIZED VIEW totals",
)


def check(change: Change) -> Iterator[Found]:
    """Find views computed anew while nobody can read them."""
    if change.node.concurrent or change.node.skip_data or not change.is_shared():
        return
    view = change.table()
    has_key = view is not None and bool(view.keys)
    refresh = f"REFRESH MATERIALIZED VIEW CONCURRENTLY {change.target}"
    index = f"CREATE UNIQUE INDEX CONCURRENTLY ON {change.target} (…);"
    lacking = "" if has_key else f"-- it needs a unique index of all rows, on plain columns:\n{index}\n"
    yield change.found(
        f"refreshing holds an {change.locks[0].mode} lock on {change.sized()}: its readers wait until it is computed",
        f"{lacking}{refresh};",
        severity=weighed(view, SEVERITY),
        edits=change.inserted(change.word("VIEW"), " CONCURRENTLY") if has_key else (),
    )
