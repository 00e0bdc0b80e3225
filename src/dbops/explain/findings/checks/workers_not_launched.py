"""Fewer parallel workers ran than were planned.

Why: The plan was chosen because several processes would share the work. Where max_parallel_workers or
max_worker_processes is used up, by other queries for the most part, the rest of them do it all.

Instead: Raise max_parallel_workers (and max_worker_processes, which needs a restart) if there are processors left; or
lower max_parallel_workers_per_gather, so that more queries get some.

Source: any difference, as in pev2. What could be saved is the share of the work that the missing processes would have
done.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import GATHERS, feeding
from dbops.explain.findings.words import count, counted
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE cells AS SELECT i AS id, md5(i::text) AS t FROM generate_series(1, 60000) AS i
-- setup: ANALYZE cells
-- set: parallel_setup_cost = 0
-- set: parallel_tuple_cost = 0
-- set: min_parallel_table_scan_size = 0
-- set: max_parallel_workers_per_gather = 2
"""
BAD = after(
    _TABLE,
    "-- set: max_parallel_workers = 0\nSELECT count(*) FROM cells WHERE t LIKE '%abc%'",
)
GOOD = after(
    _TABLE,
    "-- set: max_parallel_workers_per_gather = 0\nSELECT count(*) FROM cells WHERE t LIKE '%abc%'",
)


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each Gather that lacked workers."""
    for node in subject.plan.nodes():
        planned, launched = node.number("Workers Planned"), node.number("Workers Launched")
        if node.kind not in GATHERS or not node.ran or launched >= planned:
            continue
        below = [each for child in node.inputs for each in feeding(child)]
        if subject.worth(below):
            spent = subject.spent(below)
            yield Found(
                node,
                f"got {count(launched)} of {counted(planned, 'worker')} that were planned",
                f"{count(planned)} planned, {count(launched)} launched; max_parallel_workers "
                f"{subject.settings.get('max_parallel_workers', 'unknown')}",
                "raise max_parallel_workers (and max_worker_processes), or lower max_parallel_workers_per_gather so "
                "that more queries get some",
                None if spent is None else spent * (planned - launched) / (planned + 1),
            )
