"""stderr's text: each line with log_line_prefix, details as lines of their own, further lines with a tab."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
            raise unrecognised(begin)
        lines = chain(begin, lines)
    pattern = compiled(prefix)
    entry: _Entry | None = None
    for line in lines:
        if entry is not None and entry.has(line):
            continue
        match = pattern.match(line.rstrip("\r\n"))
        if match is None:
            counted.unreadable += bool(line.strip())
        elif match["level"] in _PARTS:
            if entry is None or not entry.takes(match):
                counted.unreadable += 1
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
        self._session = _session(self._said)
        self._prefix = match.string[: match.start("level")]
        self._text = self._open = [match["text"]]
        self._parts: dict[str, list[str]] = {}

    def has(self, line: str) -> bool:
        """Take a line that goes on, or begins a part with the very prefix of the entry: most parts have it."""
        if line.startswith("\t"):
            self._open.append("\n" + line[1:].rstrip("\r\n"))
            return True
        if not self._prefix or not line.startswith(self._prefix):
            return False
        part, _, text = line[len(self._prefix) :].partition(":  ")
        if part in _PARTS:
            self._open = self._parts.setdefault(part, [])
            self._open.append(text.rstrip("\r\n"))
        return part in _PARTS

    def takes(self, match: Match[str]) -> bool:
        """Take the first line of a part; of another session's, whose lines came in between, only to leave it out."""
        own = _session(match.groupdict()) == self._session
        self._open = self._parts.setdefault(match["level"] if own else "", [])
        self._open.append(match["text"])
        return own

    def record(self) -> Record:
        said, parts = self._said, self._parts
        epoch = said.get("epoch")
        return Record(
            float(epoch) if epoch else moment(said.get("at") or ""),
            self._session,
            said.get("transaction") or None,
            _known(said.get("user")),
            _known(said.get("database")),
            _known(said.get("application")),
            said["level"] or "",
            self._text[0] if len(self._text) == 1 else "".join(self._text),
            "".join(parts["DETAIL"]) if "DETAIL" in parts else "",
            "".join(parts["STATEMENT"]) if "STATEMENT" in parts else "",
        )


def _session(said: Mapping[str, str | None]) -> str:
    return said.get("session") or said.get("pid") or ""


def _known(value: str | None) -> str | None:
    return None if value in {None, "", "[unknown]"} else value
