"""No table is emptied by a promotion.

Why: Unlogged tables are not replicated: after a failover they are there, and empty. (Sequences are never behind but
jump ahead, by up to 32 values: numbers are missing, none comes twice.)

Instead: `ALTER TABLE … SET LOGGED` where the rows matter; else let whoever fills the table do so again.

Only the connected database is looked at.

Source: pg_class.relpersistence.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import witnesses
from dbops.results.ha import Weight

WEIGHT = Weight.INFO
MATTERS = BOTH
QUERY = "transactions"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary, or what its standbys have replayed."""
    for node in witnesses(cluster):
        where = f"database {node.database}" if node.database else "the connected database"
        if node.unlogged_tables is None:
            yield unknown(node, f"whether {where} has unlogged tables is unknown", "transactions")
        elif node.unlogged_tables:
            count = "1 unlogged table" if node.unlogged_tables == 1 else f"{node.unlogged_tables} unlogged tables"
            yield failed(
                node,
                f"{where} has {count}: empty after a promotion (other databases were not looked at)",
                "SELECT oid::regclass FROM pg_class WHERE relpersistence = 'u' AND relkind IN ('r', 'm')",
            )
        else:
            yield passed(node, f"{where} has no unlogged table (other databases were not looked at)")
