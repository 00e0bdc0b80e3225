"""The server and database a command works on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A database on a server, as the server itself describes it.

    ``host`` is what the connection was opened to (a socket's folder for a Unix socket), ``server_version`` is
    ``server_version_num`` (150018 for 15.18), ``role`` the role statements run as, ``pooled`` whether a connection
    pooler stands between (the backend's pid is not the one the client was told).
    """

    database: str
    host: str
    port: int | None
    user: str
    role: str
    in_recovery: bool
    read_only: bool
    environment: str | None
    server_version: int
    pooled: bool

    @property
    def standing(self) -> str:
        """Return ``primary`` or ``standby``."""
        return "standby" if self.in_recovery else "primary"

    @property
    def is_production(self) -> bool:
        """Say whether the environment's name marks it as production: ``production``, ``prod-eu``."""
        return (self.environment or "").lower().startswith("prod")


def spelt(version: int) -> str:
    """Return ``server_version_num`` as people know it: 15.18."""
    return f"{version // 10000}.{version % 10000}"
