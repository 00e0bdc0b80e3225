"""psql's tables: header, rule, borders, the marks of lines that go on, records of ``\\x``, the count of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from dbops.explain.plan.lines import Line
from dbops.explain.plan.wrapping.quotes import unquoted

_HEADER = re.compile(r'[\s|│"]*QUERY PLAN[\s|│"]*')
_RECORD = re.compile(r"\W*\[ RECORD (?P<number>\d+) \]\W*|\* Record (?P<plain>\d+)\s*")
_FIELD = re.compile(r"(?:[|│] )?QUERY PLAN(?: [|│] |[|│]| )(?=[^|│])")
_BESIDE_FIELD = re.compile(r"[\s|│:]*")
_COUNT = re.compile(r"\s*\(\d+ rows?\)\s*")
_RULE = "-+|─═├┼┤└┴┘┌┬┐╞╪╡╘╧╛╒╤╕ \t"
_BORDERS = ("|", "│")
_GOES_ON = ("+", "↵")


def tables(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the lines inside each table; a text without any is taken as one."""
    begins = [number for number, line in enumerate(lines) if _begins(line.text)]
    if not begins:
        yield _content(lines, csv=_first(lines).startswith('"'))
    for number, end in pairwise([*begins, len(lines)]):
        ruled = number + 1 < end and _is_rule(lines[number + 1].text)
        body = lines[number + 1 + ruled : end]
        yield _content(body, csv=not ruled and any(line.text.startswith('"') for line in body))


def _begins(text: str) -> bool:
    """Whether it is a header, or the first of several records."""
    if "QUERY PLAN" in text:
        return _HEADER.fullmatch(text) is not None
    record = _RECORD.fullmatch(text) if "ecord" in text.casefold() else None
    return record is not None and "1" in {record["number"], record["plain"]}


def _content(lines: Sequence[Line], *, csv: bool) -> list[Line]:
    """Return the lines without what is around them; ``csv`` tells that some are in quotes."""
    kept = list(takewhile(lambda each: not _COUNT.fullmatch(each.text), lines))
    first = _first(kept)
    if field := _FIELD.match(first):
        bordered = first.startswith(_BORDERS)
        kept = [_beside(line, field.end(), bordered=bordered) for line in kept if not _is_frame(line.text)]
    elif first.startswith(_BORDERS):
        kept = [_without_right(line.part(1)) for line in kept if not _is_frame(line.text)]
    elif first.rstrip().endswith(_BORDERS):
        kept = [_without_right(line) for line in kept]
    elif csv:
        kept = unquoted(kept)
    return _shifted(_without_marks(kept))


def _first(lines: Sequence[Line]) -> str:
    return next((line.text for line in lines if line.text.strip()), "")


def _is_rule(text: str) -> bool:
    return not text.strip(_RULE) and any(dash * 3 in text for dash in "-─═")


def _is_frame(text: str) -> bool:
    return _is_rule(text) or _RECORD.fullmatch(text) is not None


def _without_right(line: Line) -> Line:
    text = line.text.rstrip()
    return line.part(0, len(text) - 1 if text.endswith(_BORDERS) else len(text))


def _beside(line: Line, width: int, *, bordered: bool) -> Line:
    """Return what stands beside a record's field."""
    line = _without_right(line) if bordered else line
    if match := _FIELD.match(line.text):
        return line.part(match.end())
    return line.part(width) if _BESIDE_FIELD.fullmatch(line.text[:width]) else line


def _without_marks(lines: list[Line]) -> list[Line]:
    """Take off the marks of lines that go on. Only JSON has such lines: the first has a mark, the last none."""
    first = _first(lines).rstrip()
    if not first.endswith(_GOES_ON) or first.strip(" +↵") not in {"[", "{"}:
        return lines
    texts = (line.text.rstrip() for line in lines)
    return [line.part(0, len(text) - text.endswith(_GOES_ON)) for line, text in zip(lines, texts, strict=True)]


def _shifted(lines: list[Line]) -> list[Line]:
    """Take off the blanks that all lines begin with."""
    common = min((len(line.text) - len(line.text.lstrip(" ")) for line in lines if line.text.strip()), default=0)
    return [line.part(common) for line in lines] if common else lines
