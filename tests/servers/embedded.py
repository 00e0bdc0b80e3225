"""The embedded lane: dbops's own servers, without Docker."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from dbops.errors import ConnectionFailed
from dbops.postgres import embedded
from dbops.postgres.embedded import EmbeddedServer
from servers.ports import free_port
from servers.server import SETTINGS, Server, Settings, with_login

PASSWORD = "test"


class EmbeddedTestServer(Server):
    """An embedded server that, like a container, listens on 127.0.0.1 and asks for passwords there."""

    def __init__(self, server: EmbeddedServer, stack: ExitStack, settings: Settings) -> None:
        self.server = server
        self._stack = stack
        self._settings = settings

    def dsn(self, database: str = "postgres", *, user: str | None = None, password: str | None = None) -> str:
        return with_login(self.server.tcp_dsn("postgres", "postgres", PASSWORD), database, user, password)

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def kill(self) -> None:
        self.server.kill()

    def pause(self) -> None:
        self.server.pause()

    def resume(self) -> None:
        self.server.resume()

    def standby(self, name: str) -> EmbeddedTestServer:
        home = self.server.home.with_name(name)  # temporary() ends what is beside its server
        server = self.server.standby(
            home, name, slot=name, settings=self._settings, durable=False, port=free_port(), tcp=True
        )
        return EmbeddedTestServer(server, ExitStack(), self._settings)

    def promote(self) -> None:
        self.server.promote()

    def upstream(self, name: str) -> str:
        return make_conninfo(self.dsn(), application_name=name)

    def read_hba(self) -> str:
        return self._hba.read_text()

    def write_hba(self, text: str) -> None:
        self._hba.write_text(text)

    def close(self) -> None:
        self.server.kill()
        self._stack.close()

    @property
    def _hba(self) -> Path:
        return self.server.home / "pg_hba.conf"


def create(settings: Settings = SETTINGS) -> EmbeddedTestServer:
    """Start a fresh server."""
    with ExitStack() as stack:
        server = stack.enter_context(embedded.temporary(settings=settings, port=free_port(), tcp=True))
        with psycopg.connect(server.dsn()) as connection:
            connection.execute(f"ALTER ROLE postgres PASSWORD '{PASSWORD}'")
        return EmbeddedTestServer(server, stack.pop_all(), settings)


def create_shared() -> EmbeddedTestServer:
    """Start the server that all tests share."""
    return create()


def clean_leftovers() -> None:
    """Remove the throw-away servers whose process is gone."""
    for leftover in embedded.leftovers():
        if leftover.kind == "temporary":
            with suppress(ConnectionFailed):  # another run that begins is at it
                embedded.clean(leftover)
