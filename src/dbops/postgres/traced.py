"""What a session's transaction has locked, written anew and read so far; and how big relations of those names are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from dbops.postgres.errors import ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session

_STATEMENT_TIMEOUT = 10.0
_LOCK_TIMEOUT = 1.0
_OUTSIDE = ("BEGIN", "ROLLBACK")
_INSIDE = ("SAVEPOINT dbops_trace", "ROLLBACK TO dbops_trace;RELEASE dbops_trace")
_QUIET = "SET LOCAL search_path = ''"


def state(session: Session) -> dict[str, Any]:
    """Return locks and relations as they are for the session now, names with their schemas.

    In a transaction it leaves nothing behind, neither a setting nor a lock on a relation of users.
    """
    query = render("trace/state")
    begin, end = _INSIDE if session.in_transaction else _OUTSIDE
    found: dict[str, Any] = session.json(f"{begin};{_QUIET};{query};{end}")
    return found


def sizes(session: Session, names: Iterable[str]) -> Mapping[str, int] | None:
    """Return the bytes of the relations that exist, by name; None when a lock can't be had, or time runs out."""
    query = render("trace/sizes", names=json.dumps(sorted(names)))
    limits = (
        f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT * 1000:.0f};"
        f"SET LOCAL statement_timeout = {_STATEMENT_TIMEOUT * 1000:.0f}"
    )
    try:
        found: dict[str, int] = session.json(f"BEGIN READ ONLY;{limits};{_QUIET};{query};ROLLBACK")
    except ServerError:
        with suppress(ServerError):
            session.run("ROLLBACK")
        return None
    return found
