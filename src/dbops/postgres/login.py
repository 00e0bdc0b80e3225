"""Logging in within a bound that holds whatever hangs: the name's lookup, the network, the server.

libpq looks names up with Python's lock held, and its own timeout is in whole seconds of at least two: many servers
asked at once would wait for the slowest. Here the name is looked up by Python, and libpq only polled.
"""

from __future__ import annotations

import os
import re
import select
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from errno import ECONNREFUSED, ENOENT
from typing import TYPE_CHECKING, Any

from dbops.postgres.connect import hosts_of, parameters_of
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.session import Session
from dbops.results.ha import FailureKind
from dbops.sql.redact import dsn as redacted

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

_SEVERITY = re.compile(r"^FATAL:\s+")
# The end of the message: a certificate's file that is missing is no server that is.
_REFUSED = tuple(f"failed: {os.strerror(code)}" for code in (ECONNREFUSED, ENOENT))


_REQUIRE_AUTH = 160000
"""The libpq that can refuse a way of logging in."""


# libpq gives no SQLSTATE of a failed login, so these are PostgreSQL's English words; what a server of another language
# says is OTHER, which concludes nothing.
_WORDS: tuple[tuple[FailureKind, tuple[str, ...]], ...] = (
    (
        FailureKind.FULL,
        ("too many clients", "too many connections", "connection slots are reserved", "no more connections"),
    ),
    (FailureKind.STARTING, ("the database system is ",)),
    (FailureKind.TLS, ("SSL", "certificate", "no encryption")),
    (
        FailureKind.LOGIN,
        ("authentication", "pg_hba.conf", "password", "does not exist", "permission denied", "not permitted"),
    ),
    (FailureKind.TIMEOUT, ("timeout expired", "timed out", "No route to host", "Network is unreachable")),
)


class LoginFailed(Exception):
    """The server could not be logged into; ``str()`` says it in a few words, without secrets."""

    def __init__(self, why: FailureKind, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class Place:
    """Where one server is: parameters of libpq with a single host."""

    parameters: Mapping[str, Any]

    @property
    def host(self) -> str:
        """The host as it was named, or the folder of a Unix socket."""
        return str(self.parameters.get("host") or self.parameters.get("hostaddr") or "")

    @property
    def port(self) -> int:
        """The port; libpq's default where none is given."""
        port = str(self.parameters.get("port") or "")
        return int(port) if port.isdigit() else 5432

    def at(self, host: str, port: int) -> Place:
        """Return the same login at another host, which a server told us of: it gets no password in clear text."""
        from psycopg import pq

        careful = {"require_auth": "!password"} if pq.version() >= _REQUIRE_AUTH else {}
        return Place({**careful, **_without(self.parameters, "hostaddr"), "host": host, "port": str(port)})


def places(dsn: Dsn, application: str) -> tuple[Place, ...]:
    """Return a place for each host that the DSN (or libpq's environment) names. Raises ConfigError."""
    given = parameters_of(dsn, application)
    given = {**hosts_of(given), **given}
    plain = _without(given, "target_session_attrs", "load_balance_hosts", "connect_timeout")
    hosts, addresses = _listed(plain.get("host")), _listed(plain.get("hostaddr"))
    ports = _listed(plain.get("port"))
    count = max(len(hosts), len(addresses), 1)
    found = []
    for number in range(count):
        own = {"host": hosts[number] if number < len(hosts) else "", "port": ports[number if len(ports) > 1 else 0]}
        if number < len(addresses) and addresses[number]:
            own["hostaddr"] = addresses[number]
        found.append(Place({**_without(plain, "host", "hostaddr", "port"), **{k: v for k, v in own.items() if v}}))
    return tuple(found)


def log_in(place: Place, interrupt: Interrupt, *, bound: float) -> Session:
    """Open a session within ``bound`` seconds; raises LoginFailed. Safe to call from several threads.

    Where a name has several addresses it is refused only when all of them do: one that hangs may be the server.
    """
    deadline = time.monotonic() + bound
    addresses = list(_addresses(place))
    failure: LoginFailed | None = None
    for number, address in enumerate(addresses):
        left = deadline - time.monotonic()
        try:
            return _session(place, address, interrupt, left / (len(addresses) - number))
        except LoginFailed as error:
            if failure is None or error.why is not FailureKind.REFUSED:
                failure = error
            if error.why not in {FailureKind.REFUSED, FailureKind.TIMEOUT}:
                break
    raise failure or LoginFailed(FailureKind.NAME, f"the name {place.host!r} has no address")


def _session(place: Place, address: str | None, interrupt: Interrupt, bound: float) -> Session:
    from psycopg import Connection

    connection: PGconn = _polled(_conninfo(place, address), bound)
    return Session(Connection(connection), interrupt)


def _conninfo(place: Place, address: str | None) -> bytes:
    from psycopg.conninfo import make_conninfo

    own = {} if address is None else {"hostaddr": address}
    return make_conninfo("", **{**place.parameters, **own}).encode()


def _polled(conninfo: bytes, bound: float) -> PGconn:
    """Return a connection that stands."""
    from psycopg import pq

    deadline = time.monotonic() + bound
    connection = pq.PGconn.connect_start(conninfo)
    try:
        while True:
            status = connection.connect_poll()
            if status == pq.PollingStatus.OK:
                return connection
            if status == pq.PollingStatus.FAILED:
                raise _failure(connection.get_error_message())
            left = deadline - time.monotonic()
            if left <= 0:
                raise LoginFailed(FailureKind.TIMEOUT, f"no answer within {bound:.2g} s")
            poll = select.poll()
            poll.register(connection.socket, select.POLLIN if status == pq.PollingStatus.READING else select.POLLOUT)
            poll.poll(left * 1000)
    except BaseException:
        connection.finish()
        raise


def _addresses(place: Place) -> Iterator[str | None]:
    """Yield the addresses to try, None for what needs no lookup."""
    host = place.parameters.get("host")
    if not host or place.parameters.get("hostaddr") or str(host).startswith(("/", "@")):
        yield None
        return
    try:
        found = socket.getaddrinfo(str(host), place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not a name"
        raise LoginFailed(FailureKind.NAME, f"the name {host!r} does not resolve: {why}") from None
    yield from dict.fromkeys(str(each[4][0]) for each in found)


def _failure(text: str) -> LoginFailed:
    lines = [line for line in text.splitlines() if line.strip() and not line[0].isspace()]
    message = redacted(lines[-1].removeprefix("connection failed: ")) if lines else "no reason given"
    if lines and lines[-1].endswith(_REFUSED):
        return LoginFailed(FailureKind.REFUSED, "nothing listens there (connection refused)")
    why = next((why for why, words in _WORDS if any(word in message for word in words)), FailureKind.OTHER)
    return LoginFailed(why, _SEVERITY.sub("", message.partition("failed: ")[2] or message))


def _listed(value: Any) -> list[str]:
    return [each.strip() for each in str(value or "").split(",")]


def _without(parameters: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in parameters.items() if key not in names}
