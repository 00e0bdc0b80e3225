"""A sort did not fit into memory and went to disk.

Why: Its rows are written to temporary files in sorted runs, and read again to merge them.

Instead: The work_mem that is named here, for this query or its role rather than for the whole server, as each sort and
hash of each process may take as much. Or an index that gives the order, so that nothing needs to be sorted; or fewer
and narrower columns.

Source: any sort on disk, as in pev2 and Joe. How much memory it would need is dbops's own estimate: what it took on
disk (twice that before 15, where rows lie in memory with gaps) and 64 bytes a row, measured on 13 to 18. Each process
of a parallel query sorts by itself: the one that took the most decides. Unless the query was run, the size is the
planner's: the width of a row and 24 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import memory
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import executions, figure, processes
from dbops.explain.findings.words import counted, cut, size
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE songs AS SELECT i % 10 AS album, md5(i::text) AS title FROM generate_series(1, 60000) AS i
-- setup: ANALYZE songs
-- set: max_parallel_workers_per_gather = 0
"""
BAD = after(
    _TABLE,
    "-- set: work_mem = '1MB'\nSELECT album, title FROM songs ORDER BY title",
    "-- set: work_mem = '200kB'\n-- set: max_parallel_workers_per_gather = 2\n-- set: parallel_setup_cost = 0\n"
    "-- set: min_parallel_table_scan_size = 0\n-- set: parallel_tuple_cost = 0\n"
    "SELECT album, title FROM songs ORDER BY title",
    "-- set: work_mem = '100kB'\n-- setup: CREATE INDEX ON songs (album)\n-- set: enable_seqscan = off\n"
    "-- set: enable_bitmapscan = off\nSELECT album, title FROM songs ORDER BY album, title LIMIT 15000",
    "-- set: work_mem = '1MB'\n-- plan only\nSELECT album, title FROM songs ORDER BY title",
)
GOOD = after(
    _TABLE,
    "-- set: work_mem = '32MB'\nSELECT album, title FROM songs ORDER BY title",
    "-- set: work_mem = '1MB'\nSELECT album, title FROM songs ORDER BY title LIMIT 10",
    "-- set: work_mem = '32MB'\n-- plan only\nSELECT album, title FROM songs ORDER BY title",
    "-- set: work_mem = '1MB'\n-- plan only\nSELECT album, title FROM songs ORDER BY title LIMIT 10",
)

_GROUPS = ("Full-sort Groups", "Pre-sorted Groups")
_TUPLE_HEADER = 10
"""Bytes of a row on disk beside its columns."""


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each sort that went to disk, or is expected to."""
    for node in subject.plan.nodes():
        if node.kind in {"Sort", "Incremental Sort"} and subject.worth([node]):
            found = _measured(subject, node) if subject.plan.analyzed else _expected(subject, node)
            if found is not None:
                yield found


def _measured(subject: Subject, node: PlanNode) -> Found | None:
    spaces, rows = _sorted(node) if node.kind == "Sort" else _groups(node)
    if not spaces:
        return None
    needed = memory.to_sort(subject, max(spaces), rows)
    most = f" ({size(max(spaces))} in one process)" if len(spaces) > 1 else ""
    return Found(
        node,
        f"sorts {size(sum(spaces))} on disk: {memory.shown(subject)} is too small",
        f"{counted(rows, 'row')} a sort, {size(sum(spaces))} on disk{most}, by {cut(node.text('Sort Key'), 80)}",
        memory.remedy(subject, needed),
        subject.spent([node]),  # all of it, with an index that gives the order
    )


def _sorted(node: PlanNode) -> tuple[list[float], float]:
    """Return the kB on disk of each process that had to use it, and the rows of the one that had the most."""
    said = processes(node, "Sort Space Type")
    spaces = [figure(each, "Sort Space Used") for each in said if each["Sort Space Type"] == "Disk"]
    below = node.inputs[0].actual if node.inputs else node.actual
    rows = below.rows / executions(node.inputs[0] if node.inputs else node) if below else 0.0
    everything = sum(figure(each, "Sort Space Used") for each in said)
    return spaces, rows * max(spaces, default=0.0) / everything if everything else 0.0


def _groups(node: PlanNode) -> tuple[list[float], float]:
    """Return the same of an incremental sort, which sorts one group after the other: its largest group's."""
    spaces = []
    for each in processes(node, _GROUPS[0]):
        disks = [group.get("Sort Space Disk") for key in _GROUPS if isinstance(group := each.get(key), dict)]
        spaces.append(
            max((figure(disk, "Peak Sort Space Used") for disk in disks if isinstance(disk, dict)), default=0)
        )
    spaces = [space for space in spaces if space]
    return spaces, max(spaces, default=0) * 1024 / (node.estimate.width + _TUPLE_HEADER)


def _expected(subject: Subject, node: PlanNode) -> Found | None:
    if not memory.known(subject):
        return None
    parent = subject.parent(node)
    expected = memory.to_sort_as_planned(node.estimate.rows, node.estimate.width)
    if node.kind != "Sort" or (parent and parent.kind == "Limit") or expected <= memory.work_mem(subject):
        return None
    return Found(
        node,
        f"is expected to sort {size(expected)} on disk: {memory.shown(subject)} is too small",
        f"{counted(node.estimate.rows, 'row')} expected, of {node.estimate.width} bytes",
        memory.remedy(subject, memory.to_sort(subject, expected, node.estimate.rows)),
        severity=Severity.INFO,
    )
