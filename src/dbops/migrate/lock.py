"""The lock that lets one runner at a time change a database.

An advisory lock of a transaction that stays open and idle on a connection of its own: a transaction pooler must
keep that connection's server for it, it ends with the connection however the runner dies, and it holds no snapshot
that CREATE INDEX CONCURRENTLY on the other connection would wait for.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable

from dbops.errors import ConnectionFailed, MigrationLocked
from dbops.migrate.limits import KEEPALIVES
from dbops.postgres.errors import ConnectionLost
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.results.progress import Event, Waiting
from dbops.results.progress import Session as Other

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class RunnerLock:
    """The lock of the history in ``schema``, held by ``session`` once acquired."""

    def __init__(self, session: Session, schema: str, server_version: int) -> None:
        self._session = session
        digest = hashlib.sha256(f"dbops migrate {schema}".encode()).digest()
        self._key = int.from_bytes(digest[:8], "big", signed=True)
        limits = ["idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout"]
        if server_version >= 170000:
            limits.append("transaction_timeout")
        settings = dict.fromkeys(limits, 0) | KEEPALIVES
        self._begin = "BEGIN ISOLATION LEVEL READ COMMITTED;" + "".join(
            f"SET LOCAL {name} = {value};" for name, value in settings.items()
        )

    def acquire(self, wait: float, interrupt: Interrupt, emit: Callable[[Event], None]) -> None:
        """Take the lock, asking again (with jitter, never queueing on the server) for up to ``wait`` seconds.

        Raises MigrationLocked naming the holder, Interrupted, ConnectionFailed.
        """
        started = time.monotonic()
        pause = _FIRST_PAUSE
        while not self._try():
            waited = time.monotonic() - started
            holder = self.holder()
            described = str(holder) if holder else "another runner"
            if waited >= wait:
                raise MigrationLocked(
                    f"another runner holds the lock: {described}",
                    hint=f"waited {waited:.0f} s; it may be in a long migration. Run again later, or with a longer "
                    "--lock-wait",
                    details=[{"field": "lock", "error": described, "pid": holder.pid if holder else None}],
                    retryable=True,
                )
            emit(Waiting("runner", waited, wait, described))
            interrupt.sleep(min(pause * random.uniform(0.5, 1.5), max(wait - waited, 0.01)))  # noqa: S311
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _try(self) -> bool:
        try:
            taken = self._session.json(self._begin + render("try_lock", key=self._key))
            if not taken:
                self._session.run("ROLLBACK")
        except ConnectionLost as lost:
            raise ConnectionFailed(
                f"the connection was lost while asking for the lock: {lost}", retryable=True
            ) from None
        return bool(taken)

    def holder(self) -> Other | None:
        """Return who holds the lock now."""
        unsigned = self._key % 2**64
        said = self._session.json(render("lock_holder", high=unsigned >> 32, low=unsigned % 2**32))
        return Other(**said) if said else None
