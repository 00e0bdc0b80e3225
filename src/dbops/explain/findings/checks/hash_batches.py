"""A join's hash table did not fit into memory and went to disk in batches.

Why: Both sides of the join are written to temporary files, cut into batches that fit, and read again batch by batch.

Instead: The work_mem that is named here, for this query or its role; a hash table may take `hash_mem_multiplier` times
as much (2 since 15, 1 before). Where far fewer rows were hashed than expected, mend that estimate: the number of
batches is planned.

Source: more than one batch, as in pev2. Each batch took no more memory than the largest, so the whole takes no more
than that times their number: the estimate of what is needed. In a parallel hash all processes share one table and may
each add their part to it. Unless the query was run, the size is the planner's.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import memory
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import GATHERS, rows
from dbops.explain.findings.words import count, counted, size
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE users AS SELECT i AS id, md5(i::text) AS name FROM generate_series(1, 40000) AS i
-- setup: CREATE TABLE posts AS SELECT i AS id, i % 40000 AS user_id FROM generate_series(1, 80000) AS i
-- setup: ANALYZE users, posts
-- set: max_parallel_workers_per_gather = 0
-- set: enable_mergejoin = off
"""
_JOIN = "SELECT p.id, u.name FROM posts p JOIN users u ON u.id = p.user_id"
_PARALLEL = """\
-- set: max_parallel_workers_per_gather = 2
-- set: parallel_setup_cost = 0
-- set: parallel_tuple_cost = 0
-- set: min_parallel_table_scan_size = 0
"""
BAD = after(
    _TABLE,
    "-- set: work_mem = '256kB'\nSELECT p.id, u.name FROM posts p JOIN users u ON u.id = p.user_id",
    "-- set: work_mem = '256kB'\n-- set: max_parallel_workers_per_gather = 2\n-- set: parallel_setup_cost = 0\n"
    "-- set: parallel_tuple_cost = 0\n-- set: min_parallel_table_scan_size = 0\n"
    "SELECT p.id, u.name FROM posts p JOIN users u ON u.id = p.user_id",
    "-- set: work_mem = '256kB'\n-- plan only\nSELECT p.id, u.name FROM posts p JOIN users u ON u.id = p.user_id",
)
GOOD = after(
    _TABLE,
    "-- set: work_mem = '16MB'\nSELECT p.id, u.name FROM posts p JOIN users u ON u.id = p.user_id",
    "-- set: work_mem = '16MB'\n-- plan only\nSELECT p.id, u.name FROM posts p JOIN users u ON u.id = p.user_id",
)


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each hash in batches, or that is expected to be."""
    for node in subject.plan.nodes():
        join = subject.parent(node)
        if node.kind != "Hash" or join is None or not subject.worth([join, node]):
            continue
        found = _measured(subject, node, join) if subject.plan.analyzed else _expected(subject, node)
        if found is not None:
            yield found


def _measured(subject: Subject, node: PlanNode, join: PlanNode) -> Found | None:
    batches, peak = node.number("Hash Batches"), node.number("Peak Memory Usage")
    if batches <= 1:
        return None
    planned = memory.to_hash(node.estimate.rows, node.estimate.width)
    needed = max(peak * batches / _sharing(subject, node), planned)
    written = sum(each.own_buffers.temp_written for each in (join, node) if each.own_buffers)
    return Found(
        node,
        f"hashes in {count(batches)} batches on disk: {memory.shown(subject, hashed=True)} is too small",
        f"{counted(rows(node), 'row')} hashed, {size(peak)} in the largest batch, {counted(written, 'block')} written",
        memory.remedy(subject, needed, hashed=True),
        subject.spent([join, node]),  # all that building and probing takes
    )


def _expected(subject: Subject, node: PlanNode) -> Found | None:
    needed = memory.to_hash(node.estimate.rows, node.estimate.width)
    if not memory.known(subject) or needed / _sharing(subject, node) <= memory.hash_mem(subject):
        return None
    return Found(
        node,
        f"is expected to hash {size(needed)} in batches on disk: {memory.shown(subject, hashed=True)} is too small",
        f"{counted(node.estimate.rows, 'row')} expected, of {node.estimate.width} bytes",
        memory.remedy(subject, needed / _sharing(subject, node), hashed=True),
        severity=Severity.INFO,
    )


def _sharing(subject: Subject, node: PlanNode) -> float:
    """Return how many processes were planned to add their memory to one table."""
    if not node.raw.get("Parallel Aware"):
        return 1.0
    gather = next((each for each in subject.above(node) if each.kind in GATHERS), None)
    return 1.0 + (gather.number("Workers Planned") if gather else 0.0)
