"""golang-migrate's format: ``VERSION_name.up.sql`` and ``VERSION_name.down.sql``, plain SQL.

node-pg-migrate's pairs of files are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dbops.files.formats.own import directions
from dbops.files.migration import Key, Migration, SourceFile, at_line, in_order, version_key
from dbops.files.names import refuse_programs
from dbops.files.pair import Side, pair
from dbops.files.scaffold import Draft

NAME = "golang-migrate"
FOLDERS = 0

_FILE_NAME = re.compile(r"([0-9]+)_([^/]*)\.(up|down)\.sql")
_OTHER = re.compile(rb"^[ \t]*--[ \t]*(?:migrate:|\+goose\b)", re.IGNORECASE | re.MULTILINE)
_NAME_HINT = "name it like 000001_add_orders.up.sql, and what undoes it 000001_add_orders.down.sql"


def recognises(files: Sequence[SourceFile]) -> bool:
    """Say yes to a name with the direction in it, unless the text has another tool's markers."""
    return any(_FILE_NAME.fullmatch(file.name) and not _OTHER.search(file.data) for file in files)


def parse(files: Sequence[SourceFile]) -> Sequence[Migration]:
    """Read one migration a pair; one without a down is irreversible, one without an up is an error."""
    refuse_programs(files)
    ups: dict[Key, list[tuple[str, str, SourceFile]]] = {}
    downs: dict[Key, SourceFile] = {}
    for file in files:
        if not file.name.lower().endswith(".sql"):
            continue
        match = _FILE_NAME.fullmatch(file.name)
        if match is None or not file.name.isprintable():
            raise at_line(file.path, 1, "the name is not VERSION_name.up.sql or VERSION_name.down.sql", _NAME_HINT)
        key = version_key(match[1])
        if match[3] == "up":
            ups.setdefault(key, []).append((match[1], match[2], file))
        elif (first := downs.setdefault(key, file)) is not file:
            raise at_line(
                file.path, 1, f"{first.path} is the down of this version already", "give one of them a later version"
            )
    for key, file in downs.items():
        if key not in ups:
            raise at_line(
                file.path,
                1,
                "there is no .up.sql of its version",
                "restore it; an empty one will do if there is nothing to apply",
            )
    return in_order(
        pair(version, name, Side(up), Side(downs[key]) if key in downs else None)
        for key, of_one_version in ups.items()
        for version, name, up in of_one_version
    )


def scaffold(draft: Draft, _existing: Sequence[Migration]) -> tuple[str, Mapping[str, str]]:
    """Return the version and both files of a new migration."""
    stem = f"{draft.version}_{draft.word}"
    up, down = directions(stem, draft.text)
    return draft.version, {
        f"{stem}.up.sql": up.sql.strip("\n") + "\n",
        f"{stem}.down.sql": (down.sql.strip("\n") + "\n") if down else "\n",
    }
