"""The entries of a log that grows, from lines as they come. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.workload.logs.formats import OTHERWISE, format_of
from dbops.workload.logs.prefix import guessed, unrecognised
from dbops.workload.logs.record import Counted, Format, Record

_ENOUGH = 500
"""Lines by which the prefix is known, or never."""


class Entries:
    """Takes whole lines, gives whole entries: the last one is kept back until another one begins, or :meth:`rest`.

    ``begun`` are lines from the log's begin, by which its format is known before any comes; with ``midway`` what is
    left of an entry that began before the first line is left out.
    """

    def __init__(
        self, counted: Counted, *, prefix: str | None, begun: Sequence[str] = (), midway: bool = False
    ) -> None:
        self._counted = counted
        self._prefix = prefix
        self._format: Format | None = None
        self._midway = midway
        self._waiting: list[str] = []
        self._recognise(begun)

    def take(self, lines: Sequence[str]) -> Iterator[Record]:
        """Yield the entries that are whole with these lines, each with its line break."""
        self._waiting += lines
        self._recognise(self._waiting)
        if self._format is None:
            if len(self._waiting) > _ENOUGH:
                raise unrecognised(self._waiting)
            return
        if self._midway:
            self._forget_the_first()
        last = next((at for at in range(len(self._waiting) - 1, -1, -1) if self._begins(self._waiting[at])), 0)
        whole, self._waiting = self._waiting[:last], self._waiting[last:]
        yield from self._format.records(whole, self._counted, self._prefix)

    def rest(self) -> Iterator[Record]:
        """Yield the entry that is kept back: nothing more came for a while. Raises UsageError for what is no log."""
        if any(line.strip() for line in self._waiting):
            if self._format is None:
                raise unrecognised(self._waiting)
            if not self._midway:
                yield from self._format.records(self._waiting, self._counted, self._prefix)
        self._waiting = []

    def _recognise(self, lines: Sequence[str]) -> None:
        """See which format it is by the first line that is not empty, and which prefix by all."""
        said = [line for line in lines if line.strip()] if self._format is None else []
        if not said:
            return
        found = format_of(said[0])
        if found.NAME == OTHERWISE and self._prefix is None:
            self._prefix = guessed(said)
        self._format = None if found.NAME == OTHERWISE and self._prefix is None else found

    def _begins(self, line: str) -> bool:
        return self._format is not None and self._format.begins(line, self._prefix)

    def _forget_the_first(self) -> None:
        first = next((at for at, line in enumerate(self._waiting) if self._begins(line)), None)
        self._midway = first is None
        self._waiting = [] if first is None else self._waiting[first:]
