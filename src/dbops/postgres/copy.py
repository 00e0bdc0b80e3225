"""Rows from one server to another, by COPY, without a stop in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dbops.errors import ConnectionFailed, DbopsError
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.feed import Feed
from dbops.postgres.session import Session, Tick

_CHUNK = 128 * 1024


class SourceFailed(Exception):
    """The source refused or was lost; ``error`` is what it said. What is not this is the destination's."""

    def __init__(self, error: ServerError | ConnectionLost) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, slots=True)
class Copied:
    """How much went over: rows, and bytes of COPY's text."""

    rows: int
    size: int


def copy(
    source: Session,
    out: str,
    destination: Session,
    into: str,
    *,
    bound: float,
    tick: Tick | None = None,
    report: Callable[[int], None] = lambda _size: None,
) -> Copied:
    """Run ``out`` (COPY … TO STDOUT) on one server and ``into`` (COPY … FROM STDIN) on another, as one stream.

    The destination's pace is the source's. ``bound`` is in seconds; ``report`` is called with the bytes so far. A
    requested interrupt, or what ``tick`` raises, cancels the source's statement, and the destination keeps nothing.
    Raises SourceFailed for what the source says, ServerError and ConnectionLost for what the destination does.
    """
    with destination.feeding(into, heed=True) as feed:
        pipe = _Pipe(feed, report)

        def look(elapsed: float) -> None:
            if destination.lost():  # from a slow source, it may be long until the next rows go there
                raise destination_lost("its connection ended")
            if tick is not None:
                tick(elapsed)

        try:
            source.run(out, bound=bound, tick=look, heed=True, sink=pipe)
        except (ServerError, ConnectionLost) as error:
            raise SourceFailed(error) from error
        pipe.flush()
    return Copied(feed.rows, pipe.size)


class _Pipe:
    """Gathers rows to chunks: a message a row would cost more than the row."""

    def __init__(self, feed: Feed, report: Callable[[int], None]) -> None:
        self._feed = feed
        self._report = report
        self._chunk = bytearray()
        self._failure: DbopsError | None = None
        self.size = 0

    def __call__(self, row: memoryview) -> None:
        self._chunk += row
        if len(self._chunk) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send what was gathered."""
        if self._failure is not None:  # the source had finished before it heard that it should stop
            raise self._failure
        self.size += len(self._chunk)
        try:
            self._feed.put(bytes(self._chunk))
        except ConnectionLost as lost:
            self._failure = destination_lost(str(lost))
            raise self._failure from None
        except DbopsError as reason:
            self._failure = reason
            raise
        self._chunk.clear()
        self._report(self.size)


def destination_lost(why: str) -> ConnectionFailed:
    """Return the error for a server that rows were copied to and that is gone."""
    return ConnectionFailed(f"the server that the rows were copied to was lost: {why}", retryable=True)
