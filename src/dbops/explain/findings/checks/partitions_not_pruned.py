"""Most of the partitions that were scanned had no row for the query.

Why: A partition is left out only by a condition on the partition key, compared with a value that is known: not with the
key inside of a function or cast, and not where the key isn't mentioned.

Instead: A condition on the partition key itself, beside the others: `created_at >= '2026-05-01' AND created_at <
'2026-06-01'` rather than `date_trunc('month', created_at) = '2026-05-01'`. An index in each partition makes looking in
vain cheap.

Source: dbops's own: ten partitions scanned at least, and four of five of them for nothing. Since 13, when partitions
have numbered aliases.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import names
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.scans import partitions, unpruned
from dbops.explain.findings.trees import feeding
from dbops.explain.findings.words import count, cut
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
_TABLE = "\n".join(
    [
        "-- setup: CREATE TABLE days (n int, t text) PARTITION BY RANGE (n)",
        *(
            f"-- setup: CREATE TABLE days_{part} PARTITION OF days FOR VALUES FROM ({part}000) TO ({part + 5}000)"
            for part in range(0, 60, 5)
        ),
        "-- setup: INSERT INTO days SELECT i, md5(i::text) FROM generate_series(0, 59999) AS i",
        "-- setup: ANALYZE days",
        "-- set: max_parallel_workers_per_gather = 0",
        "",
    ]
)
BAD = after(
    _TABLE,
    "SELECT t FROM days WHERE n + 0 = 7",
)
GOOD = after(
    _TABLE,
    "SELECT t FROM days WHERE n = 7",
    "SELECT t FROM days WHERE n % 1000 = 7",
)


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each Append most of whose partitions gave nothing."""
    for node in subject.plan.nodes():
        empty = unpruned(node)
        working = [each for part in empty for each in feeding(part)]
        if not empty or not subject.worth(working):
            continue
        scanned = sum(part.ran for part in partitions(node))
        yield Found(
            node,
            f"scans {scanned} partitions, {len(empty)} of them for no row",
            f"{names.table(empty[0])} and {count(len(empty) - 1)} more gave nothing; "
            f"{cut(empty[0].text('Filter') or empty[0].text('Index Cond')) or 'no condition'}",
            "filter by the partition key itself, without a function or cast around it, compared with values",
            subject.spent(working),
        )
