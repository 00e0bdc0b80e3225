"""``dbops top``: which statements the time goes to, since they are counted or over an interval."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from dbops.errors import ConfigError, ConnectionFailed, PermissionDenied, QueryFailed
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.session import Session
from dbops.postgres.statements import WAL_SINCE, Extension, counted_since, sample, settings, texts
from dbops.postgres.target import identify
from dbops.results.progress import Event, QueryRunning, TargetKnown
from dbops.results.target import Target
from dbops.results.workload import Order, TopResult
from dbops.sql.redact import message as without_secrets
from dbops.workload.available import PRELOAD, statements_of
from dbops.workload.counters import Sample
from dbops.workload.ranking import Meaning, Text, first, ranked
from dbops.workload.window import Window

_PARTS = 30
"""Into so many parts an interval is cut at most, and none is shorter than a second: what is drawn of it."""
_DENIED = "42501"
_NOT_LOADED = "55000"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    ``seconds`` is how long statements are watched, None for all that was counted so far. ``everywhere`` takes all
    databases of the server. Of what ``order`` puts first, ``limit`` are returned.
    """

    seconds: float | None = None
    order: Order = Order.TOTAL
    limit: int = 20
    everywhere: bool = False
    environment: str | None = None
    report: Callable[[Event], None] = lambda _event: None


def top(dsn: Dsn, request: Request, interrupt: Interrupt | None = None) -> TopResult:
    """Return the first statements of the target; takes as long as it is to watch.

    Raises ConfigError where pg_stat_statements can't be read, PermissionDenied, ConnectionFailed and Interrupted.
    """
    interrupt = interrupt or Interrupt()
    with _looking(dsn, request, interrupt) as looking:
        if request.seconds is None:
            return looking.totals()
        step = max(request.seconds / _PARTS, min(1.0, request.seconds))
        looking.look()
        until = time.monotonic() + request.seconds
        while (left := until - time.monotonic()) > 0:
            # The last part is as long as the others, or longer: a short one would be drawn as a peak or a gap.
            interrupt.sleep(left if left < 1.5 * step else step)
            looking.look()
            request.report(QueryRunning("watching statements", request.seconds - left, request.seconds))
        return looking.over(request.seconds)


def watch(dsn: Dsn, request: Request, every: float, interrupt: Interrupt) -> Iterator[TopResult]:
    """Yield the first statements of the last ``request.seconds`` (60) again and again; see :func:`top`."""
    seconds = request.seconds or 60.0
    with _looking(dsn, request, interrupt) as looking:
        looking.look()
        while True:
            interrupt.sleep(every)
            looking.look()
            yield looking.over(seconds)


@contextmanager
def _looking(dsn: Dsn, request: Request, interrupt: Interrupt) -> Iterator[_Looking]:
    session = connect(dsn, "dbops top", interrupt)
    try:
        known = identify(session, environment=request.environment)
        request.report(TargetKnown(known.target, "", None))
        yield _Looking(session, known.target, statements_of(session), request)
    except ServerError as error:
        raise _refused(error) from error
    except ConnectionLost as error:
        raise ConnectionFailed(
            f"the connection was lost while statements were watched: {error}",
            hint="run it again",
            details=[{"field": "dsn", "error": str(error)}],
            retryable=True,
        ) from None
    finally:
        session.close()


class _Looking:
    """A session that looks at the counters again and again, and what it saw."""

    def __init__(self, session: Session, target: Target, where: Extension, request: Request) -> None:
        self._session = session
        self._target = target
        self._where = where
        self._request = request
        self._settings = settings(session)
        self._window = Window()

    def look(self) -> None:
        """Take a sample."""
        self._window.add(self._sample())

    def totals(self) -> TopResult:
        """Return all that was counted so far."""
        now = self._sample()
        since = counted_since(self._session, self._where)
        window = Window()
        window.add(Sample(float(since["since"]) if since else now.at, {}))
        window.add(now)
        thrown_out = since["thrown_out"] if since else 0
        result = self._result(window, thrown_out)
        return replace(result, measured_s=None, since=since["at"] if since else None)

    def over(self, seconds: float) -> TopResult:
        """Return what was added in the last seconds."""
        self._window.forget(seconds)
        return self._result(self._window, 0)

    def _sample(self) -> Sample:
        return Sample.read(sample(self._session, self._where, everywhere=self._request.everywhere))

    def _result(self, window: Window, thrown_out: int) -> TopResult:
        order, limit = self._request.order, self._request.limit
        sums = window.sums()
        # A few more than are shown: those that turn out to be dbops's own are left out.
        wanted = {(key.database, key.queryid) for key in first(sums, order, limit + 5) if key.queryid is not None}
        known: Mapping[tuple[int, int], Text] = {
            (database, queryid): Text(name, text, own)
            for database, queryid, name, text, own in texts(self._session, self._where, wanted)
        }
        meaning = Meaning(
            self._settings["block_size"], io_timing=self._settings["io_timing"], wal=self._where.version >= WAL_SINCE
        )
        found = ranked(window, known, order, meaning)
        return TopResult(
            target=self._target,
            statements=found.statements[:limit],
            order=order,
            measured_s=round(window.seconds, 3),
            since=None,
            seen=len(found.statements),
            calls=found.calls,
            total_ms=found.total_ms,
            notes=(*self._notes(window, thrown_out, hidden=found.hidden),),
        )

    def _notes(self, window: Window, thrown_out: int, *, hidden: bool) -> Iterator[str]:
        if self._settings["track"] == "none":
            yield "pg_stat_statements.track is none here: nothing is counted"
        if self._settings["track"] == "all" and self._where.version < (1, 9):
            yield "before PostgreSQL 14, what functions call counts twice: for itself and for its callers"
        if hidden:
            yield f"other roles' statements are one line; to see them: GRANT pg_read_all_stats TO {self._target.role}"
        if not self._settings["io_timing"]:
            yield "track_io_timing is off: how long blocks took is not known"
        if thrown_out:
            yield (
                f"entries were thrown out for want of room {thrown_out:,} times: totals are too low; raise "
                "pg_stat_statements.max, or watch with --for"
            )
        if window.lost:
            yield f"{window.lost:,} statements were reset or thrown out meanwhile: what they had cost is not known"


def _refused(error: ServerError) -> Exception:
    said = without_secrets(error.report.message)
    details = [{"field": "pg_stat_statements", "error": said, "sqlstate": error.sqlstate}]
    if error.sqlstate == _NOT_LOADED:
        return ConfigError(said, hint=f"it takes {PRELOAD}", details=details)
    if error.sqlstate == _DENIED:
        return PermissionDenied(
            f"this role may not read pg_stat_statements: {said}",
            hint="GRANT pg_read_all_stats TO this role, and USAGE on the schema that the extension is in",
            details=details,
        )
    return QueryFailed(f"the server refused to tell of its statements: {said}", hint="see its log", details=details)
