"""A connection's parameters as libpq's environment variables, for another program of PostgreSQL's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbops.errors import ConfigError

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


def environment(pgconn: PGconn) -> dict[str, str]:
    """Return the variables with which a program reaches the very server of this connection, as the same role.

    They are the parameters that the connection has in the end, whether they came from its DSN, a service file or the
    environment; of several hosts the one that answered. They may hold the password: they belong into the environment
    of a process of our own, which other users can't read, never on a command line. What has no variable, such as the
    keepalives, is left out; ConfigError when that is a secret.
    """
    reached = {b"host": pgconn.host, b"port": pgconn.port, b"password": pgconn.password}
    found: dict[str, str] = {}
    for option in pgconn.info:
        value = reached.get(option.keyword, option.val)
        if option.keyword == b"hostaddr" and value:
            value = pgconn.hostaddr
        if not value or option.keyword == b"service":
            continue
        if option.envvar:
            found[option.envvar.decode()] = value.decode()
        elif option.dispchar == b"*":
            raise ConfigError(
                f"{option.keyword.decode()} can't be handed to pg_dump safely: libpq has no variable for it",
                hint="use a key or login that needs none",
                details=[{"field": "dsn", "error": f"{option.keyword.decode()} is set"}],
            )
    return found
