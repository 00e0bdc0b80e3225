"""Atlas: a row for each revision, with how many of its statements were run; a baseline stands for those before it."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.files.migration import Key, Migration, version_key
from dbops.migrate.adopt.claims import Claim, Row, Table, by_key, claim, half_way, up_to

NAME = "atlas"
TABLES = ("atlas_schema_revisions",)
SCHEMAS = ("atlas_schema_revisions",)
_BASELINE = 1
_RESOLVED = 4
"""Bits of a revision's type; resolved by hand counts as applied."""


def recognises(table: Table) -> bool:
    """Say yes to versions with counts of statements and hashes."""
    return table.columns >= {"version", "description", "type", "applied", "total", "executed_at", "error", "hash"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Match by version; refuse a revision that was run in part. Its hash is one of all files so far: it tells nothing.

    Raises MigrationFailed.
    """
    known = by_key(files)
    found: dict[Key, Claim] = {}
    for row in rows:
        version, kind = row["version"], row["type"]
        if kind & _BASELINE:
            found |= {made.key: made for made in up_to(files, version_key(version))}
            continue
        if not kind & _RESOLVED and (row["done"] < row["total"] or row["error"]):
            what = f"{row['done']} of {row['total']} statements were run"
            hint = f"finish it with `atlas migrate apply`, or by hand and `atlas migrate set {version}`, then adopt"
            raise half_way(NAME, table, version, what, hint)
        found[version_key(version)] = claim(known.get(version_key(version)), version, row["name"], row["applied_at"])
    return tuple(found.values())
