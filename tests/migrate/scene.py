"""Files, histories and databases for the tests of migrations."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from dbops.files.formats.own import parse
from dbops.files.migration import Migration, SourceFile
from dbops.migrate.record import Applied


class Folder:
    """A folder of migrations."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, up: str, down: str | None = None, *, options: str = "") -> Path:
        """Write ``NAME.sql``; the first line of ``up`` is line 2."""
        text = f"-- migrate:up{options}\n{up}\n"
        if down is not None:
            text += f"-- migrate:down{options}\n{down}\n"
        return self.raw(f"{name}.sql", text.encode())

    def raw(self, name: str, data: bytes) -> Path:
        path = self.path / name
        path.write_bytes(data)
        return path

    def tables(self, versions: Iterable[int]) -> None:
        """Write a migration for each version, which makes (and drops) a table ``t<version>``."""
        for version in versions:
            self.write(f"{version:04}_t{version}", f"CREATE TABLE t{version} (a int);", f"DROP TABLE t{version};")


def migration(version: str, name: str = "x", up: str = "SELECT 1;", down: str | None = "SELECT 2;") -> Migration:
    """Return a migration as read from a file; its up begins on line 2."""
    text = f"-- migrate:up\n{up}\n" + ("" if down is None else f"-- migrate:down\n{down}\n")
    return parse([SourceFile(f"dir/{version}_{name}.sql", f"{version}_{name}.sql", text.encode())])[0]


def applied(file: Migration, **changes: Any) -> Applied:
    """Return the history's row of a migration."""
    row = {
        "version": file.version,
        "name": file.name,
        "checksum": file.checksum,
        "state": "applied",
        "applied_at": "2026-01-02T03:04:05.678Z",
        "execution_ms": 12,
        "transactional": True,
    }
    return Applied(**row | changes)


def query(dsn: str, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with closing(psycopg.connect(dsn, autocommit=True, connect_timeout=10)) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def snapshot(dsn: str, *, without: str = "dbops") -> dict[str, list[tuple[Any, ...]]]:
    """Return what the catalog holds outside of PostgreSQL's own schemas and the schema ``without``."""
    ours = f"nspname !~ '^(pg_|information_schema)' AND nspname <> '{without}'"
    return {what: query(dsn, sql.format(ours=ours)) for what, sql in _CATALOG.items()}


_CATALOG = {
    "schemas": "SELECT nspname, nspacl FROM pg_namespace WHERE {ours} ORDER BY 1",
    "relations": "SELECT nspname, relname, relkind, relacl FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
    "WHERE {ours} ORDER BY 1, 2",
    "columns": "SELECT attrelid::regclass::text, attname, atttypid::regtype::text, attnotnull FROM pg_attribute "
    "JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE {ours} AND attnum > 0 "
    "AND NOT attisdropped ORDER BY 1, 2",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c "
    "JOIN pg_namespace n ON n.oid = connamespace WHERE {ours} ORDER BY 1, 2",
    "indexes": "SELECT schemaname, indexdef FROM pg_indexes JOIN pg_namespace ON nspname = schemaname WHERE {ours} "
    "ORDER BY 1, 2",
    "types": "SELECT nspname, typname, typtype FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE {ours} "
    "ORDER BY 1, 2",
    "functions": "SELECT nspname, proname, prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace "
    "WHERE {ours} ORDER BY 1, 2",
    "triggers": "SELECT tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid "
    "JOIN pg_namespace n ON n.oid = relnamespace WHERE {ours} AND NOT tgisinternal ORDER BY 1",
}
