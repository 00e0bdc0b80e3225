"""diesel's format: a folder a migration, ``VERSION_name/up.sql`` and ``down.sql``, and its ``metadata.toml``.

The version is what stands before the first underscore, without its dashes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence

from dbops.files.formats.own import directions
from dbops.files.migration import Migration, SourceFile, at_line, refuse_duplicates
from dbops.files.names import refuse_programs
from dbops.files.pair import Side, pair
from dbops.files.scaffold import Draft
from dbops.files.text import decode

NAME = "diesel"
FOLDERS = 1

_FILE_NAME = re.compile(r"[0-9][0-9-]*(?:_[^/]*)?/(?:up|down)\.sql")
_DASHED = re.compile(r"\d{4}-\d\d-\d\d-\d{6}(?=_|\Z)")
_AT_LINE = re.compile(r"\(at line (\d+)")


def recognises(files: Sequence[SourceFile]) -> bool:
    """Say yes to a folder with a version, and an up or down in it."""
    return any(_FILE_NAME.fullmatch(file.name) for file in files)


def parse(files: Sequence[SourceFile]) -> Sequence[Migration]:
    """Read one migration a folder, in the order of the versions as texts, which is diesel's."""
    refuse_programs(files)
    folders: dict[str, dict[str, SourceFile]] = {}
    for file in files:
        folder, _, name = file.name.rpartition("/")
        if folder:
            folders.setdefault(folder, {})[name] = file
        elif name.lower().endswith(".sql"):
            raise at_line(
                file.path,
                1,
                "it is not in a folder of its own",
                "diesel's migrations are VERSION_name/up.sql; take other files out of the folder",
            )
    found = sorted((_parse_folder(name, inside) for name, inside in folders.items()), key=lambda each: each.version)
    refuse_duplicates(found)
    return found


def _parse_folder(folder: str, inside: Mapping[str, SourceFile]) -> Migration:
    first = next(iter(inside.values()))
    if "up.sql" not in inside or not folder.isprintable():
        raise at_line(first.path, 1, f"there is no up.sql in {folder}", "restore it, or remove the folder")
    version, _, name = folder.partition("_")
    metadata = inside.get("metadata.toml")
    transaction = None if metadata is None else _transaction(metadata)
    up, down = (Side(inside[each], transaction) if each in inside else None for each in ("up.sql", "down.sql"))
    assert up is not None, "a folder without it is refused"
    return pair(version.replace("-", ""), name, up, down)


def _transaction(file: SourceFile) -> bool | None:
    """Return what a ``metadata.toml`` says of transactions: that there is none, or nothing."""
    try:
        said = tomllib.loads(decode(file)).get("run_in_transaction")
    except tomllib.TOMLDecodeError as error:
        line = _AT_LINE.search(str(error))
        raise at_line(file.path, int(line[1]) if line else 1, str(error), "the file must be TOML") from None
    if said is not None and not isinstance(said, bool):
        raise at_line(file.path, 1, "run_in_transaction is neither true nor false", "write run_in_transaction = false")
    return said


def scaffold(draft: Draft, existing: Sequence[Migration]) -> tuple[str, Mapping[str, str]]:
    """Return the version and the files of a new migration, the folder named as diesel's own are."""
    version = draft.version
    dashed = f"{version[:4]}-{version[4:6]}-{version[6:8]}-{version[8:]}" if len(version) == 14 else version
    habit = not existing or any(_DASHED.search(migration.path) for migration in existing)
    folder = f"{dashed if habit else version}_{draft.word}"
    up, down = directions(folder, draft.text)
    files = {
        f"{folder}/up.sql": up.sql.strip("\n") + "\n",
        f"{folder}/down.sql": (down.sql.strip("\n") + "\n") if down else "\n",
    }
    if up.transaction is False or (down is not None and down.transaction is False):
        files[f"{folder}/metadata.toml"] = "run_in_transaction = false\n"
    return version, files
