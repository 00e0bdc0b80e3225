"""dbmate: a row for each applied version, and nothing else. Rails' table is the same; its files are not SQL."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.files.migration import Migration, version_key
from dbops.migrate.adopt.claims import Claim, Row, Table, by_key, claim, in_files_order

NAME = "dbmate"
TABLES = ("schema_migrations",)
SCHEMAS: tuple[str, ...] = ()


def recognises(table: Table) -> bool:
    """Say yes to the version alone: beside it golang-migrate has ``dirty``."""
    return table.columns == {"version"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Match by version; dbmate applies in the order of the files and keeps no time."""
    known = by_key(files)
    return in_files_order((claim(known.get(version_key(row["version"])), row["version"]) for row in rows), files)
