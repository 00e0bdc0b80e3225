"""node-pg-migrate: a row for each applied migration, by the name of its file without the ending."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.files.migration import Migration, version_key
from dbops.migrate.adopt.claims import Claim, Row, Table, by_key, by_name, claim

NAME = "node-pg-migrate"
TABLES = ("pgmigrations",)
SCHEMAS: tuple[str, ...] = ()


def recognises(table: Table) -> bool:
    """Say yes to a numbered name and when it was run."""
    return table.columns == {"id", "name", "run_on"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Match by the file's name, else by the number that it begins with, for a file that was renamed since."""
    find, known = by_name(files), by_key(files)
    found = []
    for row in rows:
        version, _, name = row["name"].partition("_")
        file = find(row["name"]) or known.get(version_key(version))
        found.append(claim(file, version, name, row["applied_at"]))
    return found
