"""A hash of groups did not fit into memory and went to disk.

Why: Rows of groups for which there is no room are written to temporary files, and read again batch by batch, some of
them several times.

Instead: The work_mem that is named here, for this query or its role; a hash may take `hash_mem_multiplier` times as
much (2 since 15, 1 before). Or an index that gives the groups one after the other; or group by fewer and narrower
columns.

Source: any disk usage, as in pev2. Each batch took no more memory than the largest, so the whole takes no more than
that times their number; where batches had to be cut again, half of that, and never more than 1 kB a group: measured on
13 to 18. What collects values, such as array_agg, can't be told in advance. Unless the query was run, it is the
planner's expectation (`Planned Partitions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.explain.findings import memory
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import figure, processes, rows
from dbops.explain.findings.words import count, counted, cut, size
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE visits AS SELECT i AS page, i % 100 AS day FROM generate_series(1, 60000) AS i
-- setup: ANALYZE visits
-- set: max_parallel_workers_per_gather = 0
-- set: enable_sort = off
"""
BAD = after(
    _TABLE,
    "-- set: work_mem = '300kB'\nSELECT page, count(*) FROM visits GROUP BY page",
    "-- set: work_mem = '300kB'\nSELECT DISTINCT page, day FROM visits",
    "-- set: work_mem = '300kB'\nSELECT page, array_agg(day) FROM visits GROUP BY page",
    "-- set: work_mem = '300kB'\n-- plan only\nSELECT page, count(*) FROM visits GROUP BY page",
)
GOOD = after(
    _TABLE,
    "-- set: work_mem = '64MB'\nSELECT page, count(*) FROM visits GROUP BY page",
    "-- set: work_mem = '300kB'\nSELECT day, count(*) FROM visits GROUP BY day",
    "-- set: work_mem = '64MB'\n-- plan only\nSELECT page, count(*) FROM visits GROUP BY page",
)

_COLLECTS = re.compile(r"\b(?:\w*_agg|xmlagg|percentile_\w+|mode)\(")
_BATCH = "HashAgg Batches"


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each hash of groups that went to disk, or is expected to."""
    for node in subject.plan.nodes():
        if node.kind != "Aggregate" or not subject.worth([node]):
            continue
        found = _measured(subject, node) if subject.plan.analyzed else _expected(subject, node)
        if found is not None:
            yield found


def _measured(subject: Subject, node: PlanNode) -> Found | None:
    spilled = [each for each in processes(node, _BATCH) if figure(each, "Disk Usage") > 0]
    if not spilled:
        return None
    most = max(spilled, key=lambda each: figure(each, "Peak Memory Usage") * figure(each, _BATCH))
    disk = sum(figure(each, "Disk Usage") for each in spilled)
    batches, peak = figure(most, _BATCH), figure(most, "Peak Memory Usage")
    needed = peak * batches / (2 if batches > node.number("Planned Partitions") + 1 else 1)
    groups = rows(node) + node.total("Rows Removed by Filter")
    return Found(
        node,
        f"groups {size(disk)} on disk: {memory.shown(subject, hashed=True)} is too small",
        f"{counted(groups, 'group')} in {count(batches)} batches of up to {size(peak)}, "
        f"by {cut(node.text('Group Key'), 80)}",
        _remedy(subject, node, min(needed, memory.to_group_at_most(groups, node.estimate.width))),
        subject.spent([node]),  # all of it, where an index gives the groups
    )


def _expected(subject: Subject, node: PlanNode) -> Found | None:
    partitions = node.number("Planned Partitions")
    if partitions < 1:
        return None
    return Found(
        node,
        f"is expected to group on disk: {memory.shown(subject, hashed=True)} is too small",
        f"{counted(node.estimate.rows, 'group')} expected, in {count(partitions)} partitions",
        _remedy(subject, node, memory.to_group(node.estimate.rows, node.estimate.width)),
        severity=Severity.INFO,
    )


def _remedy(subject: Subject, node: PlanNode, needed: float) -> str:
    if _COLLECTS.search(node.text("Output")):
        return "raise work_mem until it fits: how much the values take that it collects can't be told in advance"
    return memory.remedy(subject, needed, hashed=True)
