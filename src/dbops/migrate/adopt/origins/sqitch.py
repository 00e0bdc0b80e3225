"""sqitch: a schema of its own with the changes that are deployed, by project, each with the hash of its script."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from dbops.errors import OriginUnclear
from dbops.files.migration import Migration
from dbops.migrate.adopt.claims import Claim, Row, Table, by_name, claim, stem

NAME = "sqitch"
TABLES = ("changes",)
SCHEMAS = ("sqitch",)
_BOM = b"\xef\xbb\xbf"


def recognises(table: Table) -> bool:
    """Say yes to the registry's columns, its release 1.1 (2015) or newer."""
    return table.columns >= {"change_id", "script_hash", "change", "project", "committed_at", "planned_at"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Match by the change's name; of a change that was reworked the rows are told apart by their scripts' hashes."""
    find = by_name(files)
    hashes = {digest: file for file in files for digest in _hashes(file)}
    chosen = _of_one_project(table, rows, lambda row: find(row["name"]) is not None or row["checksum"] in hashes)
    found = []
    for row in chosen:
        file = hashes.get(row["checksum"]) or find(row["name"])
        edited = None if file is None else _edited(file, row)
        found.append(claim(file, row["name"], row["name"], row["applied_at"], edited=edited))
    return found


def _of_one_project(table: Table, rows: Sequence[Row], has_file: Callable[[Row], bool]) -> Sequence[Row]:
    """Return the rows of the project that the folder is; a registry may hold several."""
    projects = sorted({row["project"] for row in rows})
    if len(projects) < 2:
        return rows
    fitting = sorted({row["project"] for row in rows if has_file(row)})
    if len(fitting) != 1:
        raise OriginUnclear(
            f"{table.label} holds the projects {', '.join(projects)}, and the folder has changes of "
            f"{' and '.join(fitting) or 'none of them'}",
            hint="point --dir at one project, the folder that holds its sqitch.plan",
            details=[{"field": "dir", "error": "project unclear"}],
        )
    return [row for row in rows if row["project"] == fitting[0]]


def _edited(file: Migration, row: Row) -> bool | None:
    if row["checksum"] is None:
        return None
    if row["checksum"] in _hashes(file):
        return False
    return True if stem(file.path_of(file.up)) == row["name"] else None


def _hashes(file: Migration) -> set[str]:
    """Return what sqitch may have made of the deploy script: SHA-1 of its bytes, whose line ends are not known here."""
    unix = file.text_of(file.up).encode()
    windows = unix.replace(b"\n", b"\r\n")
    return {hashlib.sha1(text, usedforsecurity=False).hexdigest() for text in (unix, windows, _BOM + unix)}
