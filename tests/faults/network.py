"""A TCP way to a server that can fall silent and break, as networks do."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from servers.ports import free_port

_CHUNK = 65536


class Network:
    """Passes on what goes between a client and the server of ``dsn``, until it is told otherwise."""

    def __init__(self, dsn: str) -> None:
        upstream = conninfo_to_dict(dsn)
        self._upstream = (str(upstream["host"]), int(upstream["port"]))
        self._speaks = threading.Event()
        self._speaks.set()
        self._sockets: list[socket.socket] = []
        self._left: int | None = None
        self._port = free_port()
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self.dsn = make_conninfo(dsn, host="127.0.0.1", port=self._port, connect_timeout=2)
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self) -> None:
        """From now on take new connections, and pass on nothing."""
        self._speaks.clear()

    def silence_after(self, count: int) -> None:
        """Fall silent once so many more bytes have come from clients."""
        self._left = count

    def wait_for_silence(self) -> None:
        while self._speaks.is_set():
            threading.Event().wait(0.01)

    def cut(self) -> None:
        """Break all connections and take no more; the server hears nothing of it."""
        self.silence()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._sockets:
            if one.getsockname()[1] == self._port:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._speaks.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._upstream)
                self._sockets += [client, server]
                threading.Thread(target=self._pass, args=[client, server, True], daemon=True).start()
                threading.Thread(target=self._pass, args=[server, client, False], daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if from_client and self._left is not None:
                    self._left -= len(data)
                    if self._left < 0:
                        self.silence()
                self._speaks.wait()
                target.sendall(data)
            self._speaks.wait()
            target.shutdown(socket.SHUT_WR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
