"""yoyo's format: ``ID.sql``, and what undoes it in ``ID.rollback.sql``.

Comments before the SQL say ``-- depends: ID ID`` and ``-- transactional: false``. The order is that of the names, with
what a migration depends on before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dbops.files.formats.own import directions
from dbops.files.migration import Migration, SourceFile, at_line, refuse_duplicates
from dbops.files.names import program, refuse_programs
from dbops.files.pair import Side, pair
from dbops.files.scaffold import Draft
from dbops.files.text import decode

NAME = "yoyo"
FOLDERS = 0

_ROLLBACK = ".rollback.sql"
_SAID = re.compile(r"[ \t]*--[ \t]*(depends|transactional)[ \t]*:[ \t]*(.*?)[ \t]*")
_HEAD = re.compile(rb"\A(?:[ \t]*(?:--[^\n]*)?\n)*?[ \t]*--[ \t]*(?:depends|transactional)[ \t]*:")
_OTHER = re.compile(rb"^[ \t]*--[ \t]*migrate:", re.IGNORECASE | re.MULTILINE)
_HOOK = "post-apply"
_PYTHON = re.compile(rb"^(?:from|import) yoyo\b|^__depends__\b", re.MULTILINE)
_COUNTED = re.compile(r"(\d{8})_(\d+)(?:_(\w{5}))?-")


def recognises(files: Sequence[SourceFile]) -> bool:
    """Say yes to a rollback, a comment that yoyo reads, or a migration in Python."""
    return any(
        file.name.endswith(_ROLLBACK)
        or (file.name.endswith(".sql") and _HEAD.search(file.data) and not _OTHER.search(file.data))
        or (file.name.endswith(".py") and _PYTHON.search(file.data))
        for file in files
    )


def parse(files: Sequence[SourceFile]) -> Sequence[Migration]:
    """Read one migration an id."""
    for file in files:
        if file.name.endswith(".py") and (_PYTHON.search(file.data) or not file.name.startswith("__")):
            raise program(file)
    refuse_programs(files)
    sql = {file.name: file for file in files if file.name.lower().endswith(".sql")}
    found = [_parse_file(file, sql.get(name[:-4] + _ROLLBACK)) for name, file in sorted(sql.items()) if _is_up(file)]
    for file in sql.values():
        if file.name.endswith(_ROLLBACK) and file.name.removesuffix(_ROLLBACK) + ".sql" not in sql:
            raise at_line(file.path, 1, "there is no migration that it undoes", "restore it, or remove this file")
    refuse_duplicates(found)
    return tuple(_in_order(found))


def _is_up(file: SourceFile) -> bool:
    if not file.name.endswith(".sql") or not file.name.isprintable():
        raise at_line(file.path, 1, "the name is not ID.sql or ID.rollback.sql", "name it like 0001.add-orders.sql")
    if file.name.startswith(_HOOK):
        raise at_line(
            file.path,
            1,
            "a hook that yoyo runs after migrations: dbops has none",
            "make a migration of it, or take it out of the folder",
        )
    return not file.name.endswith(_ROLLBACK)


@dataclass(frozen=True, slots=True)
class _Said:
    depends: tuple[str, ...] = ()
    transactional: bool = True


def _parse_file(file: SourceFile, rollback: SourceFile | None) -> Migration:
    said = _said(file)
    transaction = None if said.transactional else False
    version = file.name.removesuffix(".sql")
    down = None if rollback is None else Side(rollback, transaction)
    return replace(pair(version, "", Side(file, transaction), down), depends=said.depends)


def _said(file: SourceFile) -> _Said:
    """Return what the comments before the SQL say."""
    said = _Said()
    for number, line in enumerate(decode(file).split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("--"):
            break
        match = _SAID.fullmatch(line)
        if match is None:
            continue
        if match[1] == "depends":
            said = replace(said, depends=(*said.depends, *match[2].split()))
        elif match[2].lower() in {"true", "false"}:
            said = replace(said, transactional=match[2].lower() == "true")
        else:
            raise at_line(file.path, number, f"transactional is {match[2]!r}", "write -- transactional: false")
    return said


def _in_order(migrations: Sequence[Migration]) -> Iterable[Migration]:
    """Yield the migrations by name, each after those that it depends on."""
    known = {migration.version: migration for migration in migrations}
    begun: set[str] = set()
    done: set[str] = set()
    stack = list(reversed(migrations))
    while stack:
        migration = stack[-1]
        if migration.version in done:
            stack.pop()
            continue
        begun.add(migration.version)
        waiting = [_known(migration, each, known) for each in migration.depends or () if each not in done]
        circle = next((each for each in waiting if each.version in begun), None)
        if circle is not None:
            raise _wrong(migration, f"{migration.version} and {circle.version} depend on each other")
        if waiting:
            stack += reversed(waiting)
            continue
        stack.pop()
        done.add(migration.version)
        yield migration


def _known(migration: Migration, version: str, known: Mapping[str, Migration]) -> Migration:
    if version not in known:
        raise _wrong(migration, f"it depends on {version}, and there is no {version}.sql")
    return known[version]


def _wrong(migration: Migration, message: str) -> Exception:
    lines = migration.text.split("\n")
    line = next((n for n, line in enumerate(lines, 1) if (match := _SAID.fullmatch(line)) and match[1] == "depends"), 1)
    return at_line(migration.path, line, message, "correct the line -- depends:")


def scaffold(draft: Draft, existing: Sequence[Migration]) -> tuple[str, Mapping[str, str]]:
    """Return the id and the files of a new migration, which depends on those that no other depends on."""
    day = draft.at.strftime("%Y%m%d")
    same_day = [int(match[2]) for each in existing if (match := _COUNTED.match(each.version)) and match[1] == day]
    version = f"{day}_{max(same_day, default=0) + 1:02}-{draft.word.replace('_', '-')}"
    up, down = directions(version, draft.text)
    needed = {each for migration in existing for each in migration.depends or ()}
    heads = " ".join(migration.version for migration in existing if migration.version not in needed)
    head = (f"-- depends: {heads}\n" if heads else "") + (
        "-- transactional: false\n" if up.transaction is False else ""
    )
    return version, {
        f"{version}.sql": head + up.sql.strip("\n") + "\n",
        f"{version}{_ROLLBACK}": (down.sql.strip("\n") + "\n") if down else "\n",
    }
