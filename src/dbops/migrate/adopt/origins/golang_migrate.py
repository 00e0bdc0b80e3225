"""golang-migrate: one row with the last version, and whether it failed."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.files.migration import Migration, version_key
from dbops.migrate.adopt.claims import Claim, Row, Table, by_key, claim, half_way, up_to

NAME = "golang-migrate"
TABLES = ("schema_migrations",)
SCHEMAS: tuple[str, ...] = ()


def recognises(table: Table) -> bool:
    """Say yes to version and ``dirty``."""
    return table.columns == {"version", "dirty"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Take all files up to the version for applied, as golang-migrate does; refuse a dirty one."""
    found: list[Claim] = []
    for row in rows:
        version = row["version"]
        if row["dirty"]:
            raise half_way(
                NAME,
                table,
                version,
                "dirty",
                f"look at what its SQL did, finish or undo that by hand, say so with `migrate force {version}` (or the "
                "version before it), then adopt",
            )
        key = version_key(version)
        found += up_to(files, key)
        if key not in by_key(files):
            found.append(claim(None, version))
    return found
