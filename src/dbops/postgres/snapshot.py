"""All that a database's schema is made of, as the server's catalogs have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from dbops.errors import ConnectionFailed, LockTimeout
from dbops.postgres.errors import LOCK_NOT_AVAILABLE, QUERY_CANCELED, ServerError
from dbops.postgres.query import render, source
from dbops.postgres.session import Session
from dbops.sql.quote import identifier

STATEMENT_TIMEOUT = 60.0
"""Seconds for one query; those of 1,000 tables take half of one altogether."""
_LOCK_TIMEOUT = 1.0
_GRACE = 10.0
_FOLDER = "snapshot"
_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_SAVEPOINT = "dbops_snapshot"
_INSIDE = f"SAVEPOINT {_SAVEPOINT}"
_BACK = f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}; RELEASE SAVEPOINT {_SAVEPOINT}"
# What else a row has are its attributes.
_ABOUT = ("kind", "name", "class", "oid", "sub", "parent_class", "parent", "parent_sub", "namespace")

Id: TypeAlias = tuple[str, int, int]
"""What PostgreSQL knows an object by: its catalog, its oid, and the number of its column or 0."""
Row: TypeAlias = dict[str, Any]


def read(session: Session, version: int, *, without: Sequence[str] = ("dbops",), roles: bool = False) -> list[Row]:
    """Return what ``schema.snapshot.snapshot`` takes: a row an object, with kind, name, parent and attributes.

    ``version`` is the server's ``server_version_num``. ``without`` are schemas that are left out with all that is in
    them; ``roles`` adds the cluster's roles. All rows are of one moment; in a transaction that is open they show its
    own changes, and it stays as it was. It waits for no lock for longer than a moment. Raises LockTimeout and
    ConnectionFailed, which are retryable.
    """
    queries = [name for name in _queries() if roles or not name.startswith("role")]
    inside = session.in_transaction
    texts = [_INSIDE if inside else _BEGIN, _settings(), *map(_listing, queries), _BACK if inside else "ROLLBACK"]
    try:
        answers = session.jsons(";\n".join(texts), bound=STATEMENT_TIMEOUT + _GRACE)
    except ServerError as error:
        if not inside and not session.closed:
            session.run("ROLLBACK")
        raise _failure(error) from error
    rows = [row for answer in answers[1:] for row in answer]
    return list(_named(rows, frozenset(map(identifier, without))))


def _queries() -> list[str]:
    folder = Path(__file__).parent / "queries" / _FOLDER
    return sorted(path.stem for path in folder.glob("*.sql") if path.stem != "settings" and path.stem != "rows")


def _settings() -> str:
    return render(
        f"{_FOLDER}/settings", statement_timeout=f"{STATEMENT_TIMEOUT:.0f}s", lock_timeout=f"{_LOCK_TIMEOUT:.0f}s"
    )


def _listing(name: str) -> str:
    return source(f"{_FOLDER}/rows").replace("/* query */", source(f"{_FOLDER}/{name}"))


def _named(rows: Sequence[Row], without: frozenset[str]) -> Iterator[Row]:
    """Yield the rows with their full names and parents; what belongs to nothing that is known is left out."""
    found = {(row["class"], row["oid"], row.get("sub") or 0): row for row in rows}
    names: dict[Id, str | None] = {}
    for identity, row in found.items():
        name = _name(identity, found, names)
        if name is None or _schema(row, found) in without:
            continue
        parent = _parent(row)
        yield {
            "kind": row["kind"],
            "name": name,
            "parent": None if parent is None else [found[parent]["kind"], names[parent]],
            "attributes": {key: value for key, value in row.items() if key not in _ABOUT},
        }


def _parent(row: Row) -> Id | None:
    return None if row.get("parent") is None else (row["parent_class"], row["parent"], row.get("parent_sub") or 0)


def _name(identity: Id, found: Mapping[Id, Row], names: dict[Id, str | None]) -> str | None:
    """Return an object's full name, or None when what it is in is not listed."""
    if identity not in names:
        row = found.get(identity)
        names[identity] = None if row is None else _full_name(row, found, names)
    return names[identity]


def _full_name(row: Row, found: Mapping[Id, Row], names: dict[Id, str | None]) -> str | None:
    parent = _parent(row)
    if parent is None:
        return str(row["name"])
    within = _name(parent, found, names)
    if within is not None and row.get("namespace") is not None:
        within = _name(("pg_namespace", row["namespace"], 0), found, names)
    return None if within is None else f"{within}.{row['name']}"


def _schema(row: Row, found: Mapping[Id, Row]) -> str | None:
    """Return the schema that a row is or is in; None for what is in none."""
    while (parent := _parent(row)) is not None:
        row = found[parent]
    return row["name"] if row["kind"] == "schema" else None


def _failure(error: ServerError) -> Exception:
    """Return what to raise for an error; only a timeout is one to be expected."""
    details = [{"field": "dsn", "error": error.report.message}]
    if error.sqlstate == LOCK_NOT_AVAILABLE:
        return LockTimeout(
            f"the schema could not be read: {error.report.message}",
            hint="somebody is changing a table: try again later",
            details=details,
            retryable=True,
        )
    if error.sqlstate != QUERY_CANCELED:
        return error
    return ConnectionFailed(
        f"the schema could not be read: {error.report.message}",
        hint="try again when the server is less busy",
        details=details,
        retryable=True,
    )
