"""One connection, on which every wait has a bound and can be stopped.

Messages go out as simple queries: several statements in one round trip, and what a transaction pooler passes on
whole. While the server works the session waits on the socket and on the interrupt's descriptor, and calls ``tick``
about once a second; whatever ``tick`` raises cancels the statement on the server.
"""

from __future__ import annotations

import json
import select
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from dbops.errors import DbopsError
from dbops.postgres.errors import QUERY_CANCELED, ConnectionLost, Report, ServerError, report_of
from dbops.postgres.feed import Feed
from dbops.postgres.interrupt import Interrupt

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn, PGresult

    from dbops.postgres.lent import Lent

Value = TypeVar("Value")

ANSWER_BOUND = 30.0
"""Seconds within which the server answers a question of dbops's own, which are all small."""
CANCEL_BOUND = 10.0
"""Seconds a cancelled statement has to end; after that the connection is given up."""
UNASKED_BOUND = 1.0
"""The same when the server did not even take the request to cancel."""
TICK = 1.0

Tick = Callable[[float], None]
Sink = Callable[[memoryview], None]
"""Takes a row of COPY … TO STDOUT; its memory is the row's only until the next. It may raise DbopsError to stop."""
Result: TypeAlias = "PGresult"
"""What one statement gave."""


class _Wait:
    """What the waiting for one message is bound by, and what cut it short."""

    def __init__(self, bound: float | None, tick: Tick | None, every: float, heed: bool) -> None:
        self._started = time.monotonic()
        self._bound = bound
        self._tick = tick
        self._every = every
        self._next_tick = self._started + every
        self.heed = heed
        self.stopped_by: DbopsError | None = None

    def milliseconds(self) -> float:
        """Return how long to poll at most; raises ConnectionLost when the bound is reached."""
        now = time.monotonic()
        left = self._next_tick - now
        if self._bound is not None:
            until_bound = self._started + self._bound - now
            if until_bound <= 0:
                raise ConnectionLost(f"the server did not answer within {self._bound:g} s")
            left = min(left, until_bound)
        return max(left, 0.001) * 1000

    def tick_if_due(self) -> None:
        """Call the tick when its time has come; passes on what it raises."""
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + self._every
            if self._tick is not None:
                self._tick(now - self._started)

    def stop(self, reason: DbopsError, bound: float) -> None:
        """Note why the message was cancelled; from here on it has only to end, within so many seconds."""
        self.stopped_by = reason
        self.heed = False
        self._tick = None
        self._started, self._bound = time.monotonic(), bound


class Session:
    """A connection in autocommit; not for use by two threads at once."""

    def __init__(self, connection: Connection[Any], interrupt: Interrupt) -> None:
        self._connection = connection
        self._pgconn: PGconn = connection.pgconn
        self._pgconn.nonblocking = 1
        self._interrupt = interrupt
        self.on_notice: Callable[[Report], None] = lambda _report: None
        self._hear_notices()

    @property
    def client_pid(self) -> int:
        """Return the backend's pid as the client was told at login (a pooler tells its own)."""
        return self._pgconn.backend_pid

    @property
    def host(self) -> str:
        """Return the host that answered, as the DSN named it, or the folder of the Unix socket."""
        return self._pgconn.host.decode()

    @property
    def port(self) -> int | None:
        """Return the port, None for a Unix socket."""
        return None if self.host.startswith("/") else int(self._pgconn.port)

    def environment(self) -> dict[str, str]:
        """Return the variables of libpq's by which another program gets here; see :mod:`dbops.postgres.environment`."""
        from dbops.postgres.environment import environment

        return environment(self._pgconn)

    @property
    def closed(self) -> bool:
        """Say whether the connection was closed or lost."""
        from psycopg.pq import ConnStatus

        return self._pgconn.status != ConnStatus.OK

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open and sound; after an error in it, its locks are gone."""
        from psycopg.pq import TransactionStatus

        return self._pgconn.transaction_status == TransactionStatus.INTRANS

    def run(
        self,
        text: str,
        *,
        bound: float | None = ANSWER_BOUND,
        tick: Tick | None = None,
        every: float = TICK,
        heed: bool = False,
        sink: Sink | None = None,
    ) -> list[Result]:
        """Run the message and return a result a statement.

        ``bound`` is in seconds, None for none. ``tick`` is called every ``every`` seconds with the seconds since the
        start. ``heed`` lets a requested interrupt cancel the message. ``sink`` takes the rows of COPY … TO STDOUT,
        which otherwise go nowhere. Raises ServerError, ConnectionLost, or what stopped the message, with the server's
        answer as its cause; but when that came too late and the message finished, its results are returned, for they
        are the truth, and the reason to stop is still where it was.
        """
        wait = _Wait(bound, tick, every, heed)
        try:
            self._send(text, wait)
            return self._receive(wait, sink)
        except (ServerError, ConnectionLost, DbopsError):
            raise
        except BaseException:
            # KeyboardInterrupt of a library user: leave nothing running on the server.
            self._cancel()
            self.close()
            raise

    def json(self, text: str, **bounds: Any) -> Any:
        """Run the message and return the JSON value that its last SELECT gives, or None for no row or NULL."""
        values = self._selected(text, bounds)
        return _value(values[-1]) if values else None

    def jsons(self, text: str, **bounds: Any) -> list[Any]:
        """Run the message and return the JSON value that each of its SELECTs gives, None for no row or NULL.

        What isn't UTF-8 comes with U+FFFD in its place: a database with SQL_ASCII lets such names of roles and
        databases into the catalogs that all databases share.
        """
        return [_value(value, errors="replace") for value in self._selected(text, bounds)]

    def _selected(self, text: str, bounds: Mapping[str, Any]) -> list[bytes | None]:
        from psycopg.pq import ExecStatus

        selected = [result for result in self.run(text, **bounds) if result.status == ExecStatus.TUPLES_OK]
        return [result.get_value(0, 0) if result.ntuples else None for result in selected]

    @contextmanager
    def feeding(self, text: str, *, heed: bool = False) -> Iterator[Feed]:
        """Run COPY … FROM STDIN and give what takes its data; after an exception in the context nothing is stored.

        ``heed`` lets a requested interrupt end it. Raises ServerError, at the latest at the end, and ConnectionLost.
        """
        wait = _Wait(ANSWER_BOUND, None, TICK, heed=False)
        self._send(text, wait)
        self._receive(wait, feeds=True)
        feed = Feed(self._pgconn, lambda: self._flush(heed))
        try:
            yield feed
            feed.end()
        except BaseException:
            with suppress(ServerError, ConnectionLost, DbopsError):
                Feed(self._pgconn, lambda: self._flush(heed=False)).end("stopped by the client")
                self._receive(_Wait(CANCEL_BOUND, None, TICK, heed=False))
            raise
        stored = self._receive(_Wait(ANSWER_BOUND, None, TICK, heed=False))
        feed.rows = stored[-1].command_tuples or 0

    @contextmanager
    def lent(self, *, tick: Tick | None = None, every: float = TICK) -> Iterator[Lent]:
        """Lend the idle connection to a library that talks through psycopg; the session is not used meanwhile.

        What is waited for on the lent connection is bound and stopped as in :meth:`run`, with ``heed`` and ``tick``.
        At the end an open transaction is rolled back.
        """
        from dbops.postgres.lent import Lent

        lent = Lent(self, self._pgconn, tick, every)
        try:
            yield lent
        finally:
            self._hear_notices()
            if not self.closed and not self._idle:
                with suppress(ServerError, ConnectionLost):
                    self.run("ROLLBACK")

    def follow(self, steps: PQGen[Value], *, bound: float | None, tick: Tick | None, every: float, heed: bool) -> Value:
        """Run one of psycopg's generators to its end, waiting as for a message of our own.

        Raises what it raises, ConnectionLost, or what stopped it when that cancelled it.
        """
        from psycopg import InterfaceError, OperationalError
        from psycopg.errors import QueryCanceled

        from dbops.postgres.lent import events_of, ready_of

        wait = _Wait(bound, tick, every, heed)
        try:
            wanted = next(steps)
            while True:
                wanted = steps.send(ready_of(self._wait(events_of(wanted), wait)))
        except StopIteration as end:
            value: Value = end.value
            return value
        except QueryCanceled as cancelled:
            if wait.stopped_by is not None:
                raise wait.stopped_by from cancelled
            raise
        except (OperationalError, InterfaceError, ConnectionLost) as broken:
            if isinstance(broken, ConnectionLost) or self.closed:
                self.close()
                raise ConnectionLost(_first_line(broken)) from wait.stopped_by
            raise

    def check(self) -> None:
        """Raise Interrupted when a stop was requested."""
        self._interrupt.check()

    @property
    def _idle(self) -> bool:
        from psycopg.pq import TransactionStatus

        return self._pgconn.transaction_status == TransactionStatus.IDLE

    def _hear_notices(self) -> None:
        self._pgconn.notice_handler = lambda result: self.on_notice(report_of(result))

    def close(self) -> None:
        """Close the connection; never raises."""
        with suppress(Exception):
            self._connection.close()

    def lost(self) -> bool:
        """Look, without a round trip, whether the server has ended the connection."""
        if self.closed:
            return True
        poll = select.poll()
        poll.register(self._pgconn.socket, select.POLLIN)
        if poll.poll(0):
            try:
                self._pgconn.consume_input()
            except Exception:  # psycopg's OperationalError; any failure to read is a lost connection
                return True
        return self.closed

    def _send(self, text: str, wait: _Wait) -> None:
        from psycopg import OperationalError

        try:
            self._pgconn.send_query(text.encode())
            while self._pgconn.flush():
                self._wait(select.POLLIN | select.POLLOUT, wait)
                self._pgconn.consume_input()
        except (OperationalError, ConnectionLost) as broken:
            self.close()
            raise ConnectionLost(_first_line(broken)) from wait.stopped_by

    def _flush(self, heed: bool) -> None:
        """Send what is queued of a COPY's data; a request to stop is raised rather than sent to the server."""
        from psycopg import OperationalError

        wait = _Wait(ANSWER_BOUND, None, TICK, heed)
        try:
            while self._pgconn.flush():
                if heed:
                    self._interrupt.check()
                self._poll(select.POLLIN | select.POLLOUT, wait)
                self._pgconn.consume_input()
        except (OperationalError, ConnectionLost) as broken:
            self.close()
            raise ConnectionLost(_first_line(broken)) from None

    def _receive(self, wait: _Wait, sink: Sink | None = None, *, feeds: bool = False) -> list[Result]:
        """Return the results that are left; with ``feeds`` only those up to where COPY waits for its data."""
        from psycopg import OperationalError
        from psycopg.pq import ExecStatus

        results: list[Result] = []
        failure: Report | None = None
        try:
            while (result := self._next(wait)) is not None:
                if result.status == ExecStatus.FATAL_ERROR:
                    failure = report_of(result)
                elif result.status == ExecStatus.COPY_OUT:
                    self._copy_out(wait, sink)  # its end is a result of its own
                elif result.status == ExecStatus.COPY_IN and feeds:
                    return results
                elif result.status in {ExecStatus.COPY_IN, ExecStatus.COPY_BOTH}:
                    raise ConnectionLost("COPY from the client has no client here")
                else:
                    results.append(result)
        except (OperationalError, ConnectionLost) as broken:
            self.close()
            raise ConnectionLost(_first_line(broken)) from wait.stopped_by
        if failure is None:
            return results
        if self.closed or failure.severity in {"FATAL", "PANIC"}:
            self.close()
            raise ConnectionLost(failure.message) from wait.stopped_by
        error = ServerError(failure, results)
        if wait.stopped_by is not None and failure.sqlstate == QUERY_CANCELED:
            raise wait.stopped_by from error
        raise error

    def _next(self, wait: _Wait) -> Result | None:
        """Return the next result, None at the message's end."""
        while self._pgconn.is_busy():
            self._wait(select.POLLIN, wait)
            self._pgconn.consume_input()
        return self._pgconn.get_result()

    def _copy_out(self, wait: _Wait, sink: Sink | None) -> None:
        """Pass what COPY … TO STDOUT gives to the sink, or by; after a request to stop, by."""
        while (got := self._pgconn.get_copy_data(1))[0] >= 0:
            if got[0] == 0:
                self._wait(select.POLLIN, wait)
                self._pgconn.consume_input()
            elif sink is not None and wait.stopped_by is None:
                try:
                    sink(got[1])
                except DbopsError as reason:
                    self._stop(wait, reason)

    def _wait(self, events: int, wait: _Wait) -> int:
        """Wait for the socket for a moment and return its events; cancels the message when something asks to stop."""
        ready = 0
        try:
            if wait.heed:
                self._interrupt.check()
            ready = self._poll(events, wait)
            wait.tick_if_due()
        except DbopsError as reason:
            self._stop(wait, reason)
        return ready

    def _stop(self, wait: _Wait, reason: DbopsError) -> None:
        """Cancel the message."""
        wait.stop(reason, CANCEL_BOUND if self._cancel() else UNASKED_BOUND)

    def _poll(self, events: int, wait: _Wait) -> int:
        """Wait for the socket (and return its events), the next tick and, when it is heeded, the interrupt."""
        poll = select.poll()
        poll.register(self._pgconn.socket, events)
        if wait.heed:
            poll.register(self._interrupt.fileno(), select.POLLIN)
        return dict(poll.poll(wait.milliseconds())).get(self._pgconn.socket, 0)

    def _cancel(self) -> bool:
        """Ask the server to cancel, and say whether it took the request."""
        with suppress(Exception):
            self._connection.cancel_safe(timeout=CANCEL_BOUND / 2)
            return True
        return False


def _value(text: bytes | None, *, errors: str = "strict") -> Any:
    return None if text is None else json.loads(bytes(text).decode(errors=errors))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "the connection was lost"
