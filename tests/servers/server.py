"""What tests may do to a server, the same on every lane."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import closing
from dataclasses import dataclass
from typing import Self

import psycopg
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
        """Start a streaming standby of it, whose application_name is ``name`` and whose slot has that name too."""

    @abstractmethod
    def promote(self) -> None:
        """Make a standby a primary and wait until it takes writes."""

    @abstractmethod
    def close(self) -> None:
        """Remove it, its standbys and its data, in whatever state they are."""

    def restart(self) -> None:
        """Stop and start it."""
        self.stop()
        self.start()

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
        """Wait until the primary sees every standby stream."""

        def all_stream() -> bool:
            rows = connection.execute("SELECT FROM pg_stat_replication WHERE state = 'streaming'").fetchall()
            return len(rows) == len(self.standbys)

        with closing(psycopg.connect(self.primary.dsn(), autocommit=True, connect_timeout=10)) as connection:
            assert wait_until(all_stream, timeout=60), "the standbys don't stream after 60 s"


def with_login(conninfo: str, database: str, user: str | None, password: str | None) -> str:
    """Return ``conninfo`` for another database and, when given, another user."""
    changed = {"dbname": database, "user": user, "password": password}
    return make_conninfo(conninfo, **{key: value for key, value in changed.items() if value is not None})
