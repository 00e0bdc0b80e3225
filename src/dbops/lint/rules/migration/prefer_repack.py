"""`VACUUM FULL` and `CLUSTER` write a table anew while nobody can read or write it.

Why: Both hold an ACCESS EXCLUSIVE lock until the last row and index is written.

Instead: pg_repack does the same while the table is in use. Plain `VACUUM` blocks nobody and is enough where the space
will be used again.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Relation, enabled, inner, kind, options, relation

SEVERITY = Severity.WARNING
NODES = ("VacuumStmt", "ClusterStmt")
LOCK = Mode.ACCESS_EXCLUSIVE
REWRITES = True
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
BAD = (
    f"{_TABLE}VACUUM FULL orders",
    f"{_TABLE}VACUUM (ANALYZE, FULL) orders",
    f"{_TABLE}CLUSTER orders USING orders_pkey",
    f"{_TABLE}VACUUM FULL",
)
GOOD = (
    f"{_TABLE}VACUUM orders",
    f"{_TABLE}VACUUM (FULL off, ANALYZE) orders",
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nCLUSTER orders USING orders_pkey",
)


def check(change: Change) -> Iterator[Found]:
    """Find tables that are written anew where they stand."""
    names = list(_rewritten(change))
    if names == [None]:
        yield change.found(
            f"{_command(change)} rewrites one table after the other, each under an {LOCK} lock: reads and writes wait",
            "pg_repack --all-tables does it while they are in use; plain VACUUM where the space will be used again",
        )
    for name in names:
        if name is not None and change.is_shared(name):
            mode = next(lock.mode for lock in change.locks if lock.relation == str(name))
            order = "" if kind(change.node) == "ClusterStmt" else " --no-order"
            yield change.found(
                f"{_command(change)} rewrites {change.sized(name)} under an {mode} lock: {mode.blocks} wait",
                f"pg_repack --table {name}{order} does it while the table is in use; plain VACUUM where the space will "
                "be used again",
                severity=weighed(change.table(name), SEVERITY),
            )


def _rewritten(change: Change) -> Iterator[Relation | None]:
    """Yield the tables; None for all of them."""
    node = change.node
    if kind(node) == "ClusterStmt":
        yield relation(node.relation) if node.HasField("relation") else None
    elif node.is_vacuumcmd and enabled(options(node.options).get("full"), default=False):
        for each in node.rels:
            yield relation(inner(each).relation)
        if not node.rels:
            yield None


def _command(change: Change) -> str:
    return "CLUSTER" if kind(change.node) == "ClusterStmt" else "VACUUM FULL"
