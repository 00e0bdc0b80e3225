"""Turning the result into what is sent took a noticeable part of the time.

Why: Large values are fetched from where they are stored apart, unpacked, and written out as text, for every row.
Without EXPLAIN's option SERIALIZE nothing of that is in a plan.

Instead: Select the columns that are needed; leave large ones to a query that asks for a single row.

Source: over 10 % of the time and 5 ms, dbops's own thresholds, as for JIT. Measured since 17. Where there are many rows
rather than large ones, it is told by `many-result-rows`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.checks.many_result_rows import MANY
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import rows
from dbops.explain.findings.words import counted, share, size, time
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
_TABLE = """\
-- pg: 17
-- setup: CREATE TABLE docs AS SELECT jsonb_agg(i) AS doc FROM generate_series(1, 50000) AS i
"""
BAD = after(
    _TABLE,
    "SELECT n, doc FROM docs, generate_series(1, 20) AS n",
)
GOOD = after(
    _TABLE,
    "SELECT n, jsonb_array_length(doc) FROM docs, generate_series(1, 20) AS n",
    "SELECT n FROM docs, generate_series(1, 20000) AS n",
)

_SHARE = 0.1
_LEAST_MS = 5.0


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for the plan as a whole."""
    plan = subject.plan
    spent = plan.serialization_ms
    if spent is None or not plan.ms or spent < max(_LEAST_MS, _SHARE * plan.ms) or rows(plan.root) > MANY:
        return
    sent = "" if plan.serialization_bytes is None else f", {size(plan.serialization_bytes / 1024)}"
    yield Found(
        None,
        f"turning the result into text took {share(spent, plan.ms)} of the time",
        f"{time(spent)} of {time(plan.ms)} for {counted(rows(plan.root), 'row')}{sent}",
        "select only the columns that are needed: large values are unpacked and written out for each row",
        spent,
    )
