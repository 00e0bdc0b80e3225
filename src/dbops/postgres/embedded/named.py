"""Named servers: ``embedded:NAME`` starts or reuses a local server of that name, whose data stays.

Every process that uses one holds a shared lock on its ``users.lock``. Whoever starts, leaves, cleans or removes it
holds ``start.lock`` exclusively meanwhile, so the last one out knows that it is the last, and stops the server.
"""

from __future__ import annotations

import atexit
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dbops.errors import ConfigError
from dbops.postgres.embedded import folders
from dbops.postgres.embedded.locks import START_LOCK, USERS_LOCK, FileLock, Held
from dbops.postgres.embedded.server import EmbeddedServer

SCHEME = "embedded:"
HOME_VARIABLE = "DBOPS_EMBEDDED_HOME"
REMOVED = ".removed-"

# Longer than initdb on a slow disk: whoever waits for the lock waits for that.
_START_TIMEOUT = 180


@dataclass(frozen=True, slots=True)
class NamedServer:
    """A named server in use by this process, until ``close`` (or the process's end)."""

    name: str
    database: str
    server: EmbeddedServer
    _users: FileLock

    @property
    def dsn(self) -> str:
        """The libpq connection string of ``database``, as its superuser."""
        return self.server.dsn(self.database)

    def close(self) -> None:
        """Leave the server, and stop it when nobody else uses it; again is no error."""
        atexit.unregister(self.close)
        if self._users.released:
            return
        with FileLock(self.server.home / START_LOCK, timeout=_START_TIMEOUT), self._users:
            if self._users.try_exclusive():
                self.server.stop()

    def __enter__(self) -> NamedServer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def parse_dsn(dsn: str) -> tuple[str, str]:
    """Split ``embedded:NAME`` or ``embedded:NAME/DATABASE`` into name and database (NAME when not given).

    ConfigError when it is neither.
    """
    name, slash, database = dsn.removeprefix(SCHEME).partition("/")
    if not dsn.startswith(SCHEME) or (slash and not database):
        raise ConfigError(f"{dsn} is not embedded:NAME or embedded:NAME/DATABASE")
    _check(name)
    return name, database or name


def open_named(name: str, database: str | None = None, *, bin_dir: Path | None = None) -> NamedServer:
    """Use the named server, made and started when it isn't, and its database (NAME by default), likewise.

    The result is a context manager. ConfigError for a bad name or without binaries, ConnectionFailed when the
    server can't be started.
    """
    _check(name)
    home = state_root() / name
    with _start_lock(home):
        users = FileLock(home / USERS_LOCK, shared=True, timeout=5)  # leftovers() may be trying it just now
        try:
            server = EmbeddedServer.create(home, bin_dir=bin_dir)
            server.start()
            named = NamedServer(name, database or name, server, users)
            _make_database(server, named.database)
        except BaseException:
            users.release()
            raise
    atexit.register(named.close)
    return named


def remove(name: str) -> bool:
    """Delete the named server with its data; False when there is none. ConfigError while somebody uses it."""
    _check(name)
    home = state_root() / name
    if not home.exists():
        return False
    with FileLock(home / START_LOCK, timeout=_START_TIMEOUT):
        try:
            users = FileLock(home / USERS_LOCK)
        except Held:
            raise ConfigError(f"the embedded server {name} is in use", hint="end what uses it first") from None
        with users:
            if server := EmbeddedServer.existing(home):
                server.kill()
                server.remove_socket()
            # Under another name first: nobody may find a half-deleted server, and the locks go with the folder.
            grave = Path(tempfile.mkdtemp(prefix=f"{REMOVED}{name}-", dir=home.parent))
            home.rename(grave / name)
            folders.delete(grave)
    return True


def names() -> list[str]:
    """Return the names of the servers there are, running or not, sorted."""
    root = state_root()
    return sorted(entry.name for entry in root.iterdir() if _is_name(entry.name)) if root.is_dir() else []


def state_root() -> Path:
    """Return the folder of the named servers: DBOPS_EMBEDDED_HOME, or where such state belongs on this system."""
    if named := os.environ.get(HOME_VARIABLE):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/dbops/embedded")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "dbops" / "embedded"


def _is_name(name: str) -> bool:
    return re.fullmatch(r"[a-z0-9_-]{1,40}", name) is not None


def _check(name: str) -> None:
    if not _is_name(name):
        raise ConfigError(
            f"{name!r} can't name an embedded server",
            hint="a name has 1 to 40 characters of a-z, 0-9, _ and -, as in embedded:shop",
        )


def _start_lock(home: Path) -> FileLock:
    """Make the home and lock it; again when ``remove`` took it away in between."""
    while True:
        folders.make_home(home)
        try:
            return FileLock(home / START_LOCK, timeout=_START_TIMEOUT)
        except FileNotFoundError:
            continue


def _make_database(server: EmbeddedServer, database: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(server.dsn(), autocommit=True, connect_timeout=10) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
