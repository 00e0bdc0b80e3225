"""goose's format: ``VERSION_name.sql`` with ``-- +goose Up`` and ``-- +goose Down`` at the start of a line, any case.

``-- +goose NO TRANSACTION`` holds for the whole file. ``StatementBegin`` and ``StatementEnd`` are needed by goose to
find the end of a statement; here they only have to fit together. Between ``ENVSUB ON`` and ``OFF`` ``${NAME}`` stands
for a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dbops.files.checksum import checksum
from dbops.files.formats.own import directions
from dbops.files.migration import Migration, Section, SourceFile, at_line, in_order
from dbops.files.names import refuse_programs
from dbops.files.scaffold import Draft
from dbops.files.text import decode, does_nothing, first_line_of_sql
from dbops.sql.blank import blank
from dbops.sql.lexer import code

NAME = "goose"
FOLDERS = 0

_FILE_NAME = re.compile(r"([0-9]+)_([^/]+)\.sql")
_MARKED = re.compile(rb"^--[ \t]*\+goose[ \t]+(?:up|down)\b", re.IGNORECASE | re.MULTILINE)
_MARKER = re.compile(
    r"^(?P<indent>[ \t]*)--[ \t]*\+goose\b[ \t]*(?P<words>[^\n]*?)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_DOLLAR = re.compile(r"(?<![\w$])\$(?:[A-Za-z_]\w*(?![\w$])|\{[^}]*[^\w}][^}]*\})")
"""What goose's substitution knows beyond ``${NAME}``: ``$NAME`` and ``${NAME:-default}``."""
_KNOWN = ("up", "down", "statementbegin", "statementend", "no transaction", "envsub on", "envsub off")
_ANYWHERE = frozenset({"no transaction", "envsub on", "envsub off"})
_ORDER = {
    ("", "up"): "up",
    ("up", "statementbegin"): "up block",
    ("up block", "statementend"): "up",
    ("up", "down"): "down",
    ("down", "statementbegin"): "down block",
    ("down block", "statementend"): "down",
}
_PLACES = {
    "": "before -- +goose Up",
    "up": "behind -- +goose Up",
    "up block": "within a StatementBegin block",
    "down": "behind -- +goose Down",
    "down block": "within a StatementBegin block",
}
_NAME_HINT = "name it like 20260102030405_add_orders.sql or 00001_add_orders.sql"


def recognises(files: Sequence[SourceFile]) -> bool:
    """Say yes when a file has a name of the form and a marker."""
    return any(_FILE_NAME.fullmatch(file.name) and _MARKED.search(file.data) for file in files)


def parse(files: Sequence[SourceFile]) -> Sequence[Migration]:
    """Read one migration a file."""
    refuse_programs(files)
    return in_order(_parse_file(file) for file in files if file.name.lower().endswith(".sql"))


def scaffold(draft: Draft, _existing: Sequence[Migration]) -> tuple[str, Mapping[str, str]]:
    """Return the version and the file of a new migration, each direction one block to goose."""
    up, down = directions(draft.word, draft.text)
    outside = up.transaction is False or (down is not None and down.transaction is False)
    head = "-- +goose NO TRANSACTION\n" if outside else ""
    body = f"-- +goose Up\n{up.sql.strip(chr(10))}\n\n-- +goose Down\n{down.sql.strip(chr(10)) if down else ''}\n"
    return draft.version, {f"{draft.version}_{draft.word}.sql": head + body}


@dataclass(frozen=True, slots=True)
class _Marker:
    word: str
    written: str
    start: int
    end: int
    line: int


def _parse_file(file: SourceFile) -> Migration:
    match = _FILE_NAME.fullmatch(file.name)
    if match is None or not file.name.isprintable():
        raise at_line(file.path, 1, "the name is not VERSION_name.sql", _NAME_HINT)
    text = decode(file)
    markers = list(_markers(file.path, text))
    _refuse_disorder(file.path, text, markers)
    up, down = (_section(file.path, text, markers, direction) for direction in ("up", "down"))
    assert up is not None, "a file without it is refused"
    back = None if down is None or does_nothing(down.sql) else down
    return Migration(match[1], match[2], file.path, text, checksum(text), up, back)


def _markers(path: str, text: str) -> Iterator[_Marker]:
    for match in _MARKER.finditer(text):
        word = " ".join(match["words"].lower().split())
        line = text.count("\n", 0, match.start()) + 1
        if word not in _KNOWN:
            raise at_line(path, line, f"-- +goose {match['words']} is no marker", f"goose's are: {', '.join(_KNOWN)}")
        if match["indent"]:
            raise at_line(path, line, "blanks before a marker: goose reads over it", "put it at the start of the line")
        yield _Marker(word, match["words"], match.start(), match.end(), line)


def _refuse_disorder(path: str, text: str, markers: Sequence[_Marker]) -> None:
    """Raise InvalidMigration unless the markers come in an order that says what is meant."""
    first = next((marker.start for marker in markers if marker.word == "up"), len(text))
    if not blank(text[:first]):
        line = first_line_of_sql(text[:first])
        raise at_line(path, line, "SQL before -- +goose Up: it would never run", "put a line `-- +goose Up` above it")
    place, line = "", 1
    for marker in markers:
        if marker.word in _ANYWHERE:
            continue
        following = _ORDER.get((place, marker.word))
        if following is None:
            message = f"-- +goose {marker.written} {_PLACES[place]}"
            raise at_line(path, marker.line, message, "goose expects Up, then Down, and in them blocks that end")
        place, line = following, marker.line
    if place.endswith("block"):
        raise at_line(path, line, "StatementBegin without a StatementEnd", "put -- +goose StatementEnd behind it")
    if not place:
        raise at_line(path, 1, "there is no -- +goose Up", "put a line `-- +goose Up` above the SQL that applies it")


def _section(path: str, text: str, markers: Sequence[_Marker], direction: str) -> Section | None:
    marker = next((each for each in markers if each.word == direction), None)
    if marker is None:
        return None
    end = next((each.start for each in markers if each.start > marker.start and each.word == "down"), len(text))
    sql = _terminated(text, [each for each in markers if marker.start < each.start < end], marker.end, end)
    outside = any(each.word == "no transaction" for each in markers)
    variables = _variables(path, text, markers, marker.end, end)
    return Section(sql, marker.end, marker.line, False if outside else None, variables=variables or None)


def _terminated(text: str, markers: Sequence[_Marker], start: int, end: int) -> str:
    """Return ``text[start:end]`` with a semicolon in place of a StatementEnd whose statement has none; as long."""
    parts, done = [], start
    for begin, stop in pairwise(each for each in markers if each.word.startswith("statement")):
        if stop.word != "statementend":
            continue
        last = ";"
        for token in code(text[begin.end : stop.start]):
            last = text[begin.end + token.start : begin.end + token.end]
        if last != ";":
            parts += [text[done : stop.start], ";".ljust(stop.end - stop.start)]
            done = stop.end
    return "".join([*parts, text[done:end]])


def _variables(path: str, text: str, markers: Sequence[_Marker], start: int, end: int) -> bool:
    """Say whether ``${NAME}`` stands for a variable between two places, which must hold for all of the SQL there."""
    on, done = False, start
    parts: list[tuple[bool, int, str]] = []
    for marker in markers:
        if marker.word.startswith("envsub"):
            if start <= marker.start < end:
                parts.append((on, done, text[done : marker.start]))
                done = marker.end
            on = (marker.word == "envsub on") if marker.start < end else on
    parts.append((on, done, text[done:end]))
    wanted = any(on and "$" in part and not blank(part) for on, _, part in parts)
    for on, at, part in parts:
        match = re.search(r"\$\{", part) if not on and wanted else _DOLLAR.search(part) if on else None
        if match is not None:
            line = text.count("\n", 0, at + match.start()) + 1
            said = "ENVSUB is on in a part of this direction alone" if not on else f"{match[0]} is goose's alone"
            raise at_line(path, line, said, "dbops puts values in place of ${NAME}, in all of a direction or in none")
    return wanted
