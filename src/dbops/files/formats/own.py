"""dbops's own format, also dbmate's: ``VERSION_name.sql`` with both directions behind marker comments.

``-- migrate:up`` and ``-- migrate:down`` (or node-pg-migrate's ``-- Up Migration`` and ``-- Down Migration``), any
case, at the start of a line, with options behind: ``transaction:false``, ``variables:true``. Before the first marker
only comments may stand. ``R__name.sql`` is a repeatable migration: one direction, with or without a marker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dbops.files.checksum import checksum
from dbops.files.migration import (
    REPEATABLE,
    Migration,
    Section,
    SourceFile,
    at_line,
    in_order,
)
from dbops.files.names import refuse_programs
from dbops.files.scaffold import Draft
from dbops.files.text import decode, first_line_of_sql
from dbops.sql.blank import blank

NAME = "dbops"
FOLDERS = 0

_FILE_NAME = re.compile(r"([0-9]+)_([^\s/]+)\.sql")
_REPEATABLE = re.compile(rf"{REPEATABLE}([^\s/]+)\.sql")
_PAIRED = re.compile(r".*\.(?:up|down)\.sql")
MARKER = re.compile(
    r"^[ \t]*--[ \t]*(?:migrate:[ \t]*(?P<word>\w*)|(?P<direction>up|down)[ \t]+migration\b)(?P<options>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_MARKED = re.compile(rb"^[ \t]*--[ \t]*(?:migrate:|(?:up|down)[ \t]+migration\b)", re.IGNORECASE | re.MULTILINE)
_OURS = re.compile(rb"^[ \t]*--[ \t]*migrate:", re.IGNORECASE | re.MULTILINE)
_SQUASHES = re.compile(r"^-- dbops: squashes ((?:[0-9]+ ?)+)$", re.MULTILINE)
_NAME_HINT = "name it like 20260102030405_add_orders.sql or 0001_add_orders.sql; `dbops migrate new` does"
_OPTIONS = {"transaction", "variables"}


def recognises(files: Sequence[SourceFile]) -> bool:
    """Say yes when a file has a name of the form and a marker; the others are then errors, rather than skipped.

    Of names that golang-migrate has too only dbops's own markers tell: pairs of node-pg-migrate may hold its comments.
    """
    return any(
        _FILE_NAME.fullmatch(file.name) and (_OURS if _PAIRED.fullmatch(file.name) else _MARKED).search(file.data)
        for file in files
    )


def parse(files: Sequence[SourceFile]) -> Sequence[Migration]:
    """Read one migration a file, the repeatable ones last."""
    refuse_programs(files)
    return in_order(_parse_file(file) for file in files if file.name.lower().endswith(".sql"))


def scaffold(draft: Draft, _existing: Sequence[Migration]) -> tuple[str, Mapping[str, str]]:
    """Return the version and the file of a new migration, its text as it is."""
    return draft.version, {f"{draft.version}_{draft.word}.sql": draft.text}


def directions(path: str, text: str) -> tuple[Section, Section | None]:
    """Return the two directions of a text with markers; a down without a statement is None. Raises InvalidMigration."""
    up, down = _sections(path, text)
    return up, None if down is None or blank(down.sql) else down


def _parse_file(file: SourceFile) -> Migration:
    repeatable = _REPEATABLE.fullmatch(file.name)
    match = repeatable or _FILE_NAME.fullmatch(file.name)
    if match is None or not file.name.isprintable():
        raise at_line(file.path, 1, "the name is not VERSION_name.sql", _NAME_HINT)
    text = decode(file)
    if repeatable:
        return _repeatable(file.path, text, match[1])
    up, down = directions(file.path, text)
    return Migration(match[1], match[2], file.path, text, checksum(text), up, down, squashes=_squashes(text))


def squashing(versions: Sequence[str]) -> str:
    """Return the line that says of which versions a migration was made."""
    return f"-- dbops: squashes {' '.join(versions)}\n"


def _squashes(text: str) -> tuple[str, ...]:
    """Return the versions that such lines before the first marker name."""
    marker = MARKER.search(text)
    head = text[: marker.start()] if marker else text
    return tuple(version for match in _SQUASHES.finditer(head) for version in match[1].split())


def _repeatable(path: str, text: str, name: str) -> Migration:
    up, down = directions(path, text) if MARKER.search(text) else (Section(text, 0, 1), None)
    if down is not None:
        raise at_line(
            path, down.line, "a repeatable migration has no way back", "take -- migrate:down out, or give it a version"
        )
    return Migration(f"{REPEATABLE}{name}", name, path, text, checksum(text), up, None, repeatable=True)


@dataclass(frozen=True, slots=True)
class _Marker:
    direction: str
    options: Mapping[str, bool]
    start: int
    end: int
    line: int


def _sections(path: str, text: str) -> tuple[Section, Section | None]:
    markers = [_marker(path, text, match) for match in MARKER.finditer(text)]
    first = markers[0].start if markers else len(text)
    if not blank(text[:first]):
        line = first_line_of_sql(text[:first])
        raise at_line(
            path,
            line,
            "SQL before the first marker: it would never run" if markers else "there is no -- migrate:up",
            "put a line `-- migrate:up` above it, and `-- migrate:down` above what undoes it",
        )
    found: dict[str, Section] = {}
    for marker, following in pairwise([*markers, None]):
        assert marker is not None
        if marker.direction in found:
            raise at_line(
                path,
                marker.line,
                f"a second -- migrate:{marker.direction}",
                "a file has each marker at most once; make two migrations of it",
            )
        end = len(text) if following is None else following.start
        found[marker.direction] = Section(
            text[marker.end : end],
            marker.end,
            marker.line,
            marker.options.get("transaction"),
            variables=marker.options.get("variables"),
        )
    if "up" not in found:
        raise at_line(path, 1, "there is no -- migrate:up", "put a line `-- migrate:up` above the SQL that applies it")
    return found["up"], found.get("down")


def _marker(path: str, text: str, match: re.Match[str]) -> _Marker:
    line = text.count("\n", 0, match.start()) + 1
    direction = (match["direction"] or match["word"] or "").lower()
    if direction not in {"up", "down"}:
        raise at_line(path, line, f"-- migrate:{match['word']} is no marker", "write -- migrate:up or -- migrate:down")
    options: dict[str, bool] = {}
    for option in match["options"].split():
        name, _, value = option.lower().partition(":")
        if name not in _OPTIONS or value not in {"true", "false"}:
            raise at_line(
                path,
                line,
                f"the marker's option {option!r} is not known",
                "the options are transaction:false and variables:true, or the opposite",
            )
        options[name] = value == "true"
    return _Marker(direction, options, match.start(), match.end(), line)
