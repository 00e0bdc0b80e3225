"""What ``dbops doctor`` looks at on a server: pure judgements over what two queries say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.postgres.target import Facts
from dbops.results.doctor import Check, Verdict
from dbops.sql.quote import identifier

NEWEST_TESTED = 18

_EXTENSIONS = {
    "pg_stat_statements": "nothing records which queries cost the most",
    "hypopg": "what an index would cost is estimated by explain, not asked of the planner",
}


def examine(session: Session, facts: Facts, schema: str) -> Iterator[Check]:
    """Ask the server, and judge what it says."""
    said = session.json(render("health", quoted_schema=identifier(schema)))
    yield _server(facts)
    yield _standing(facts)
    yield _pooler(facts)
    yield _encoding(said)
    yield _orphans(facts)
    yield from _timeouts(facts)
    yield _history(said, schema, facts)
    yield _sessions(said, facts)
    for name, cost in _EXTENSIONS.items():
        yield _extension(said, name, cost)


def _server(facts: Facts) -> Check:
    major = facts.version // 10000
    minor = f"{major}.{facts.version % 10000}"
    if major > NEWEST_TESTED:
        cost = f"newer than dbops was tested with ({NEWEST_TESTED})"
        return Check("server", Verdict.WARNING, f"PostgreSQL {minor}", cost, "look for a newer dbops")
    return Check("server", Verdict.OK, f"PostgreSQL {minor}")


def _standing(facts: Facts) -> Check:
    target = facts.target
    if target.in_recovery:
        return Check("standing", Verdict.WARNING, "a standby", "migrate up and down refuse it", "name the primary")
    if target.read_only:
        return Check(
            "standing",
            Verdict.WARNING,
            "a primary, read-only by default_transaction_read_only",
            "migrate up and down refuse it",
            "find out who fenced it off, and why",
        )
    return Check("standing", Verdict.OK, "a primary that takes writes")


def _pooler(facts: Facts) -> Check:
    if facts.target.pooled:
        return Check(
            "pooler",
            Verdict.WARNING,
            "a connection pooler stands between",
            "migrations outside a transaction (CONCURRENTLY) are refused",
            "set direct_url to the server itself",
        )
    return Check("pooler", Verdict.OK, "connected to the server itself")


def _encoding(said: Mapping[str, Any]) -> Check:
    if said["encoding"] == "UTF8":
        return Check("encoding", Verdict.OK, "UTF8")
    return Check(
        "encoding",
        Verdict.WARNING,
        said["encoding"],
        "text that this encoding can't hold fails, or (SQL_ASCII) is stored unchecked",
        "make databases with ENCODING 'UTF8'",
    )


def _orphans(facts: Facts) -> Check:
    if facts.version >= 140000:
        return Check("orphans", Verdict.OK, "the server ends the statement of a killed runner within seconds")
    return Check(
        "orphans",
        Verdict.WARNING,
        "PostgreSQL 13 does not notice that a runner was killed",
        "its statement runs to its end; the next runner waits for it",
        "upgrade to 14 or newer",
    )


def _timeouts(facts: Facts) -> Iterator[Check]:
    for name in ("statement_timeout", "transaction_timeout"):
        value = facts.settings.get(name, 0)
        if value:
            yield Check(
                name,
                Verdict.WARNING,
                f"{value / 1000:g} s is inherited from the server, the database or the role",
                "migrate overrides it, and says so",
                f"ALTER ROLE {identifier(facts.target.user)} SET {name} = 0 for the deploying role",
            )


def _history(said: Mapping[str, Any], schema: str, facts: Facts) -> Check:
    role = identifier(facts.target.role)
    if said["schema"] and said["may_create_tables"]:
        return Check("history", Verdict.OK, f"schema {schema} is there, and the role may use it")
    if said["schema"]:
        return Check(
            "history",
            Verdict.BAD,
            f"schema {schema} is there, but {role} may not create tables in it",
            "migrate can't make or upgrade its history",
            f"GRANT USAGE, CREATE ON SCHEMA {identifier(schema)} TO {role}",
        )
    if said["may_create_schema"]:
        return Check("history", Verdict.OK, f"schema {schema} will be made by the first migrate up")
    return Check(
        "history",
        Verdict.BAD,
        f"there is no schema {schema}, and {role} may not create one",
        "migrate can't keep its history",
        f"CREATE SCHEMA {identifier(schema)} AUTHORIZATION {role}",
    )


def _sessions(said: Mapping[str, Any], facts: Facts) -> Check:
    if said["sees_sessions"] or said["superuser"]:
        return Check("sessions", Verdict.OK, "other roles' sessions are visible")
    return Check(
        "sessions",
        Verdict.WARNING,
        "other roles' sessions show no state and no times",
        "what blocks a migration is named by pid and application only",
        f"GRANT pg_read_all_stats TO {identifier(facts.target.role)}",
    )


def _extension(said: Mapping[str, Any], name: str, cost: str) -> Check:
    if name in said["installed"]:
        if name == "pg_stat_statements" and said["preloaded"] is not None and name not in said["preloaded"]:
            remedy = "add it to shared_preload_libraries and restart the server"
            return Check(name, Verdict.WARNING, "installed, but not loaded", cost, remedy)
        return Check(name, Verdict.OK, f"version {said['installed'][name]}")
    if name in said["available"]:
        return Check(name, Verdict.OPTIONAL, "available, not installed", cost, f"CREATE EXTENSION {name}")
    return Check(name, Verdict.OPTIONAL, "not on this server", cost, "install the server's package of it")
