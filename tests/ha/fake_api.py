"""A REST API of a test's own on 127.0.0.1, which behaves as badly as the test wants."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from servers.ports import free_port

CERTIFICATE = Path(__file__).with_name("rest-api.pem")
DATE = "Date: Wed, 25 Nov 2026 02:45:12 GMT"

Behaviour = Callable[[socket.socket], None]


class FakeApi:
    """Answers each path as its behaviour says, and every other path with 404; ``asked`` are the requests it got."""

    def __init__(self, behaviours: Mapping[str, Behaviour], *, tls: bool = False) -> None:
        self.port = free_port()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.behaviours = dict(behaviours)
        self.asked: list[str] = []
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        self._context = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATE)
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """End it, and whatever it is still answering."""
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(0.1)
            whole = connection if self._context is None else self._context.wrap_socket(connection, server_side=True)
            with whole:
                self._answer(whole)

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            part = connection.recv(4096)
            if not part:
                return
            request += part
        self.asked.append(request.decode())
        path = request.split()[1].decode()
        behave = self.behaviours.get(path, answering(404, {}))
        while not self._ended.is_set():
            try:
                behave(connection)
            except TimeoutError:
                continue  # nobody reads it for now
            return


def answering(status: int, said: object, *, headers: tuple[str, ...] = (DATE,)) -> Behaviour:
    """Answer with that status and that JSON (text as it is)."""
    body = said if isinstance(said, str) else json.dumps(said)
    head = "\r\n".join((f"HTTP/1.0 {status} as told", *headers, "Content-Type: application/json"))
    return lambda connection: connection.sendall(f"{head}\r\n\r\n{body}".encode())


def sending(text: str) -> Behaviour:
    """Answer with that, be it HTTP or not, and close."""
    return lambda connection: connection.sendall(text.encode())


def dripping(first: str, part: str = "x") -> Behaviour:
    """Begin, and then go on with a little at a time, for ever."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(first.encode())
        while True:
            connection.sendall(part.encode())  # ends when the other side has closed
            time.sleep(0.02)

    return drip


def pouring(first: str) -> Behaviour:
    """Begin, and then send as much as can be sent, for ever."""

    def pour(connection: socket.socket) -> None:
        connection.sendall(first.encode())
        while True:
            connection.sendall(b"[" * 65536)

    return pour


def frozen(connection: socket.socket) -> None:
    """Take the request, and say nothing until the other side leaves."""
    while connection.recv(1):
        pass


def patroni_api(cluster: Any, config: Any, own: Any) -> dict[str, Behaviour]:
    """Behave as Patroni does."""
    return {
        "/cluster": answering(200, cluster),
        "/config": answering(200, config),
        "/patroni": answering(200, own),
    }
