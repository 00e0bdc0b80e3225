"""stderr's text: each line with log_line_prefix, details as lines of their own, further lines with a tab."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from re import Match

from dbops.workload.logs.prefix import compiled, guessed, unrecognised
from dbops.workload.logs.record import Counted, Record, moment

NAME = "stderr"

_LOOKED_AT = 500
"""So many lines are looked at to see which prefix they have."""
_PARTS = frozenset({"DETAIL", "HINT", "QUERY", "CONTEXT", "LOCATION", "STATEMENT", "BACKTRACE"})


def recognises(_line: str) -> bool:
    """Say no: it is what a log is taken for that is of no other format."""
    return False


def begins(line: str, prefix: str | None = None) -> bool:
    """Say yes to a line with the prefix that is no part of the entry before."""
    match = compiled(prefix or "").match(line)
    return match is not None and match["level"] not in _PARTS


def records(lines: Iterable[str], counted: Counted, prefix: str | None = None) -> Iterator[Record]:
    """Yield the entries of a log. Raises UsageError where no prefix is given and none is recognised."""
    lines = iter(lines)
    if prefix is None:
        begin = list(islice(lines, _LOOKED_AT))
        prefix = guessed(begin)
        if prefix is None:
            raise unrecognised()
        lines = chain(begin, lines)
    pattern = compiled(prefix)
    entry: _Entry | None = None
    for line in lines:
        match = pattern.match(line.rstrip("\r\n"))
        if match is None:
            if entry is not None and line.startswith("\t"):
                entry.goes_on(line[1:])
            else:
                counted.unreadable += bool(line.strip())
        elif match["level"] in _PARTS:
            if entry is not None:
                entry.begin(match["level"], match["text"])
        else:
            if entry is not None:
                yield entry.record()
            counted.records += 1
            entry = _Entry(match)
    if entry is not None:
        yield entry.record()


class _Entry:
    """An entry while its lines are read."""

    def __init__(self, match: Match[str]) -> None:
        self._said = match.groupdict()
        self._parts: dict[str, list[str]] = {"": [match["text"]]}
        self._open = self._parts[""]

    def begin(self, part: str, text: str) -> None:
        self._open = self._parts.setdefault(part, [])
        self._open.append(text)

    def goes_on(self, line: str) -> None:
        self._open.append("\n" + line.rstrip("\r\n"))

    def record(self) -> Record:
        said = self._said
        epoch = said.get("epoch")
        return Record(
            float(epoch) if epoch else moment(said.get("at") or ""),
            said.get("session") or said.get("pid") or "",
            said.get("transaction") or None,
            _known(said.get("user")),
            _known(said.get("database")),
            _known(said.get("application")),
            said["level"] or "",
            "".join(self._parts[""]),
            "".join(self._parts.get("DETAIL", ())),
            "".join(self._parts.get("STATEMENT", ())),
        )


def _known(value: str | None) -> str | None:
    return None if value in {None, "", "[unknown]"} else value
