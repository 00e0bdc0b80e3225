"""An HTTP GET that ends in time, whatever the server does.

A timeout of the standard library's is for one read: a server that sends a byte a second never meets it. Here every
read gets only what is left until the deadline. Nothing is followed, no proxy is taken from the environment, TLS is
verified, and an answer has a greatest size.
"""

from __future__ import annotations

import email.utils
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from errno import EHOSTUNREACH, ENETUNREACH
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast

from dbops.results.ha import FailureKind

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST_ANSWER = 1024**2
"""Bytes; Patroni's answer for a hundred members has about 40 kB."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an HTTP server is."""

    host: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of status 200 (anything else is a failure), and the server's clock, in seconds since 1970."""

    body: bytes
    clock: float | None


_KINDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], FailureKind, str], ...] = (
    (TimeoutError, FailureKind.TIMEOUT, "no answer in time"),
    (ssl.SSLCertVerificationError, FailureKind.TLS, "its certificate is not trusted: {error.verify_message}"),
    (ssl.SSLError, FailureKind.TLS, "TLS failed: {error.reason}"),
    ((socket.gaierror, UnicodeError), FailureKind.NAME, "its name does not resolve"),
    (ConnectionRefusedError, FailureKind.REFUSED, "connection refused"),
    (ConnectionError, FailureKind.LOST, "the connection broke before the answer was complete"),
)


class GetFailed(Exception):
    """There was no answer; ``str()`` says why in a few words."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def get(place: Place, path: str, *, deadline: float, headers: Mapping[str, str] | None = None) -> Answer:
    """Return what the server answers until ``deadline`` (of time.monotonic); raises GetFailed."""
    connection = _Connection(place, deadline)
    try:
        # Without keep-alive the end of the connection is the end of the answer.
        sent = {"Accept": "application/json", "Connection": "close", "User-Agent": "dbops", **(headers or {})}
        connection.request("GET", path, headers=sent)
        with connection.getresponse() as response:
            if response.status != 200:
                raise _refusal(response)
            body = response.read(LARGEST_ANSWER + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise _failed(error) from None
    finally:
        connection.close()
    if len(body) > LARGEST_ANSWER:
        raise GetFailed(FailureKind.OTHER, f"its answer is larger than {LARGEST_ANSWER // 1024**2} MB")
    return Answer(body, _clock(response))


class _Connection(HTTPConnection):
    """http.client's connection over a socket with a deadline."""

    def __init__(self, place: Place, deadline: float) -> None:
        super().__init__(place.host, place.port)
        self.default_port = 443 if place.tls else 80  # what the header Host leaves out
        self._place = place
        self._deadline = deadline

    def connect(self) -> None:
        """Connect, and shake hands."""
        plain = socket.create_connection((self._place.host, self._place.port), timeout=_left(self._deadline))
        try:
            plain.settimeout(_left(self._deadline))
            whole = _with_tls(plain, self._place.host) if self._place.tls else plain
        except BaseException:
            plain.close()
            raise
        self.sock = cast(socket.socket, _Socket(whole, self._deadline))


class _Socket:
    """What http.client uses of a socket."""

    def __init__(self, whole: socket.socket, deadline: float) -> None:
        self._whole = whole
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self._whole.settimeout(_left(self._deadline))
        self._whole.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what the answer is read from."""
        return io.BufferedReader(_Reader(self._whole, self._deadline))

    def close(self) -> None:
        """Close it."""
        self._whole.close()


class _Reader(io.RawIOBase):
    """Reads what comes until the deadline; the socket stays open for as long as this is."""

    def __init__(self, whole: socket.socket, deadline: float) -> None:
        self._whole = whole
        self._raw = whole.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read what is there, at least a byte."""
        self._whole.settimeout(_left(self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close it, and with it the socket."""
        self._raw.close()
        super().close()


def _with_tls(plain: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _clock(response: HTTPResponse) -> float | None:
    """Return the header Date, which Python's own server, and so Patroni's, always sends."""
    try:
        return email.utils.parsedate_to_datetime(response.getheader("Date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _refusal(response: HTTPResponse) -> GetFailed:
    if response.status in {401, 403}:
        return GetFailed(FailureKind.LOGIN, f"it refuses us: HTTP {response.status}")
    if 300 <= response.status < 400:
        return GetFailed(FailureKind.OTHER, f"it redirects (HTTP {response.status}), and nothing is followed")
    return GetFailed(FailureKind.OTHER, f"it answers HTTP {response.status}")


def _failed(error: Exception) -> GetFailed:
    for kinds, why, message in _KINDS:
        if isinstance(error, kinds):
            return GetFailed(why, message.format(error=error))
    if not isinstance(error, OSError):
        return GetFailed(FailureKind.OTHER, "its answer is not HTTP")
    unreachable = error.errno in {EHOSTUNREACH, ENETUNREACH}
    return GetFailed(FailureKind.TIMEOUT if unreachable else FailureKind.OTHER, (error.strerror or "failed").lower())
