"""yoyo: a row for each applied migration, by its id (the file's name without the ending) and the hash of that."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from dbops.files.migration import Migration
from dbops.migrate.adopt.claims import Claim, Row, Table, by_name, claim, stem

NAME = "yoyo"
TABLES = ("_yoyo_migration",)
SCHEMAS: tuple[str, ...] = ()


def recognises(table: Table) -> bool:
    """Say yes to a hash, an id and a time; before release 6 there was no hash."""
    return table.columns >= {"migration_hash", "migration_id", "applied_at_utc"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Match by the hash of the id, which is what yoyo itself goes by; else by the id, for a file that was renamed."""
    hashes = {_hash(name): file for file in files for name in (stem(file.path), file.version)}
    find = by_name(files)
    return [
        claim(hashes.get(row["hash"]) or find(row["id"] or ""), row["id"] or row["hash"], applied_at=row["applied_at"])
        for row in rows
    ]


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
