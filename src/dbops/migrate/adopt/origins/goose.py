"""goose: a log of what was applied and, by its older releases, of what was reverted; row 0 is the table's own."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.files.migration import Migration, version_key
from dbops.migrate.adopt.claims import Claim, Row, Table, by_key, claim

NAME = "goose"
TABLES = ("goose_db_version",)
SCHEMAS: tuple[str, ...] = ()


def recognises(table: Table) -> bool:
    """Say yes to a version with ``is_applied`` and a time."""
    return table.columns >= {"id", "version_id", "is_applied", "tstamp"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Of each version the last row counts; rows come in the order they were written."""
    last = {row["version"]: row for row in rows}
    known = by_key(files)
    return [
        claim(known.get(version_key(row["version"])), row["version"], applied_at=row["applied_at"])
        for row in rows
        if row is last[row["version"]] and row["applied"] and row["version"] != "0"
    ]
