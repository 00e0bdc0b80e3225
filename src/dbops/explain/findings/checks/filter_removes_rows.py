"""Rows are fetched and then thrown away by a filter.

Why: Each of them is looked up in the index and read from the table for nothing. It is the difference between the
index's condition and the query's.

Instead: An index whose columns answer the whole condition, so that the filter's part moves into the index's: those
compared by equality first. A foreign table's filter is checked here when it can't be sent: use operators and functions
that are built in.

Source: over 50 % is an info and over 90 % a warning, as in pev2; 100 rows at least, as in Joe. Where no index is used,
a whole table that is read for less than 10 % of it is `sequential-scan`, and for more no index would be faster.
Partitions that need not be read are `partitions-not-pruned`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import indexes
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.scans import Scan, scans, unpruned
from dbops.explain.findings.words import counted, cut, share
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE calls AS SELECT i % 4 AS kind, i * 7 % 1000 AS line FROM generate_series(1, 60000) AS i
-- setup: CREATE INDEX calls_kind ON calls (kind)
-- setup: ANALYZE calls
-- set: max_parallel_workers_per_gather = 0
"""
BAD = after(
    _TABLE,
    "-- set: enable_seqscan = off\n-- set: enable_bitmapscan = off\nSELECT line FROM calls WHERE kind = 1 AND line = 3",
    "-- set: enable_seqscan = off\n-- set: enable_indexscan = off\n"
    "SELECT line FROM calls WHERE kind = 1 AND line < 300",
)
GOOD = after(
    _TABLE,
    "-- setup: CREATE INDEX ON calls (kind, line)\nSELECT line FROM calls WHERE kind = 1 AND line = 3",
    "-- set: enable_seqscan = off\nSELECT line FROM calls WHERE kind = 1 AND line < 800",
    "SELECT line FROM calls WHERE line = 3",
    "SELECT line FROM calls WHERE line < 300",
)

_MUCH = 0.5
_MOST = 0.9
_ROWS = 100


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each scan that throws away more than half of what it fetches."""
    if not subject.plan.analyzed:
        return
    for scan in scans(subject, "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Foreign Scan"):
        if subject.worth(scan.nodes):
            yield from _found(subject, scan)


def _found(subject: Subject, scan: Scan) -> Iterator[Found]:
    fetched = scan.rows + scan.removed
    if scan.removed <= _ROWS or scan.removed < _MUCH * fetched or not indexes.servable(scan.first):
        return
    if unpruned(scan.place):
        return
    spent = subject.spent(scan.nodes)
    yield Found(
        scan.place,
        f"throws away {share(scan.removed, fetched)} of the rows that it fetches from {scan.table}",
        f"{counted(scan.removed, 'row')} of {counted(fetched, 'row')} removed by Filter: "
        f"{cut(scan.first.text('Filter'))}",
        _remedy(scan),
        # What finds only the rows that are kept takes their part of the time at least.
        None if spent is None else spent * scan.removed / fetched,
        Severity.WARNING if scan.removed >= _MOST * fetched else Severity.INFO,
    )


def _remedy(scan: Scan) -> str:
    if scan.first.kind == "Foreign Scan":
        return "the condition is not sent to the other server: write it with built-in operators and functions"
    return indexes.remedy(scan)
