"""jsonlog, since PostgreSQL 15: an object a line, with the keys whose values are known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from dbops.workload.logs.record import Counted, Record, moment

NAME = "jsonlog"


def recognises(line: str) -> bool:
    """Say yes to an object with a time."""
    return line.startswith('{"timestamp":"')


def begins(_line: str, _prefix: str | None = None) -> bool:
    """Say yes: an entry has one line."""
    return True


def records(lines: Iterable[str], counted: Counted, _prefix: str | None = None) -> Iterator[Record]:
    """Yield the entries of a log."""
    for line in lines:
        try:
            said = json.loads(line)
            at = moment(said["timestamp"])
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            counted.unreadable += bool(line.strip())
            continue
        counted.records += 1
        yield Record(
            at,
            said.get("session_id") or str(said.get("pid", "")),
            said.get("vxid"),
            said.get("user"),
            said.get("dbname"),
            said.get("application_name"),
            said.get("error_severity", ""),
            said.get("message", ""),
            said.get("detail", ""),
            said.get("statement", ""),
        )
