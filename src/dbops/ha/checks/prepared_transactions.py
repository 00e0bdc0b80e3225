"""No prepared transaction is open.

Why: A transaction that was prepared (two-phase commit) survives a failover with its locks: until its transaction
manager finds the new primary and ends it, what it locked stays locked and vacuum can't clean up. One that was forgotten
stays for ever.

Instead: Let the transaction manager end it, or `ROLLBACK PREPARED 'gid'` what nobody knows.

Source: pg_prepared_xacts of the primary. On a standby that view is always empty (tried on 13 to 18), so that without a
primary the number is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import untold
from dbops.results.ha import Weight

WEIGHT = Weight.INFO
MATTERS = BOTH
QUERY = "transactions"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary."""
    node = cluster.primary
    if node is None:
        yield untold(cluster)
    elif node.prepared_transactions is None:
        yield unknown(node, "whether transactions are prepared is unknown", "transactions")
    elif node.prepared_transactions:
        count = node.prepared_transactions
        what = "1 prepared transaction keeps its locks" if count == 1 else f"{count} prepared transactions keep theirs"
        yield failed(node, f"{what} over a failover", "SELECT gid, prepared, owner, database FROM pg_prepared_xacts")
    else:
        yield passed(node, "no transaction is prepared")
