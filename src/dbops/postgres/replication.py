"""What a node of a cluster says of itself: the queries of ``queries/ha``, which grant each needs, and their answers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dbops.errors import ConfigError
from dbops.postgres.errors import INSUFFICIENT_PRIVILEGE, ServerError
from dbops.postgres.query import source
from dbops.postgres.session import Session
from dbops.postgres.target import OLDEST

MONITOR = "GRANT pg_monitor TO {role}"
_FUNCTION = "GRANT EXECUTE ON FUNCTION {function}() TO {{role}}"


@dataclass(frozen=True, slots=True)
class Part:
    """A query, the versions that have it (majors, both ends included), and the grant it needs of {role}."""

    name: str
    grant: str = MONITOR
    since: int = 13
    until: int = 99
    file: str | None = None

    @property
    def query(self) -> str:
        """The query's text."""
        return source(f"ha/{self.file or self.name}")


PARTS = (
    Part("timeline"),
    Part("checksums"),
    Part("replay", since=14),
    Part("replay", until=13, file="replay_13"),
    Part("downstreams"),
    Part("receiver"),
    Part("upstream"),
    Part("slots"),
    Part("settings"),
    Part("role_settings"),
    Part("archiver"),
    Part("archive_status", _FUNCTION.format(function="pg_ls_archive_statusdir")),
    Part("databases"),
    Part("extensions"),
    Part("collations", since=15),
    Part("collations", until=14, file="collations_13"),
    Part("transactions"),
    Part("backup", until=14, file="backup_13"),
    Part("wal_folder", _FUNCTION.format(function="pg_ls_waldir")),
    Part("hba", "GRANT SELECT ON pg_hba_file_rules TO {role}; " + _FUNCTION.format(function="pg_hba_file_rules")),
    Part("activity"),
    Part("managers"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """A node's answers by part; ``denied`` has the grant each refused part needs, ``missing`` why another failed."""

    identity: Mapping[str, Any]
    parts: Mapping[str, Any]
    denied: Mapping[str, str]
    missing: Mapping[str, str]


def ask(session: Session, *, bound: float) -> Facts:
    """Ask a node everything, within ``bound`` seconds in all.

    Raises ConnectionLost, ServerError when it can't even say who it is, ConfigError for a server older than 13.
    """
    deadline = time.monotonic() + bound
    identity = _values(session, [source("ha/identity")], deadline)[0]
    if identity["version"] < OLDEST:
        raise ConfigError(f"PostgreSQL {identity['version_text']}: dbops needs 13 or newer", hint="use a newer server")
    major = identity["version"] // 10000
    wanted = [part for part in PARTS if part.since <= major <= part.until]
    try:
        # Behind a pooler only what is asked in one transaction comes from one server.
        identity, *values = _values(session, [source("ha/identity"), *(part.query for part in wanted)], deadline)
        parts = dict(zip((part.name for part in wanted), values, strict=True))
        return Facts(identity, _without_password(parts), {}, {})
    except ServerError:
        return _one_by_one(session, identity, wanted, deadline)


def position(session: Session, *, bound: float) -> dict[str, Any]:
    """Return what ``queries/ha/positions.sql`` gives now. Raises ConnectionLost, ServerError."""
    said: dict[str, Any] = _values(session, [source("ha/positions")], time.monotonic() + bound)[0]
    return said


def _one_by_one(session: Session, identity: Mapping[str, Any], wanted: list[Part], deadline: float) -> Facts:
    """Ask each part by itself, so that one that is refused takes no other with it."""
    parts: dict[str, Any] = {}
    denied: dict[str, str] = {}
    missing: dict[str, str] = {}
    for part in wanted:
        try:
            (parts[part.name],) = _values(session, [part.query], deadline)
        except ServerError as error:
            if error.sqlstate == INSUFFICIENT_PRIVILEGE:
                denied[part.name] = part.grant.replace("{role}", identity["user_quoted"])
            else:
                missing[part.name] = error.report.message
    return Facts(identity, _without_password(parts), denied, missing)


def _values(session: Session, queries: list[str], deadline: float) -> list[Any]:
    """Return the JSON value of each query, asked in one message.

    In a transaction of its own, because a standby refuses one that is serializable by default, and because a setting
    of the session would outlive it behind a pooler.
    """
    left = max(0.05, deadline - time.monotonic())
    begin = f"BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL statement_timeout = {int(left * 1000)}"
    try:
        return session.jsons(";\n".join([begin, *queries, "COMMIT"]), bound=left)
    except ServerError:
        session.run("ROLLBACK", bound=left)
        raise


def _without_password(parts: dict[str, Any]) -> dict[str, Any]:
    """Return the parts with the words of primary_conninfo that are no secret, in place of its text."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    said = parts.get("upstream")
    if said is not None:
        try:
            words = conninfo_to_dict(said["conninfo"])
        except ProgrammingError:  # its message quotes the text
            words = {}
        shown = ("host", "hostaddr", "port", "user", "application_name", "dbname", "sslmode")
        parts["upstream"] = {"words": {name: words[name] for name in shown if words.get(name)}}
    return parts
