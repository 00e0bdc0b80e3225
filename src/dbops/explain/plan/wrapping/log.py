"""auto_explain's entries in PostgreSQL's log, which may be plain, CSV or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile

from dbops.explain.plan.lines import Line, Passage
from dbops.explain.plan.wrapping.quotes import csv_field, json_string

_ENTRY = re.compile(r"duration: (?P<ms>\d{1,15}(?:\.\d{1,9})?) ms {1,2}plan:")
_OTHER_ENTRY = re.compile(r"(?:\S.*\b)?(?:LOG|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|ERROR|WARNING|NOTICE|FATAL|PANIC):  ")


def entries(lines: Sequence[Line]) -> list[Passage]:
    """Return a passage for each plan in a log, with what the log says the query took; none where it is no log."""
    found = [(number, match) for number, line in enumerate(lines) if (match := _match(line.text))]
    ends = [*(number for number, _ in found), len(lines)][1:]
    return [
        Passage(list(_body(lines[number], match, lines[number + 1 : end])), float(match["ms"]))
        for (number, match), end in zip(found, ends, strict=True)
    ]


def _match(text: str) -> re.Match[str] | None:
    return _ENTRY.search(text) if "duration: " in text else None


def _body(line: Line, entry: re.Match[str], after: Sequence[Line]) -> Iterator[Line]:
    """Yield what stands below the entry's first line."""
    before = line.text[: entry.start()]
    if before.endswith(('"message":"', '"message": "')):
        return islice(json_string(line, entry.start()), 1, None)
    if before.endswith('"'):
        return islice(csv_field([line, *after], 0, entry.start()), 1, None)
    if after and after[0].text.startswith("\t"):
        return (each.part(1) for each in takewhile(lambda each: each.text.startswith("\t"), after))
    return takewhile(lambda each: not _OTHER_ENTRY.match(each.text), after)
