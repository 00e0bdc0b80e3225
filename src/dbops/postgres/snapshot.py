"""All that a database's schema is made of, as the server's catalogs have it.

Each file of ``queries/snapshot/`` lists one kind of object; those in ``roles/`` the cluster's, in ``since_15/`` and
``before_14/`` those that only such versions know. A row has the object's ``kind`` and ``name``, what PostgreSQL knows
it by (``class``, ``oid``, ``sub``), the same of what it belongs to (``parent_class``, ``parent``, ``parent_sub``), and
else its attributes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from dbops.errors import ConnectionFailed, LockTimeout
from dbops.postgres.errors import LOCK_NOT_AVAILABLE, QUERY_CANCELED, ConnectionLost, ServerError
from dbops.postgres.listed import Row, listed
from dbops.postgres.query import render, source
from dbops.postgres.session import Session

STATEMENT_TIMEOUT = 60.0
"""Seconds for one query; all of them take half of one for 1,000 tables."""
_LOCK_TIMEOUT = 1.0
_GRACE = 10.0
_QUERIES = Path(__file__).parent / "queries"
_FOLDER = "snapshot"
_SAVEPOINT = "dbops_snapshot"
_OUTSIDE = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "ROLLBACK")
_INSIDE = (f"SAVEPOINT {_SAVEPOINT}", f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}; RELEASE SAVEPOINT {_SAVEPOINT}")
_VERSIONED = re.compile(r"/(since|before)_(\d+)$")
_CLASS = re.compile(r"'(pg_\w+)' AS class\b")
_OURS = re.compile(r"\boid >= 16384\b")


def read(session: Session, version: int, *, without: Sequence[str] = ("dbops",), roles: bool = False) -> list[Row]:
    """Return what ``schema.snapshot.snapshot`` takes: a row an object, with kind, name, parent and attributes.

    ``version`` is the server's ``server_version_num``. ``without`` are schemas that are left out with all that is in
    them; ``roles`` adds the cluster's roles. All rows are of one moment; in a transaction that is open they show its
    own changes, and it stays as it was. It waits for no lock for longer than a moment. Raises LockTimeout and
    ConnectionFailed, which are retryable.
    """
    begin, end = _INSIDE if session.in_transaction else _OUTSIDE
    try:
        _, worth = _answers(session, [begin, _settings(), _worth()])
        queries = [_listing(name, without) for name in _names(version, worth, roles=roles)]
        members, *answers = _answers(session, [source(f"{_FOLDER}/around/members"), *queries, end])
    except ServerError as error:
        with suppress(ServerError, ConnectionLost):
            session.run(end)
        raise _failure(error) from error
    return listed([row for answer in answers for row in answer], {(cls, oid) for cls, oid in members})


def _answers(session: Session, texts: Iterable[str]) -> list[Any]:
    return session.jsons(";\n".join(texts), bound=STATEMENT_TIMEOUT + _GRACE)


def _settings() -> str:
    return render(
        f"{_FOLDER}/around/settings",
        statement_timeout=f"{STATEMENT_TIMEOUT:.0f}s",
        lock_timeout=f"{_LOCK_TIMEOUT:.0f}s",
    )


@cache
def _versioned() -> tuple[str, ...]:
    """Return the folders of queries that not all versions know."""
    folders = sorted(path.name for path in (_QUERIES / _FOLDER).iterdir())
    return tuple(f"{_FOLDER}/{name}" for name in folders if _VERSIONED.search(f"/{name}"))


def _knows(major: int, folder: str) -> bool:
    match = _VERSIONED.search(folder)
    return match is not None and (major >= int(match[2])) == (match[1] == "since")


@cache
def _files(folder: str) -> tuple[str, ...]:
    """Return the queries in a folder beneath ``queries/``, as ``render`` names them."""
    return tuple(sorted(f"{folder}/{path.stem}" for path in (_QUERIES / folder).glob("*.sql")))


@cache
def _catalog(name: str) -> str | None:
    """Return the catalog in which a query looks for objects of users only, None for one that always has some."""
    match = _CLASS.search(source(name))
    return match[1] if match and match[1] != "pg_class" and _OURS.search(source(name)) else None


@cache
def _worth() -> str:
    """Return the query that tells the catalogs without users' objects: not to ask them halves the time."""
    catalogs = sorted({found for name in _files(_FOLDER) if (found := _catalog(name))})
    queries = "\nUNION ALL\n".join(render(f"{_FOLDER}/around/present", **{"class": each}) for each in catalogs)
    return source(f"{_FOLDER}/around/worth").replace("/* queries */", queries)


def _names(version: int, worth: dict[str, Any], *, roles: bool) -> list[str]:
    names = [name for name in _files(_FOLDER) if _catalog(name) in {None, *worth["classes"]}]
    for folder in _versioned():
        names += _files(folder) if _knows(version // 10000, folder) else ()
    if roles:
        names += _files(f"{_FOLDER}/roles")
    if roles and worth["privileged"]:
        names += _files(f"{_FOLDER}/roles/privileged")
    return names


def _listing(name: str, without: Sequence[str]) -> str:
    query = render(name, without=json.dumps(list(without)))
    return source(f"{_FOLDER}/around/rows").replace("/* query */", query)


def _failure(error: ServerError) -> Exception:
    """Return what to raise for an error; only a timeout is one to be expected."""
    message = f"the schema could not be read: {error.report.message}"
    details = [{"field": "dsn", "error": error.report.message}]
    if error.sqlstate == LOCK_NOT_AVAILABLE:
        hint = "somebody is changing a table: try again later"
        return LockTimeout(message, hint=hint, details=details, retryable=True)
    if error.sqlstate == QUERY_CANCELED:
        hint = "try again when the server is less busy"
        return ConnectionFailed(message, hint=hint, details=details, retryable=True)
    return error
