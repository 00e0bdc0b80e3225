"""The embedded lane: dbops's own servers, without Docker."""

from __future__ import annotations

from contextlib import ExitStack, suppress

import psycopg

from dbops.errors import ConnectionFailed
from dbops.postgres import embedded
from dbops.postgres.embedded import EmbeddedServer
from servers.ports import free_port
from servers.server import SETTINGS, Server, with_login

PASSWORD = "test"


class EmbeddedTestServer(Server):
    """An embedded server that, like a container, listens on 127.0.0.1 and asks for passwords there."""

    def __init__(self, server: EmbeddedServer, stack: ExitStack) -> None:
        self.server = server
        self._stack = stack

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
            home, name, slot=name, settings=SETTINGS, durable=False, port=free_port(), tcp=True
        )
        return EmbeddedTestServer(server, ExitStack())

    def promote(self) -> None:
        self.server.promote()

    def close(self) -> None:
        self.server.kill()
        self._stack.close()


def create() -> EmbeddedTestServer:
    """Start a fresh server."""
    with ExitStack() as stack:
        server = stack.enter_context(embedded.temporary(settings=SETTINGS, port=free_port(), tcp=True))
        with psycopg.connect(server.dsn()) as connection:
            connection.execute(f"ALTER ROLE postgres PASSWORD '{PASSWORD}'")
        return EmbeddedTestServer(server, stack.pop_all())


def clean_leftovers() -> None:
    """Remove the throw-away servers whose process is gone."""
    for leftover in embedded.leftovers():
        if leftover.kind == "temporary":
            with suppress(ConnectionFailed):  # another run that begins is at it
                embedded.clean(leftover)
