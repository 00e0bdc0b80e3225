"""A whole table is read for a few of its rows.

Why: Reading a table from its first block to its last takes longer the more it grows, whatever is kept of it, and pushes
other tables out of the cache.

Instead: An index on what the filter compares, which finds those rows alone. Where a good part of the rows is kept,
reading the whole table is the fastest way and no index helps; there nothing is reported. Nor is it where the scan is
repeated for each row of a join (`nested-loop-many-loops` tells which index that join needs), or of partitions that need
not have been read at all (`partitions-not-pruned`).

Source: tables under 50 blocks are left alone as in Joe; that less than 10 % is kept is pev2's threshold for rows
removed by a filter. Unless the query was run, what a table holds is taken from its statistics, or else from the scan's
cost.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import indexes
from dbops.explain.findings.conditions import belongs, of_scan
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.scans import Scan, scans, unpruned
from dbops.explain.findings.trees import executions
from dbops.explain.findings.words import count, counted, cut, share
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE mail AS SELECT i AS id, i % 2000 AS owner, md5(i::text) AS body FROM generate_series(1, 60000) i
-- setup: ANALYZE mail
-- set: max_parallel_workers_per_gather = 0
"""
_PARTS = "\n".join(
    [
        "-- setup: CREATE TABLE logs (id int, day int) PARTITION BY RANGE (id)",
        *(
            f"-- setup: CREATE TABLE logs_{part} PARTITION OF logs FOR VALUES FROM ({part}) TO ({part + 20000})"
            for part in (0, 20000, 40000)
        ),
        "-- setup: INSERT INTO logs SELECT i, i % 5000 FROM generate_series(0, 59999) i",
        "-- setup: ANALYZE logs",
        "",
    ]
)
BAD = (
    *after(
        _TABLE,
        "SELECT body FROM mail WHERE owner = 7",
        "SELECT count(*) FROM mail WHERE upper(body) = 'X'",
        "-- set: max_parallel_workers_per_gather = 2\n-- set: parallel_setup_cost = 0\n"
        "-- set: min_parallel_table_scan_size = 0\nSELECT id FROM mail WHERE upper(body) = 'X' AND id > 10",
        "-- plan only\nSELECT body FROM mail WHERE owner = 7",
    ),
    *after(
        _PARTS,
        "SELECT id FROM logs WHERE day = 7",
    ),
)
GOOD = (
    *after(
        _TABLE,
        "SELECT body FROM mail WHERE owner > 7",
        "-- setup: CREATE INDEX ON mail (owner)\nSELECT body FROM mail WHERE owner = 7",
    ),
    "-- setup: CREATE TABLE few AS SELECT i AS id FROM generate_series(1, 1000) i\nSELECT id FROM few WHERE id = 7",
    *after(
        _TABLE,
        "-- plan only\nSELECT body FROM mail WHERE owner > 7",
    ),
)

_REMOVED = 0.9
_BLOCKS = 50
_OFTEN = 1000
"""So often repeated, it is the join or the subquery that is told of."""


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each scan of a table that keeps little of it."""
    for scan in scans(subject, "Seq Scan"):
        if not scan.first.text("Filter") or not indexes.servable(scan.first) or not subject.worth(scan.parts):
            continue
        found = _measured(subject, scan) if subject.plan.analyzed else _expected(subject, scan)
        if found is not None:
            yield found


def _measured(subject: Subject, scan: Scan) -> Found | None:
    read = scan.rows + scan.removed
    if scan.removed < _REMOVED * read or executions(scan.first) > _OFTEN or _blocks(subject, scan) < _BLOCKS:
        return None
    if unpruned(scan.place):
        return None
    spent = subject.spent(scan.parts)
    return Found(
        scan.place,
        f"reads {counted(read, 'row')} of {scan.table} to keep {count(scan.rows)}",
        f"{share(scan.removed, read)} removed by Filter: {cut(scan.first.text('Filter'))}",
        indexes.remedy(scan),
        # An index still has to fetch the rows that are kept.
        None if spent is None else spent * scan.removed / read,
    )


def _expected(subject: Subject, scan: Scan) -> Found | None:
    if any(not belongs(column, part.alias) for part in scan.parts for term in of_scan(part) for column in term.columns):
        return None  # repeated for each row of a join
    held = sum(_held(subject, part) for part in scan.parts)
    if scan.rows > (1 - _REMOVED) * held or sum(part.estimate.total_cost for part in scan.parts) < _BLOCKS:
        return None
    return Found(
        scan.place,
        f"is expected to read all of {scan.table} to keep {counted(scan.rows, 'row')}",
        f"cost {count(scan.first.estimate.total_cost)}, Filter: {cut(scan.first.text('Filter'))}",
        indexes.remedy(scan),
    )


def _held(subject: Subject, part: PlanNode) -> float:
    """Return the table's rows. A scan costs 1 a block and a little a row, so that they are no fewer than 0.9 of it."""
    known = subject.facts(part).rows
    return 0.9 * part.estimate.total_cost if known is None else known


def _blocks(subject: Subject, scan: Scan) -> float:
    if any(part.own_buffers for part in scan.parts):
        return scan.touched / executions(scan.first)
    known = [subject.facts(part).pages for part in scan.parts]
    return float(sum(pages for pages in known if pages is not None)) if any(known) else float(_BLOCKS)
