"""A scan spent its time waiting for blocks to be read.

Why: Blocks that are not in PostgreSQL's cache come from the operating system or the disk, which takes a hundred times
as long or more. How the rows are found hardly matters then; how many blocks that takes does.

Instead: Run the query again: if it is fast now, it was only cold. Where it stays slow, the data doesn't fit into
memory: read fewer blocks (an index with all columns, narrower rows, partitions, BRIN for rows in order), or have more
cache.

Source: dbops's own: half of the node's time, which is at least a tenth of the query's. Known only with track_io_timing.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import SCANS
from dbops.explain.findings.words import counted, time
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.INFO
_TABLE = """\
-- setup: CREATE TABLE wide (id int, body text)
-- setup: ALTER TABLE wide ALTER COLUMN body SET STORAGE PLAIN
-- setup: INSERT INTO wide SELECT i, repeat('x', 7000) FROM generate_series(1, 4000) AS i
-- setup: VACUUM FULL wide
-- set: max_parallel_workers_per_gather = 0
"""
BAD = after(_TABLE, "-- set: track_io_timing = on\nSELECT count(*) FROM wide")
GOOD = after(
    _TABLE,
    "-- set: track_io_timing = off\nSELECT count(*) FROM wide",
    "-- setup: SELECT count(*) FROM wide\n-- set: track_io_timing = on\nSELECT count(*) FROM wide",
)

_WAITING = 0.5
_SHARE = 0.1


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each scan that mostly waited for reads."""
    for node in subject.plan.nodes():
        waited = _waited(node)
        if node.kind not in {*SCANS, "Bitmap Index Scan"} or node.actual is None or node.own_buffers is None:
            continue
        share = node.actual.share or 0.0
        if waited and waited >= _WAITING * node.own_ms and share >= _SHARE and subject.worth([node]):
            read = node.own_buffers.read
            yield Found(
                node,
                f"waited {time(waited)} of its {time(node.own_ms)} for {counted(read, 'block')} to be read",
                f"{counted(read, 'block')} read, {time(waited / max(read, 1))} each; "
                f"{counted(node.own_buffers.hit, 'block')} found in the cache",
                "run it again to see it with a warm cache; where it stays slow, read fewer blocks or have more cache",
                waited,
            )


def _waited(node: PlanNode) -> float:
    """Return the ms that the node waited, on the clock: its processes wait side by side."""
    if node.own_buffers is None or node.actual is None:
        return 0.0
    return (node.own_buffers.read_ms or 0.0) / max(node.actual.processes, 1.0)
