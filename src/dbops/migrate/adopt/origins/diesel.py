"""diesel: a row for each applied version, which is the folder's up to the first underscore, without dashes."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.files.migration import Migration
from dbops.migrate.adopt.claims import Claim, Row, Table, claim

NAME = "diesel"
TABLES = ("__diesel_schema_migrations",)
SCHEMAS: tuple[str, ...] = ()


def recognises(table: Table) -> bool:
    """Say yes to a version and when it was run."""
    return table.columns == {"version", "run_on"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Match by version, dashes left out on both sides."""
    known = {_version(file.version): file for file in files}
    return [claim(known.get(_version(row["version"])), row["version"], applied_at=row["applied_at"]) for row in rows]


def _version(text: str) -> str:
    return text.replace("-", "")
