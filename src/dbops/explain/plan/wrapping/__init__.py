"""What psql, CSV and PostgreSQL's log put around plans, taken off. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.explain.plan.lines import Line, Passage
from dbops.explain.plan.wrapping import log, psql


def unwrap(lines: Sequence[Line]) -> Iterator[Passage]:
    """Yield the passages that hold plans: one for each entry of a log or table of psql's, else the whole."""
    for passage in log.entries(lines) or [Passage(lines)]:
        for inner in psql.tables(passage.lines):
            if any(line.text.strip() for line in inner):
                yield Passage(inner, passage.duration_ms)
