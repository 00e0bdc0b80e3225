"""All rows are read and sorted to give the first few.

Why: To know the first ten rows in an order, each row must be looked at, unless an index has them in that order.

Instead: An index on what is sorted by, behind the columns that are compared for equality: the scan ends after the rows
that LIMIT asks for.

Source: dbops's own: over 10,000 rows sorted, and a hundred for each that is kept. Told only where the rows come from a
single table; the order of a join's or a group's result is in no index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.explain.findings.conditions import Comparison, belongs, of_scan, whole
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.indexes import create
from dbops.explain.findings.names import name
from dbops.explain.findings.trees import GATHERS, SCANS, feeding, processes, rows, source
from dbops.explain.findings.words import count, counted, cut
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE runs AS SELECT i AS id, i % 3 AS kind, md5(i::text) AS t FROM generate_series(1, 60000) AS i
-- setup: ANALYZE runs
"""
BAD = after(
    _TABLE,
    "-- set: max_parallel_workers_per_gather = 0\nSELECT id, t FROM runs WHERE kind = 1 ORDER BY t DESC LIMIT 9",
    "-- set: parallel_setup_cost = 0\n-- set: min_parallel_table_scan_size = 0\n"
    "SELECT id, t FROM runs ORDER BY t, id LIMIT 9",
    "-- set: max_parallel_workers_per_gather = 0\nSELECT id FROM runs ORDER BY lower(t) LIMIT 9",
)
GOOD = after(
    _TABLE,
    "-- setup: CREATE INDEX ON runs (t)\nSELECT id, t FROM runs ORDER BY t DESC LIMIT 9",
    "SELECT id, t FROM runs ORDER BY t LIMIT 2000",
    "SELECT kind, count(*) FROM runs GROUP BY kind ORDER BY count(*) LIMIT 1",
)

_SORTED = 10_000
_TIMES = 100
_DIRECTION = re.compile(r"(.*?)((?: DESC)?(?: NULLS (?:FIRST|LAST))?)")


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each LIMIT above a sort of many rows of a table."""
    for node in subject.plan.nodes():
        sort = _below(node)
        scan = source(sort) if sort else None
        if node.kind != "Limit" or node.actual is None or sort is None or scan is None or scan.kind not in SCANS:
            continue
        read, kept = rows(scan), rows(node.inputs[0])  # with those that OFFSET skips
        if read > _SORTED and read >= _TIMES * kept and _keeps_few(sort) and subject.worth(feeding(sort)):
            spent = subject.spent(feeding(sort))
            yield Found(
                sort,
                f"reads and sorts {counted(read, 'row')} to give the first {count(kept)}",
                f"{counted(read, 'row')} sorted by {cut(sort.text('Sort Key'), 80)}",
                _remedy(sort, scan),
                # The rows that are kept are read in any case.
                None if spent is None else spent * (1 - kept / read),
            )


def _below(limit: PlanNode) -> PlanNode | None:
    """Return the sort whose first rows a LIMIT takes, in one process or in several."""
    below = limit.inputs[0] if limit.inputs else None
    if below is not None and below.kind in GATHERS and below.inputs:
        below = below.inputs[0]
    return below if below is not None and below.kind == "Sort" else None


def _keeps_few(sort: PlanNode) -> bool:
    methods = [each["Sort Method"] for each in processes(sort, "Sort Method")]
    return bool(methods) and set(methods) <= {"top-N heapsort", "quicksort"}


def _remedy(sort: PlanNode, scan: PlanNode) -> str:
    keys = sort.raw.get("Sort Key", ())
    wanted = [_key(str(key), scan) for key in keys] if isinstance(keys, list | tuple) else []
    if not wanted or None in wanted:
        return "an index on what is sorted by, which may be an expression, gives the first rows without a sort"
    equal = dict.fromkeys(
        side.column.name
        for term in of_scan(scan)
        if term.comparison is Comparison.EQUALITY and not term.subquery
        for side in (term.tested(scan.alias),)
        if side is not None and side.column is not None
    )
    return create(scan, ", ".join([*map(name, equal), *filter(None, wanted)]))


def _key(key: str, scan: PlanNode) -> str | None:
    """Return a sort key as CREATE INDEX has it; None where it is no column of the table."""
    match = _DIRECTION.fullmatch(key)
    side = whole(match[1]) if match else None
    column = side.column if side else None
    return name(column.name) + match[2] if match and column and belongs(column, scan.alias) else None
