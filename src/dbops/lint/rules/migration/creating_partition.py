"""`CREATE TABLE … PARTITION OF` locks the parent against reads and writes.

Why: It takes an ACCESS EXCLUSIVE lock on the parent, and so waits for every query of any partition while all others
wait behind it; a default partition is read through under the same lock, to see that it holds no row of the new one.

Instead: Create the table alone and attach it: ATTACH PARTITION takes a SHARE UPDATE EXCLUSIVE lock on the parent, which
lets reads and writes go on. It is INFO, since without a default partition the lock is held for an instant.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import inner, relation

SEVERITY = Severity.INFO
NODES = ("CreateStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
BAD = (
    "-- schema: CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at)\n"
    "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
)
GOOD = (
    "-- schema: CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at)\n"
    "CREATE TABLE events_2026 (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS);\n"
    "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\n"
    "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
)


def check(change: Change) -> Iterator[Found]:
    """Find partitions that are made of parents in use."""
    if not change.node.HasField("partbound"):
        return
    parent = relation(inner(change.node.inh_relations[0]))
    if not change.is_shared(parent):
        return
    start = change.statement.offset(change.node.partbound.location)
    bound = change.script.sql[start : change.statement.start + len(change.statement.text)]
    words = [word for word in change.words if word.start >= start and word.text in {"PARTITION", "WITH", "TABLESPACE"}]
    bound = bound[: words[0].start - start].strip() if words else bound
    bound = "DEFAULT" if change.node.partbound.is_default else f"FOR VALUES {bound.removeprefix('FOR VALUES ')}"
    yield change.found(
        f"it takes an {LOCK} lock on {parent}: reads and writes of all its partitions wait, also while it waits itself",
        f"CREATE TABLE {change.target} (LIKE {parent} INCLUDING ALL);\n"
        f"ALTER TABLE {parent} ATTACH PARTITION {change.target} {bound};",
    )
