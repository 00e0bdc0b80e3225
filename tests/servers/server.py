"""What tests may do to a server, the same on every lane."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Self, TypeAlias

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dbops.postgres.embedded.process import wait_until

# Every server of ours runs with these, so that a test promises the same on every lane.
SETTINGS = {
    "fsync": False,
    "full_page_writes": False,
    "wal_level": "logical",
    "max_prepared_transactions": 10,
    "max_connections": 200,
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.max": "20000",  # all tests' statements: none is thrown out while its test looks
}
Settings: TypeAlias = dict[str, str | int | bool]

# A cluster to fail over also has what pg_rewind needs, standbys that come back at once, and an archiver, which keeps
# nothing, and fails while its data folder has a file of that name.
ARCHIVE_FAILS = "archive_fails"
FAILOVER: Settings = SETTINGS | {
    "full_page_writes": True,
    "wal_log_hints": True,
    "wal_retrieve_retry_interval": "100ms",
    "archive_mode": True,
    "archive_command": f"test ! -e {ARCHIVE_FAILS}",
    "restore_command": "false",
}


class Server(ABC):
    """A server of one's own: it may be stopped, crashed and frozen, and ends with ``close``, its standbys too.

    Its address stays the same through all of that. Whoever stops or crashes it starts it again before using it.
    """

    @abstractmethod
    def dsn(self, database: str = "postgres", *, user: str | None = None, password: str | None = None) -> str:
        """Return a libpq connection string; without ``user`` it is the superuser's."""

    @abstractmethod
    def start(self) -> None:
        """Start it after ``stop`` or ``kill`` and wait until it takes connections."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it as an operator does (pg_ctl's mode fast)."""

    @abstractmethod
    def kill(self) -> None:
        """Crash it: all its processes end at once."""

    @abstractmethod
    def pause(self) -> None:
        """Freeze it: connections stay open, and nothing is answered."""

    @abstractmethod
    def resume(self) -> None:
        """Let it go on after ``pause``."""

    @abstractmethod
    def standby(self, name: str) -> Server:
        """Start a streaming standby of it, whose application_name is ``name`` and whose slot has that name too.

        It has the same settings. Of a standby it is a cascading one.
        """

    @abstractmethod
    def promote(self) -> None:
        """Make a standby a primary and wait until it takes writes."""

    @abstractmethod
    def upstream(self, name: str) -> str:
        """Return the primary_conninfo of a standby of this name that follows this server."""

    @abstractmethod
    def read_hba(self) -> str:
        """Return the text of its pg_hba.conf."""

    @abstractmethod
    def write_hba(self, text: str) -> None:
        """Replace its pg_hba.conf; the server reads it when it is told to."""

    @abstractmethod
    def close(self) -> None:
        """Remove it, its standbys and its data, in whatever state they are."""

    def restart(self) -> None:
        """Stop and start it."""
        self.stop()
        self.start()

    def make_slot(self, name: str) -> None:
        """Make a replication slot that keeps nothing until it is used."""
        with self._connected() as connection:
            connection.execute("SELECT pg_create_physical_replication_slot(%s)", [name])

    def follow(self, upstream: Server, name: str) -> None:
        """Restart it as a standby of another server, whatever it wrote itself, as an operator does who forgot that."""
        with self._connected() as connection:
            conninfo = sql.Literal(upstream.upstream(name))
            connection.execute(sql.SQL("ALTER SYSTEM SET primary_conninfo = {}").format(conninfo))
            connection.execute("COPY (SELECT WHERE false) TO PROGRAM 'touch standby.signal'")
        self.restart()

    @contextmanager
    def hba_first(self, line: str) -> Iterator[None]:
        """Put a line before all others of pg_hba.conf, for whoever logs in from now on."""
        before = self.read_hba()
        with self._connected() as connection:
            self.write_hba(f"{line}\n{before}")
            reload(connection)
            try:
                yield
            finally:
                self.write_hba(before)
                self._reload(connection)

    def _reload(self, connection: psycopg.Connection) -> None:
        try:
            reload(connection)
        except psycopg.OperationalError:  # it was restarted since
            with self._connected() as anew:
                reload(anew)

    def _connected(self) -> closing[psycopg.Connection]:
        return closing(psycopg.connect(self.dsn(), autocommit=True, connect_timeout=10))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class SharedServer:
    """The server that all tests of a run share. It has an address only, so no test can stop it."""

    lane: str
    conninfo: str

    def dsn(self, database: str = "postgres", *, user: str | None = None, password: str | None = None) -> str:
        """Return a libpq connection string; without ``user`` it is the superuser's."""
        return with_login(self.conninfo, database, user, password)

    def version(self) -> str:
        """Return PostgreSQL's version, as "15.18"."""
        with closing(psycopg.connect(self.dsn(), connect_timeout=10)) as connection:
            return connection.info.parameter_status("server_version").split()[0]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A primary and its streaming standbys."""

    primary: Server
    standbys: tuple[Server, ...]

    def wait_until_streaming(self) -> None:
        """Wait until every standby says that it streams, and the primary too: it may still see one that was stopped."""
        count = "SELECT count(*) FROM {} WHERE "
        # A base backup receives WAL too, and replays none.
        sends = count.format("pg_stat_replication") + "state = 'streaming' AND replay_lsn IS NOT NULL"
        receives = count.format("pg_stat_wal_receiver") + "status = 'streaming'"
        asked = [(self.primary, sends, len(self.standbys)), *((standby, receives, 1) for standby in self.standbys)]
        with ExitStack() as stack:
            sessions = [(stack.enter_context(server._connected()), query, wanted) for server, query, wanted in asked]

            def all_stream() -> bool:
                return all(session.execute(query).fetchone() == (wanted,) for session, query, wanted in sessions)

            assert wait_until(all_stream, timeout=60), "the standbys don't stream after 60 s"


def reload(connection: psycopg.Connection) -> None:
    """Let the server read its files anew, and wait until it has."""

    def loaded() -> object:
        row = connection.execute("SELECT pg_conf_load_time()").fetchone()
        assert row is not None
        return row[0]

    before = loaded()
    connection.execute("SELECT pg_reload_conf()")
    # A session hears of it from the postmaster, which takes no login before it has read everything.
    assert wait_until(lambda: loaded() != before, timeout=30), "the server did not reload within 30 s"


def with_login(conninfo: str, database: str, user: str | None, password: str | None) -> str:
    """Return ``conninfo`` for another database and, when given, another user."""
    changed = {"dbname": database, "user": user, "password": password}
    return make_conninfo(conninfo, **{key: value for key, value in changed.items() if value is not None})
