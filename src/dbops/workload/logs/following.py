"""Logs that are followed: files, all of a folder, or those that fit a pattern, as the server makes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from stat import S_ISREG

from dbops.errors import UsageError
from dbops.workload.logs.compression import is_compressed
from dbops.workload.logs.entries import Entries
from dbops.workload.logs.opening import STDIN, unreadable
from dbops.workload.logs.record import Counted, Record
from dbops.workload.logs.tail import Known, Tail, head

_ENDINGS = (".csv", ".json", ".log")
"""What a folder's logs are told by: with several destinations the server writes each entry into each of them."""
_PATTERN = frozenset("*?[")
_COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst", ".lz4"})
_OPEN = 8
"""So many files are held open; others are opened again when they grow."""
_BEGIN = 64_000
"""Bytes of a log that are looked at to see its format, when what is there is left out."""


class _Log:
    """A file, and the entries that are read from it."""

    def __init__(self, path: Path, known: Known, *, from_start: bool) -> None:
        self.tail = Tail(path, known)
        self.from_start = from_start
        self.entries: Entries | None = None
        self.cut = 0


class Following:
    """Follows logs by their names, each that of a file, a folder, or a pattern with ``*`` or ``?``.

    What is there is left out, unless ``from_start``; files that come later are read whole. Raises UsageError where
    there is nothing to follow, and for what is no log.
    """

    def __init__(
        self,
        names: Sequence[Path],
        counted: Counted,
        *,
        prefix: str | None = None,
        encoding: str = "utf-8",
        from_start: bool = False,
    ) -> None:
        self._names = tuple(names)
        self._counted = counted
        self._prefix = prefix
        self._encoding = encoding
        self._known = Known()
        self._logs: dict[Path, _Log] = {}
        for name in self._names:
            found = _there(name)
            for path in found:
                self._logs[path] = _Log(path, self._known, from_start=from_start)
                if not from_start:
                    self._logs[path].tail.skip(hold=path in found[-_OPEN:])

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are followed, the one that was written to last at the end."""
        return tuple(self._logs)

    def records(self) -> Iterator[Record]:
        """Yield the entries that came since the last call."""
        for name in self._names:
            for path in _fitting(name):
                if path not in self._logs and path.is_file():
                    self._logs[path] = _Log(path, self._known, from_start=True)
        grew: set[Path] = set()
        for log in tuple(self._logs.values()):
            yield from self._read(log, grew)
        if grew:  # the server writes elsewhere by now
            yield from self.rest(but=grew)

    def rest(self, *, but: Collection[Path] = ()) -> Iterator[Record]:
        """Yield the last entry of each log ``but`` those: nothing came to it for a while, so it is whole."""
        for log in tuple(self._logs.values()):
            if log.entries is not None and log.tail.path not in but:
                yield from _named(log, log.entries.rest())

    def close(self) -> None:
        """Let go of all files."""
        for log in self._logs.values():
            log.tail.close()

    def _read(self, log: _Log, grew: set[Path]) -> Iterator[Record]:
        more = True
        while more:
            try:
                lines = log.tail.lines() if log.tail.is_open or log.tail.changed() else []
            except OSError as error:
                raise unreadable(log.tail.path, str(error.strerror)) from None
            more = log.tail.more
            if lines:
                grew.add(log.tail.path)
                self._came_last(log)
                if log.entries is None:
                    yield from self.rest()  # a new log is begun when all was written to the old one
                    log.entries = self._entries(log)
                yield from _named(log, log.entries.take([self._decoded(line) for line in lines]))
        self._counted.unreadable += log.tail.cut - log.cut
        log.cut = log.tail.cut

    def _entries(self, log: _Log) -> Entries:
        begun = [] if log.from_start else head(log.tail.path, _BEGIN).split(b"\n")[:-1]
        lines = [self._decoded(line) for line in begun]
        return Entries(self._counted, prefix=self._prefix, begun=lines, midway=not log.from_start)

    def _decoded(self, line: bytes) -> str:
        return line.decode(self._encoding, errors="replace").removeprefix("\ufeff") + "\n"

    def _came_last(self, log: _Log) -> None:
        """Put the log behind the others, and let go of files that did not grow for long."""
        self._logs[log.tail.path] = self._logs.pop(log.tail.path)
        for each in [each for each in self._logs.values() if each.tail.is_open][:-_OPEN]:
            each.tail.close()


def _there(name: Path) -> list[Path]:
    """Return the files of a name that are there now, the one that was written to last at the end."""
    if name == STDIN:
        raise unreadable(name, "standard input is read as it comes, and to its end: leave --follow out")
    found = _fitting(name)
    try:
        modified = {path: path.stat() for path in found}
    except OSError as error:
        raise unreadable(name, str(error.strerror)) from None
    for path in found:
        if not S_ISREG(modified[path].st_mode):
            raise unreadable(path, "it is no regular file: what is read to its end needs no --follow")
        if is_compressed(path):
            raise unreadable(path, "it is compressed: nothing is added to it any more")
    if not found:
        raise UsageError(
            f"{name}: there is no log to follow",
            hint="name a log, a folder with logs that end in .csv, .json or .log, or a pattern in quotes",
            details=[{"field": "--log", "error": "nothing fits", "file": str(name)}],
        )
    return sorted(found, key=lambda path: modified[path].st_mtime_ns)


def _fitting(name: Path) -> list[Path]:
    """Return the files that a name stands for; of a folder those of one format."""
    try:
        return _matches(name)
    except FileNotFoundError:  # it was there a moment ago
        return []
    except OSError as error:
        raise unreadable(name, str(error.strerror)) from None


def _matches(name: Path) -> list[Path]:
    if name.is_dir():
        files = list(name.iterdir())
        ending = next((each for each in _ENDINGS if any(path.suffix == each for path in files)), None)
        return [path for path in files if path.suffix == ending]
    if _PATTERN.intersection(name.name) and not name.exists():
        return [path for path in name.parent.glob(name.name) if path.is_file() and path.suffix not in _COMPRESSED]
    return [name]


def _named(log: _Log, records: Iterator[Record]) -> Iterator[Record]:
    """Yield the records; an error says which file it is."""
    try:
        yield from records
    except UsageError as error:
        raise UsageError(f"{log.tail.path}: {error.message}", hint=error.hint, details=error.details) from None
