"""The two connections a run works with: one watches and holds the lock, the other works."""

from __future__ import annotations

import getpass
import math
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from dbops.errors import ConnectionFailed, DbopsError, Interrupted, MigrationFailed, PermissionDenied
from dbops.files.migration import Migration
from dbops.migrate import limits
from dbops.migrate.alembic.revision import history_of
from dbops.migrate.history import Author, History
from dbops.migrate.lock import RunnerLock
from dbops.migrate.options import Options
from dbops.migrate.record import Record
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import INSUFFICIENT_PRIVILEGE, ConnectionLost, ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.reach import reachable
from dbops.postgres.session import Session
from dbops.postgres.target import Facts, identify, require_same_server, require_writable
from dbops.results.progress import Waiting
from dbops.results.target import Target
from dbops.sql.quote import identifier

SECOND_CONNECTION_BOUND = 15.0
"""Seconds a pooler may take to find a second server connection; a pool of one never does."""


class Workplace:
    """What a command needs: the watching session, facts of the server, and, once locked, the working session."""

    def __init__(
        self,
        dsn: Dsn,
        command: str,
        options: Options,
        interrupt: Interrupt,
        run_id: str,
        *,
        files: Sequence[Migration] = (),
        looks_only: bool = False,
    ) -> None:
        self.options = options
        self._files = files
        self._looks_only = looks_only
        self.interrupt = interrupt
        self.run_id = run_id
        self._started = time.monotonic()
        self.application = f"dbops migrate {command} {run_id}"
        self.history = History(options.schema, options.role, _author(run_id, options.change_id, self.application))
        self._dsn = dsn
        self.watcher = self._connect(f"{self.application} watch", wait=min(options.connect_wait, self.remaining))
        try:
            self.facts = identify(self.watcher, environment=options.environment, role=options.role)
            self.history.acting = self.facts.target.role
            self._require_role()
            self._may_idle(self.watcher, self.facts)
        except BaseException:
            self.watcher.close()
            raise
        self._worker: Session | None = None
        self._looker: Session | None = None
        self._may_look = True
        self.checks_client = False
        self.worker_facts = self.facts

    @property
    def target(self) -> Target:
        """Return what the run works on."""
        return self.facts.target

    @property
    def elapsed(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self._started

    @property
    def remaining(self) -> float:
        """Return the seconds left of --max-duration."""
        bound = self.options.max_duration
        return max(bound - self.elapsed, 0.0) if bound else math.inf

    @property
    def worker(self) -> Session:
        """Return the working session; there is one between :meth:`lock` and :meth:`close`."""
        assert self._worker is not None, "lock() comes first"
        return self._worker

    @property
    def locked(self) -> bool:
        """Say whether the lock was taken."""
        return self._worker is not None

    def read_history(self, session: Session | None = None) -> Record:
        """Return the history as it is now; that of an Alembic project's revisions is in Alembic's own table."""
        session = session or self._worker or self.watcher
        record = self.history.read(session)
        if history_of(self._files) is None:
            return record
        from dbops.migrate.alembic.state import state

        return state(session, self._files, self.history, record, self.options.search_path)

    def lock(self) -> None:
        """Take the runner lock and open the working session on the same server; make the history's tables."""
        require_writable(self.facts)
        RunnerLock(self.watcher, self.options.schema, self.facts.version).acquire(
            min(self.options.lock_wait, self.remaining), self.interrupt, self.options.emit
        )
        self._worker = self._connect(self.application, wait=0.0)
        self.worker_facts = self._identify_worker()
        require_writable(self.worker_facts)
        require_same_server(self.facts, self.worker_facts)
        self._may_idle(self._worker, self.worker_facts)
        self.checks_client = self._can_check_client()
        self.history.ensure(self._worker)

    def looker(self) -> Session | None:
        """Return the session to ask what others do, opened when it is first needed; None when there can't be one.

        It is not the watcher: what a query takes in the watcher's open transaction lasts, and a CREATE INDEX
        CONCURRENTLY that met a snapshot of it would wait for the end of that transaction, which waits for the index.
        Behind a pooler it is the watcher all the same: two server connections are all one can count on there, and
        nothing runs CONCURRENTLY.
        """
        if self.target.pooled:
            return self.watcher
        if self._looker is None and self._may_look:
            self._may_look = False
            try:
                self._looker = self._connect(f"{self.application} look", wait=0.0)
                self._may_idle(self._looker, self.facts)
            except Interrupted:
                raise
            except (DbopsError, ServerError, ConnectionLost):
                return None
        return None if self._looker is None or self._looker.closed else self._looker

    def holder(self) -> str | None:
        """Return the runner that holds the lock now, described."""
        holder = RunnerLock(self.watcher, self.options.schema, self.facts.version).holder()
        return str(holder) if holder else None

    def reconnect(self) -> Session:
        """Open one more session, briefly, to see or say what became of a lost one."""
        return self._connect(self.application, wait=5.0)

    def close(self) -> None:
        """End both sessions; the lock goes with the watcher's transaction."""
        for session in (self._worker, self._looker, self.watcher):
            if session is not None and not session.closed:
                with suppress(ServerError, ConnectionLost, DbopsError):
                    if session is self.watcher and self.locked:
                        # A pooler keeps the server connection: end the transaction, not only the connection.
                        session.run("ROLLBACK", bound=2.0)
                session.close()

    def _connect(self, application: str, *, wait: float) -> Session:
        return connect(
            self._dsn,
            application,
            self.interrupt,
            wait=wait,
            on_wait=lambda waited, bound, reason: self.options.emit(Waiting("server", waited, bound, reason)),
            writable=not self._looks_only,
        )

    def _may_idle(self, session: Session, facts: Facts) -> None:
        """Lift an inherited idle_session_timeout, in a round trip that happens only where there is one."""
        if sets := limits.idle(facts.settings):
            session.run(";".join(sets))

    def _identify_worker(self) -> Facts:
        try:
            return identify(
                self.worker,
                environment=self.options.environment,
                role=self.options.role,
                bound=SECOND_CONNECTION_BOUND,
            )
        except ConnectionLost as lost:
            if not self.target.pooled:
                raise
            raise ConnectionFailed(
                f"the pooler gave no second server connection: {lost}",
                hint="dbops needs two at once, one for the lock and one to work: raise the pool's size, or set "
                "direct_url to the server itself",
                details=[{"field": "direct_url", "error": "pool exhausted"}],
                retryable=True,
            ) from None

    def _can_check_client(self) -> bool:
        """Say whether the server can notice that we are gone: 14 and newer, where its system tells it."""
        if self.facts.version < 140000:
            return False
        try:
            self.worker.run(f"BEGIN;SET LOCAL client_connection_check_interval = {limits.CHECK_CLIENT_EVERY_MS};COMMIT")
        except ServerError:
            self.worker.run("ROLLBACK")
            return False
        return True

    def _require_role(self) -> None:
        role = self.options.role
        if role is None:
            return
        try:
            self.watcher.run(f"BEGIN;SET LOCAL ROLE {identifier(role)};COMMIT")
        except ServerError as error:
            self.watcher.run("ROLLBACK")
            may_not = error.sqlstate == INSUFFICIENT_PRIVILEGE
            raise PermissionDenied(
                f"can't take the role {role}: {error.report.message}",
                hint=f"GRANT {identifier(role)} TO {identifier(self.target.user)}, or name another --role"
                if may_not
                else "name a role that exists with --role (SELECT rolname FROM pg_roles)",
                details=[{"field": "role", "error": error.report.message}],
            ) from None


def _author(run_id: str, change_id: str | None, application: str) -> Author:
    try:
        os_user: str | None = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's numeric user without a name
        os_user = None
    return Author(run_id, change_id, os_user, socket.gethostname(), application)


def new_run_id() -> str:
    """Return an id of eight hex digits, for the log, the history and the application name."""
    return secrets.token_hex(4)


@contextmanager
def workplace(
    dsn: Dsn,
    command: str,
    options: Options,
    interrupt: Interrupt | None = None,
    *,
    files: Sequence[Migration] = (),
    looks_only: bool = False,
) -> Iterator[Workplace]:
    """Connect (starting an ``embedded:`` server first) and clean up at the end.

    ``files`` tell where the history is. With ``looks_only`` any of several hosts will do, a standby too.

    What breaks on the way is reported as ConnectionFailed.
    """
    own = interrupt or Interrupt()
    try:
        with reachable(dsn, own) as reached:
            run_id = options.run_id or new_run_id()
            place = Workplace(reached, command, options, own, run_id, files=files, looks_only=looks_only)
            try:
                yield place
            finally:
                place.close()
    except ConnectionLost as lost:
        raise ConnectionFailed(
            f"the connection to {dsn.shown} was lost: {lost}",
            hint="check the server, then run `dbops migrate status`",
            details=[{"field": "dsn", "error": str(lost)}],
            retryable=True,
        ) from lost
    except ServerError as error:
        kind = PermissionDenied if error.sqlstate == INSUFFICIENT_PRIVILEGE else MigrationFailed
        raise kind(
            f"the server refused a statement of dbops's own: {error.report.message}",
            hint="does the role have the rights it needs? `dbops doctor` looks",
            details=[{"field": "history", "error": error.report.message, "sqlstate": error.sqlstate}],
        ) from error
    finally:
        if interrupt is None:
            own.close()
