"""The timeouts a migration runs under, and where it looks names up, as SET statements. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping

from dbops.migrate.options import Options
from dbops.sql.quote import identifier

CHECK_CLIENT_EVERY_MS = 5000
"""How often the server looks whether a killed runner's connection still stands (PostgreSQL 14 and newer)."""

KEEPALIVES = {"tcp_keepalives_idle": 15, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}
"""How the server notices, within half a minute, that a runner's machine is gone; its own default is two hours."""


def transactional(options: Options, settings: Mapping[str, int], *, checks_client: bool) -> list[str]:
    """Return SET LOCAL for a migration in a transaction; what the session has already is left out."""
    return _sets("SET LOCAL", options, settings, options.lock_timeout, checks_client)


def alone(options: Options, settings: Mapping[str, int], *, checks_client: bool) -> list[str]:
    """Return SET for statements outside a transaction.

    CREATE INDEX CONCURRENTLY waits for every older snapshot, and a short lock_timeout would end it there and leave
    an INVALID index: it gets the long bound.
    """
    keepalives = [f"SET {name} = {value}" for name, value in KEEPALIVES.items()]
    return _sets("SET", options, settings, options.concurrent_lock_timeout, checks_client) + keepalives


def idle(settings: Mapping[str, int]) -> list[str]:
    """Return SET for a session that may wait between its statements: in a pause before a retry, say."""
    return ["SET idle_session_timeout = 0"] if settings.get("idle_session_timeout") else []


def overridden(options: Options, settings: Mapping[str, int]) -> list[str]:
    """Return, in words, the inherited timeouts that a run lifts."""
    wanted = _milliseconds(options.statement_timeout)
    return [
        f"{name} of {_seconds(value)} is inherited and overridden with {_seconds(wanted) if wanted else 'none'}"
        + ("; --statement-timeout sets one" if name == "statement_timeout" else "")
        for name, value, wanted in (
            ("statement_timeout", settings.get("statement_timeout", 0), wanted),
            ("transaction_timeout", settings.get("transaction_timeout", 0), 0),
            ("idle_session_timeout", settings.get("idle_session_timeout", 0), 0),
        )
        if value not in {0, wanted}
    ]


def _sets(
    verb: str, options: Options, settings: Mapping[str, int], lock_timeout: float, checks_client: bool
) -> list[str]:
    wanted = {
        "statement_timeout": _milliseconds(options.statement_timeout),
        "idle_in_transaction_session_timeout": 0,
        "transaction_timeout": 0,
    }
    changes = {name: value for name, value in wanted.items() if settings.get(name, 0) != value}
    changes["lock_timeout"] = _milliseconds(lock_timeout)
    if checks_client:
        changes["client_connection_check_interval"] = CHECK_CLIENT_EVERY_MS
    sets = [f"{verb} {name} = {value}" for name, value in changes.items()]
    if options.search_path is not None:
        sets.append(f"{verb} search_path = {identifier(options.search_path)}, public")
    return sets


def _milliseconds(seconds: float) -> int:
    """Return PostgreSQL's value, which is 0 for no bound only: a time below a millisecond is one."""
    return max(math.ceil(round(seconds * 1000, 6)), 1) if seconds > 0 else 0


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:g} s"
