"""An index-only scan went to the table all the same.

Why: An index doesn't know which of its rows a transaction may see. Only for blocks that VACUUM has marked as visible to
all can the scan do without the table; for every other row it reads the table's block too.

Instead: VACUUM the table. Where that lasts for a short time only, have autovacuum come sooner: it counts updates and
deletes, and inserts since 13.

Source: Joe's "VACUUM ANALYZE needed"; over 10 % of the rows, and 1,000 of them at least, are dbops's own thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import names
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.words import count, counted, share
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE plays AS SELECT i AS id, i % 100 AS song FROM generate_series(1, 60000) AS i
-- setup: ALTER TABLE plays SET (autovacuum_enabled = off)
-- setup: CREATE INDEX ON plays (song)
-- set: max_parallel_workers_per_gather = 0
-- set: enable_seqscan = off
-- set: enable_bitmapscan = off
"""
BAD = after(
    _TABLE,
    "-- setup: ANALYZE plays\nSELECT count(*) FROM plays WHERE song < 60",
)
GOOD = after(
    _TABLE,
    "-- setup: VACUUM ANALYZE plays\nSELECT count(*) FROM plays WHERE song < 60",
)

_SHARE = 0.1
_ROWS = 1000


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each index-only scan that fetched many of its rows from the table."""
    for node in subject.plan.nodes():
        fetches = node.number("Heap Fetches")
        if node.kind != "Index Only Scan" or not node.relation or node.actual is None or fetches < _ROWS:
            continue
        read = node.actual.rows + node.total("Rows Removed by Filter")
        if fetches >= _SHARE * read and subject.worth([node]):
            yield Found(
                node,
                f"looks {count(fetches)} rows of {names.table(node)} up in the table, though the index has all columns",
                f"{counted(fetches, 'heap fetch', 'heap fetches')} for {counted(read, 'row')}{_visible(subject, node)}",
                f"VACUUM {names.table(node)};",
                subject.spent([node]),  # reading the table's blocks may be nearly all of it
            )


def _visible(subject: Subject, node: PlanNode) -> str:
    visible = subject.facts(node).visible_share
    return "" if visible is None else f"; {share(visible, 1)} of the table's blocks were marked as visible to all"
