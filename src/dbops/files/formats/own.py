"""dbops's own format, also dbmate's: ``VERSION_name.sql`` with both directions behind marker comments.

``-- migrate:up`` and ``-- migrate:down`` (or node-pg-migrate's ``-- Up Migration`` and ``-- Down Migration``), any
case, at the start of a line, with options behind: ``transaction:false``. Before the first marker only comments may
stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dbops.files.checksum import checksum
from dbops.files.migration import Migration, Section, SourceFile, at_line, in_order
from dbops.sql.blank import blank
from dbops.sql.lexer import code

NAME = "dbops"

_FILE_NAME = re.compile(r"([0-9]+)_(\S+)\.sql")
_MARKER = re.compile(
    r"^[ \t]*--[ \t]*(?:migrate:[ \t]*(?P<word>\w*)|(?P<direction>up|down)[ \t]+migration\b)(?P<options>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_MARKED = re.compile(rb"^[ \t]*--[ \t]*(?:migrate:|(?:up|down)[ \t]+migration\b)", re.IGNORECASE | re.MULTILINE)
_NAME_HINT = "name it like 20260102030405_add_orders.sql or 0001_add_orders.sql; `dbops migrate new` does"
_ENCODING_HINT = "save the file as UTF-8 (editors call UTF-16 Unicode)"


def recognises(files: Sequence[SourceFile]) -> bool:
    """Say yes when a file has a name of the form and a marker; the others are then errors, rather than skipped."""
    return any(_FILE_NAME.fullmatch(file.name) and _MARKED.search(file.data) for file in files)


def parse(files: Sequence[SourceFile]) -> Sequence[Migration]:
    """Read one migration a file."""
    return in_order(map(_parse_file, files))


def _parse_file(file: SourceFile) -> Migration:
    match = _FILE_NAME.fullmatch(file.name)
    if match is None or not file.name.isprintable():
        raise at_line(file.path, 1, "the name is not VERSION_name.sql", _NAME_HINT)
    text = _decode(file)
    up, down = _sections(file.path, text)
    return Migration(
        version=match[1],
        name=match[2],
        path=file.path,
        text=text,
        checksum=checksum(text),
        up=up,
        down=None if down is None or blank(down.sql) else down,
    )


def _decode(file: SourceFile) -> str:
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data[: error.start].count(b"\n") + 1
        raise at_line(file.path, line, f"byte {file.data[error.start]:#04x} is not UTF-8", _ENCODING_HINT) from None
    nul = text.find("\0")
    if nul >= 0:
        raise at_line(file.path, text.count("\n", 0, nul) + 1, "a NUL character", _ENCODING_HINT)
    return text.replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class _Marker:
    direction: str
    transaction: bool | None
    start: int
    end: int
    line: int


def _sections(path: str, text: str) -> tuple[Section, Section | None]:
    markers = [_marker(path, text, match) for match in _MARKER.finditer(text)]
    first = markers[0].start if markers else len(text)
    if not blank(text[:first]):
        line = _first_line_of_sql(text[:first])
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
        found[marker.direction] = Section(text[marker.end : end], marker.end, marker.line, marker.transaction)
    if "up" not in found:
        raise at_line(path, 1, "there is no -- migrate:up", "put a line `-- migrate:up` above the SQL that applies it")
    return found["up"], found.get("down")


def _marker(path: str, text: str, match: re.Match[str]) -> _Marker:
    line = text.count("\n", 0, match.start()) + 1
    direction = (match["direction"] or match["word"] or "").lower()
    if direction not in {"up", "down"}:
        raise at_line(path, line, f"-- migrate:{match['word']} is no marker", "write -- migrate:up or -- migrate:down")
    transaction: bool | None = None
    for option in match["options"].split():
        name, _, value = option.lower().partition(":")
        if name != "transaction" or value not in {"true", "false"}:
            raise at_line(
                path,
                line,
                f"the marker's option {option!r} is not known",
                "the options are transaction:false and :true",
            )
        transaction = value == "true"
    return _Marker(direction, transaction, match.start(), match.end(), line)


def _first_line_of_sql(text: str) -> int:
    """Return the line of the first thing that isn't blank, a comment or a semicolon."""
    first = next(token.start for token in code(text) if text[token.start] != ";")
    return text.count("\n", 0, first) + 1
