"""OFFSET makes rows only to throw them away.

Why: The rows before the page are found, joined and sorted like those of the page. Each page is slower than the one
before it, and a row that is inserted meanwhile shifts them all.

Instead: Keyset paging: remember the last row of a page and go on behind it, `WHERE (created_at, id) > (last row's)
ORDER BY created_at, id LIMIT 20`, with an index on those columns.

Source: dbops's own: over 1,000 rows thrown away, and ten for each that is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import feeding
from dbops.explain.findings.words import count, counted
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE news AS SELECT i AS id, md5(i::text) AS title FROM generate_series(1, 60000) AS i
-- setup: CREATE INDEX ON news (id)
-- setup: ANALYZE news
"""
BAD = after(
    _TABLE,
    "SELECT id, title FROM news ORDER BY id LIMIT 20 OFFSET 50000",
    "SELECT id, title FROM news ORDER BY title LIMIT 20 OFFSET 5000",
)
GOOD = after(
    _TABLE,
    "SELECT id, title FROM news WHERE id > 50000 ORDER BY id LIMIT 20",
    "SELECT id, title FROM news ORDER BY id LIMIT 20 OFFSET 40",
    "SELECT id, title FROM news ORDER BY title LIMIT 20",
)

_ROWS = 1000
_TIMES = 10


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each LIMIT with a large OFFSET."""
    for node in subject.plan.nodes():
        below = node.inputs[0] if node.inputs else None
        if node.kind != "Limit" or node.actual is None or below is None or below.actual is None:
            continue
        # The node below is read up to the page's last row, and no further.
        given, kept = below.actual.rows_per_loop, node.actual.rows_per_loop
        discarded = given - kept
        if discarded > _ROWS and discarded >= _TIMES * kept and subject.worth(feeding(node)):
            spent = subject.spent(feeding(node))
            yield Found(
                node,
                f"makes {counted(given, 'row')} to throw away all but {count(kept)} of them",
                f"{counted(discarded, 'row')} skipped by OFFSET",
                "page by key: WHERE (key) > (the last page's last key) ORDER BY key LIMIT n, with an index on the key",
                # What begins behind the last page makes the kept rows only.
                None if spent is None else spent * discarded / given,
            )
