"""Opening connections: waiting for a server that starts, telling apart why one can't be reached."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dbops.errors import ConfigError, ConnectionFailed, NotPrimary
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.session import Session
from dbops.sql.redact import dsn as redacted

if TYPE_CHECKING:
    from psycopg import OperationalError

CONNECT_TIMEOUT = 10
"""Seconds for one attempt at one host, unless the DSN says otherwise."""
_PAUSE = 0.5
# libpq keeps an error's SQLSTATE at login to itself, so that of a server that speaks another language these stay
# unknown, and are told like a refused login.
_FULL = re.compile("too many clients|too many connections|connection slots are reserved|no more connections allowed")
_NOT_READY = re.compile("the database system is ")
_DEFAULTS: dict[str, str | int] = {
    "connect_timeout": CONNECT_TIMEOUT,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

_HINT_FULL = "end connections that aren't needed, or raise max_connections or the CONNECTION LIMIT of role or database"
_HINT_LATE = "is the server overloaded, does a firewall drop packets, or does somebody lock its catalog? Try again"
_HINT_DOWN = "check that the server runs and that host and port are right"

OnWait = Callable[[float, float, str], None]
"""Called while waiting with the seconds waited, the bound, and why."""


def connect(
    dsn: Dsn,
    application: str,
    interrupt: Interrupt,
    *,
    wait: float = 0.0,
    on_wait: OnWait = lambda _waited, _bound, _reason: None,
    writable: bool = False,
) -> Session:
    """Open a session, waiting up to ``wait`` seconds for a server that doesn't answer yet or is starting.

    A refused login, a database that doesn't exist and a malformed DSN fail at once: waiting would not mend them.
    With ``writable``, of several hosts the one that takes writes is chosen. Raises ConfigError, ConnectionFailed,
    NotPrimary, Interrupted.
    """
    import psycopg

    parameters = parameters_of(dsn, application, writable=writable)
    started = time.monotonic()
    while True:
        try:
            with interrupt.raising():
                return Session(psycopg.connect(**parameters, autocommit=True), interrupt)
        except psycopg.OperationalError as error:
            reason = _reason(error)
            waited = time.monotonic() - started
            full = _FULL.search(reason) is not None
            late = isinstance(error, psycopg.errors.ConnectionTimeout)
            if not late and not full and not _NOT_READY.search(reason) and not _may_come_up(parameters):
                raise _refused(dsn, parameters, reason) from None
            if waited + _PAUSE > wait:
                raise ConnectionFailed(
                    f"can't connect to {dsn.shown} ({dsn.origin}): {reason}"
                    + (f" (waited {waited:.0f} s)" if wait else ""),
                    hint=_HINT_FULL if full else _HINT_LATE if late else _HINT_DOWN,
                    details=[{"field": "dsn", "error": reason}],
                    retryable=True,
                ) from None
        on_wait(waited, wait, reason)
        interrupt.sleep(_PAUSE)


def parameters_of(dsn: Dsn, application: str, *, writable: bool = False) -> dict[str, Any]:
    """Return libpq's parameters for a DSN and our own; raises ConfigError for one that can't be read."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        given = conninfo_to_dict(dsn.text)
    except ProgrammingError:
        # libpq's message quotes what it could not read, and that may be the password.
        raise ConfigError(
            f"the connection string from {dsn.origin} can't be read",
            hint="write postgresql://USER@HOST:PORT/DATABASE or host=… port=… dbname=…; "
            "percent-encode special characters in a URL",
            details=[{"field": "dsn", "error": "malformed"}],
        ) from None
    parameters = {**_DEFAULTS, **given, "application_name": application[:63], "client_encoding": "UTF8"}
    if writable and _several_hosts(parameters):
        parameters.setdefault("target_session_attrs", "read-write")
    return parameters


def hosts_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the host, hostaddr and port that libpq would use: of the DSN, its variables, or a service file.

    Only a connection tells what a service file says: this one stops at an sslmode that doesn't exist, before it
    reaches for the network.
    """
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn

    tried = PGconn.connect_start(make_conninfo("", **{**parameters, "sslmode": "none at all"}).encode())
    known = {option.keyword.decode(): option.val.decode() for option in tried.info if option.val}
    tried.finish()
    return {name: known[name] for name in ("host", "hostaddr", "port") if name in known}


def _several_hosts(parameters: Mapping[str, Any]) -> bool:
    known = hosts_of(parameters)
    return any("," in known.get(name, "") for name in ("host", "hostaddr"))


def _may_come_up(parameters: dict[str, Any]) -> bool:
    """Say whether the server is unreachable or starting, rather than up and refusing us.

    PQping tells the two apart without credentials and without reading a message in the server's language.
    """
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn, Ping

    plain = {key: value for key, value in parameters.items() if key != "target_session_attrs"}
    return PGconn.ping(make_conninfo(**plain).encode()) in {Ping.REJECT, Ping.NO_RESPONSE}


def _refused(dsn: Dsn, parameters: dict[str, Any], reason: str) -> ConnectionFailed | NotPrimary:
    if "target_session_attrs" in parameters and _several_hosts(parameters):
        return NotPrimary(
            f"none of the hosts of {dsn.shown} takes writes: {reason}",
            hint="is a failover under way? name the primary, or look with psql which host is the primary",
            details=[{"field": "dsn", "error": reason}],
            retryable=True,
        )
    return ConnectionFailed(
        f"can't connect to {dsn.shown} ({dsn.origin}): {reason}",
        hint="check the user, the password (.pgpass is read too), the database's name and pg_hba.conf, and "
        "whether max_connections or a CONNECTION LIMIT is reached",
        details=[{"field": "dsn", "error": reason}],
    )


def _reason(error: OperationalError) -> str:
    """Return what libpq says of the last host and address it tried, without its advice on the lines below."""
    lines = [line for line in str(error).splitlines() if line.strip() and not line[0].isspace()]
    return redacted(lines[-1].removeprefix("- ").removeprefix("connection failed: ")) if lines else "no reason given"
