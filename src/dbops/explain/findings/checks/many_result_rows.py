"""The query gives the client a great many rows.

Why: They are turned into text, sent, and kept in the client's memory; nobody reads ten thousand rows.

Instead: LIMIT with keyset paging, `WHERE id > last ORDER BY id LIMIT 100`; or have the database count and sum; or read
through a cursor where a program needs all of them.

Source: over 10,000 rows, as in Joe. The time that could be saved is that of turning them into text, which is measured
since 17; that of sending them is not part of a plan.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import rows
from dbops.explain.findings.words import counted, size, time
from dbops.results.lint import Severity
from dbops.results.plan import Plan

SEVERITY = Severity.INFO
_TABLE = """\
-- setup: CREATE TABLE stars AS SELECT i AS id, i % 100 AS hue FROM generate_series(1, 30000) AS i
-- setup: ANALYZE stars
"""
BAD = after(
    _TABLE,
    "SELECT id, hue FROM stars",
    "-- plan only\nSELECT id, hue FROM stars",
)
GOOD = after(
    _TABLE,
    "SELECT id, hue FROM stars WHERE id > 500 ORDER BY id LIMIT 100",
    "SELECT hue, count(*) FROM stars GROUP BY hue",
    "UPDATE stars SET hue = 1",
    "-- plan only\nSELECT id FROM stars LIMIT 100",
)

MANY = 10_000


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for the plan as a whole."""
    root = subject.plan.root
    if rows(root) <= MANY or (root.kind == "ModifyTable" and not root.actual):
        return
    gives = "gives" if subject.plan.analyzed else "is expected to give"
    yield Found(
        None,
        f"the query {gives} {counted(rows(root), 'row')}",
        _evidence(subject.plan),
        "page through them (WHERE id > last ORDER BY id LIMIT 100), or count and sum them in the database",
        subject.plan.serialization_ms,
    )


def _evidence(plan: Plan) -> str:
    parts = [f"{counted(rows(plan.root), 'row')} of about {plan.root.estimate.width} bytes"]
    if plan.serialization_ms is not None:
        parts.append(f"{time(plan.serialization_ms)} to turn them into text")
    if plan.serialization_bytes is not None:
        parts.append(f"{size(plan.serialization_bytes / 1024)} to send")
    return "; ".join(parts)
