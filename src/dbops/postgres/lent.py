"""A session's connection in psycopg's own form, for a library that needs one (SQLAlchemy): a statement that runs on it
is watched, bounded and stopped as the session's own are.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from psycopg.waiting import Ready, Wait

from dbops.errors import DbopsError
from dbops.postgres.errors import ConnectionLost, Report, ServerError, report_of

if TYPE_CHECKING:
    from dbops.postgres.session import Session, Tick

Value = TypeVar("Value")

_ROLLBACK_BOUND = 30.0
"""Seconds the server has for what comes after a stop, which is a ROLLBACK."""


class Lent(psycopg.Connection[Any]):
    """Not in autocommit at first. Closing it does nothing: the connection is the session's.

    ``kept`` says whether anything was committed since it was last set to False; ``stopped`` is what asked to stop:
    nothing is committed after that.
    """

    def __init__(self, session: Session, pgconn: PGconn, tick: Tick | None, every: float) -> None:
        super().__init__(pgconn)
        self.prepare_threshold = None  # a pooler's other clients would meet what is prepared
        self._session = session
        self._tick = tick
        self._every = every
        self.kept = False
        self.stopped: DbopsError | None = None
        self.add_notice_handler(lambda notice: session.on_notice(_noted(notice)))

    def __del__(self, _warn: Any = None, /) -> None:
        pass

    def close(self) -> None:
        """Leave it open."""

    def commit(self) -> None:
        """Commit, unless something asked to stop."""
        if self.stopped is not None:
            raise self.stopped
        began = self.pgconn.transaction_status != TransactionStatus.IDLE
        super().commit()
        self.kept = self.kept or began

    def rollback(self) -> None:
        """Roll back, unless the server has: a lost connection is told once, by what it was lost in."""
        if not self._session.closed:
            super().rollback()

    def wait(self, gen: PQGen[Value], *_args: Any, **_bounds: Any) -> Value:
        """Run one of psycopg's generators as the session does; see :meth:`dbops.postgres.session.Session.follow`."""
        self.kept = self.kept or self.autocommit
        heed = self.stopped is None
        try:
            if heed:
                self._session.check()
            return self._session.follow(
                gen,
                bound=None if heed else _ROLLBACK_BOUND,
                tick=self._tick if heed else None,
                every=self._every,
                heed=heed,
            )
        except DbopsError as stop:
            self.stopped = stop
            raise


def translated(error: BaseException) -> ServerError | ConnectionLost | None:
    """Return a psycopg error as one of ours, None when it isn't the server's or the connection's."""
    if not isinstance(error, psycopg.Error):
        return None
    if error.pgresult is not None:
        return ServerError(report_of(error.pgresult), ())
    return ConnectionLost(str(error)) if isinstance(error, psycopg.OperationalError) else None


def events_of(wanted: int) -> int:
    """Return poll's events for what one of psycopg's generators waits for."""
    return (select.POLLIN if wanted & Wait.R else 0) | (select.POLLOUT if wanted & Wait.W else 0)


def ready_of(events: int) -> Ready:
    """Return what one of psycopg's generators is told of poll's events; a broken socket counts as ready."""
    broken = events & (select.POLLERR | select.POLLHUP | select.POLLNVAL)
    read, write = (events & flag or broken for flag in (select.POLLIN, select.POLLOUT))
    return Ready((Ready.R if read else 0) | (Ready.W if write else 0))


def _noted(notice: psycopg.errors.Diagnostic) -> Report:
    severity = notice.severity_nonlocalized or notice.severity or "NOTICE"
    return Report(severity, notice.sqlstate or "", notice.message_primary or "")
