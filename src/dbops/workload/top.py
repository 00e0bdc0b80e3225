"""``dbops top``: which statements the time goes to, since they are counted or over an interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.results.progress import Event
from dbops.results.workload import Order, TopResult
from dbops.workload.counters import Key
from dbops.workload.ranking import Text, first, ranked, without_own
from dbops.workload.watched import Watched, watching

_WATCHED_S = 60.0
_NO_IO_TIMES = "track_io_timing is off: how long blocks took is not known"


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

    Raises what :func:`dbops.workload.watched.watching` does, and Interrupted.
    """
    interrupt = interrupt or Interrupt()
    with _watching(dsn, request, interrupt) as watched:
        if request.seconds is None:
            watched.totals()
        else:
            watched.during(request.seconds, interrupt, request.report)
        return _result(watched, request, totals=request.seconds is None)


def watch(dsn: Dsn, request: Request, every: float, interrupt: Interrupt) -> Iterator[TopResult]:
    """Yield the first statements of the last ``request.seconds`` (60) again and again; see :func:`top`."""
    with _watching(dsn, request, interrupt) as watched:
        watched.look()
        while True:
            interrupt.sleep(every)
            watched.look()
            watched.window.forget(request.seconds or _WATCHED_S)
            yield _result(watched, request, totals=False)


def _watching(dsn: Dsn, request: Request, interrupt: Interrupt) -> AbstractContextManager[Watched]:
    return watching(
        dsn,
        "top",
        interrupt,
        everywhere=request.everywhere,
        environment=request.environment,
        report=request.report,
    )


def _result(watched: Watched, request: Request, *, totals: bool) -> TopResult:
    window, order, limit = watched.window, request.order, request.limit
    found = ranked(window, _texts(watched, order, limit), order, watched.meaning)
    return TopResult(
        target=watched.target,
        statements=found.statements[:limit],
        order=order,
        measured_s=None if totals else round(window.seconds, 3),
        since=watched.since,
        seen=len(found.statements),
        calls=found.calls,
        total_ms=found.total_ms,
        notes=(*watched.notes(hidden=found.hidden), *([] if watched.meaning.io_timing else [_NO_IO_TIMES])),
    )


def _texts(watched: Watched, order: Order, limit: int) -> dict[tuple[int, int], Text]:
    """Return the texts of the first statements: of more, until none of them turns out to be dbops's own."""
    sums = watched.window.sums()
    texts: dict[tuple[int, int], Text] = {}
    asked: set[tuple[int, int]] = set()
    while wanted := _identified(first(without_own(sums, texts), order, limit)) - asked:
        texts |= watched.texts(wanted)
        asked |= wanted
    return texts


def _identified(keys: Iterable[Key]) -> set[tuple[int, int]]:
    return {(key.database, key.queryid) for key in keys if key.queryid is not None}
