"""What the server says of itself and of our session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dbops.errors import ConfigError, NotPrimary
from dbops.postgres.query import render
from dbops.postgres.session import ANSWER_BOUND, Session
from dbops.results.target import Target

OLDEST = 130000


@dataclass(frozen=True, slots=True)
class Facts:
    """A session's server and settings.

    ``identity`` is (system identifier, postmaster's start): equal for two sessions of the same running server and
    no other. ``settings`` are those that decide whether a statement may run as long as it needs, in PostgreSQL's
    own units (milliseconds).
    """

    target: Target
    identity: tuple[str, str]
    backend_pid: int
    backend_start: str
    settings: Mapping[str, int]

    @property
    def version(self) -> int:
        """Return ``server_version_num``."""
        return self.target.server_version


def identify(
    session: Session, *, environment: str | None = None, role: str | None = None, bound: float = ANSWER_BOUND
) -> Facts:
    """Ask the server who it is. Raises ConfigError for a server older than 13, or a role that can't be taken."""
    said: dict[str, Any] = session.json(render("target"), bound=bound)
    pooled = said["pid"] != session.client_pid
    if pooled:  # how long a server's session may idle is then the pooler's affair
        said["settings"].pop("idle_session_timeout", None)
    facts = Facts(
        target=Target(
            database=said["database"],
            host=session.host,
            port=session.port,
            user=said["user"],
            role=role or said["role"],
            in_recovery=said["in_recovery"],
            read_only=said["read_only"],
            environment=environment,
            server_version=said["server_version"],
            pooled=pooled,
        ),
        identity=(said["system_identifier"], said["postmaster_start"]),
        backend_pid=said["pid"],
        backend_start=said["backend_start"],
        settings=said["settings"],
    )
    if facts.version < OLDEST:
        raise ConfigError(
            f"the server is PostgreSQL {facts.version // 10000}; dbops needs 13 or newer",
            hint="use a newer server",
            details=[{"field": "server_version", "error": str(facts.version)}],
        )
    return facts


def require_writable(facts: Facts) -> None:
    """Raise NotPrimary when the session can't write."""
    target = facts.target
    where = f"{target.database} @ {target.host}" + (f":{target.port}" if target.port else "")
    if target.in_recovery:
        raise NotPrimary(
            f"{where} is a standby: migrations run on the primary only",
            hint="name the primary, or all hosts in one DSN: the one that takes writes is then chosen",
            details=[{"field": "dsn", "error": "in recovery", "host": target.host}],
        )
    if target.read_only:
        raise NotPrimary(
            f"{where} is read-only: default_transaction_read_only is on",
            hint="someone fenced this server, role or database off; find out why before you lift it",
            details=[{"field": "default_transaction_read_only", "error": "on", "host": target.host}],
        )


def require_same_server(first: Facts, second: Facts) -> None:
    """Raise NotPrimary when two sessions are not on the same running server and database."""
    if first.identity != second.identity or first.target.database != second.target.database:
        raise NotPrimary(
            "two connections with the same DSN reached different servers, or the server restarted between them",
            hint="a failover may be under way, or a balancer stands between: name the primary itself",
            details=[
                {"field": "system_identifier", "error": f"{facts.identity[0]}, started {facts.identity[1]}"}
                for facts in (first, second)
            ],
            retryable=True,
        )
