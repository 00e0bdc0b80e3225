"""csvlog: 23 columns in PostgreSQL 12, 24 in 13, 26 since 14; texts may hold line breaks, within quotes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

from dbops.workload.logs.record import Counted, Record, moment

NAME = "csvlog"

_BEGIN = re.compile(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^,"]{1,40},(?:"(?:[^"]|"")*")?,(?:"(?:[^"]|"")*")?,\d+,')
_FEWEST = 23
_LONGEST = 2**31 - 1
"""Characters of a statement: csv's own bound is 128 kB, PostgreSQL's is 1 GB."""
_USER, _DATABASE, _SESSION, _TRANSACTION, _LEVEL, _MESSAGE, _DETAIL, _STATEMENT, _APPLICATION = (
    1, 2, 5, 9, 11, 13, 14, 19, 22,
)  # fmt: skip


def recognises(line: str) -> bool:
    """Say yes to a time, a user, a database and a pid with commas between."""
    return _BEGIN.match(line) is not None


def begins(line: str, _prefix: str | None = None) -> bool:
    """Say yes to what may be a log's first line."""
    return recognises(line)


def records(lines: Iterable[str], counted: Counted, _prefix: str | None = None) -> Iterator[Record]:
    """Yield the entries of a log; one that was cut off costs no other."""
    csv.field_size_limit(_LONGEST)
    for text in _whole(lines, counted):
        row = next(csv.reader([text]), [])
        at = moment(row[0]) if row else None
        if at is None or len(row) < _FEWEST:
            counted.unreadable += 1
            continue
        counted.records += 1
        yield Record(
            at,
            row[_SESSION],
            row[_TRANSACTION] or None,
            row[_USER] or None,
            row[_DATABASE] or None,
            row[_APPLICATION] or None,
            row[_LEVEL],
            row[_MESSAGE],
            row[_DETAIL],
            row[_STATEMENT],
        )


def _whole(lines: Iterable[str], counted: Counted) -> Iterator[str]:
    """Yield the text of each entry: lines until all quotes are closed.

    A line that begins as an entry does while a quote is open shows that the one before was cut off: the server crashed
    as it wrote it, or the disk was full.
    """
    parts: list[str] = []
    quotes = 0
    for line in lines:
        if parts and quotes % 2 and _BEGIN.match(line):
            counted.unreadable += 1
            parts, quotes = [], 0
        parts.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            yield "".join(parts)
            parts, quotes = [], 0
    if parts:
        counted.unreadable += 1
