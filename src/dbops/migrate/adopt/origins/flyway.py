"""Flyway: a row for each run, of versioned and of repeatable migrations, with a checksum; undos and baselines too."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from dbops.errors import DbopsError
from dbops.files.migration import REPEATABLE, Key, Migration, version_key
from dbops.migrate.adopt.claims import Claim, Row, Table, claim, half_way, numbers, squeeze, stem, up_to

NAME = "flyway"
TABLES = ("flyway_schema_history", "schema_version")
SCHEMAS: tuple[str, ...] = ()
_OWN = frozenset({"SCHEMA", "TABLE"})
"""Types of rows about the table itself."""


def recognises(table: Table) -> bool:
    """Say yes to the columns that Flyway's table has had since release 4."""
    return table.columns >= {"installed_rank", "version", "description", "type", "script", "checksum", "success"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Follow the rows from the first to the last: applied, undone, deleted, baselined; refuse a failed one.

    A repeatable migration that was edited since is not among them: it is due again.
    """
    known = {_key_of(file): file for file in files}
    found: dict[Key, Claim] = {}
    for row in rows:
        kind = row["type"].upper()
        if not row["success"]:
            raise _failed(table, row)
        if kind in _OWN:
            continue
        key = _key(row["version"], row["name"])
        found.pop(key, None)  # what comes back comes last
        if kind.endswith("BASELINE"):
            below = {_key_of(made.file): made for made in up_to(files, version_key(row["version"])) if made.file}
            found = below | found
        elif kind != "DELETE" and not kind.startswith("UNDO"):
            found[key] = _claim(row, known.get(key) or _imported(row, files))
    return [made for made in found.values() if not (made.edited and made.file and made.file.repeatable)]


def _key_of(file: Migration) -> Key:
    return _key(None, file.version.removeprefix(REPEATABLE)) if file.repeatable else _key(file.version, "")


def _key(version: str | None, description: str) -> Key:
    """Return what Flyway knows a row by: the version's numbers, 1.0 being 1, or a repeatable one's words."""
    if version is None:
        return REPEATABLE + description.replace("_", " ").strip()
    key = version_key(version)
    plain = numbers(key)
    return key if plain is None else plain


def _imported(row: Row, files: Sequence[Migration]) -> Migration | None:
    """Return the file that has another version now, with the same words and the same SQL: as import writes it."""
    same = [file for file in files if squeeze(file.name) == squeeze(row["name"]) and _edited(file, row) is False]
    return same[0] if len(same) == 1 else None


def _claim(row: Row, file: Migration | None) -> Claim:
    version = row["version"] or REPEATABLE + row["name"].replace(" ", "_")
    edited = None if file is None else _edited(file, row)
    return claim(file, version, row["name"], row["applied_at"], edited=edited)


def _edited(file: Migration, row: Row) -> bool | None:
    if row["checksum"] is None:
        return None
    if row["checksum"] in {_checksum(file.text_of(file.up)), _checksum(file.up.sql)}:
        return False
    return True if stem(file.path_of(file.up)) == stem(row["script"]) else None


def _checksum(text: str) -> int:
    """Return Flyway's: the CRC-32 of the lines without their ends, as a signed number of 32 bits."""
    unsigned = zlib.crc32(text.replace("\r", "").replace("\n", "").encode())
    return unsigned - (1 << 32) if unsigned >> 31 else unsigned


def _failed(table: Table, row: Row) -> DbopsError:
    return half_way(
        NAME,
        table,
        row["version"] or row["name"],
        "success = false",
        "look at what its SQL did, finish or undo that by hand, run `flyway repair`, then adopt",
    )
