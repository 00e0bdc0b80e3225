"""Text out of the quotes of CSV and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from dbops.explain.plan.lines import Line

_MARK = re.compile(r'\\.|"', re.DOTALL)


def unquoted(lines: Sequence[Line]) -> list[Line]:
    """Return a column of CSV without its quotes, or what a JSON string holds."""
    full = [line for line in lines if line.text.strip()]
    if len(full) == 1 and "\\" in full[0].text:
        return list(json_string(full[0], full[0].text.index('"') + 1))
    out: list[Line] = []
    number = 0
    while number < len(lines):
        if lines[number].text.startswith('"'):
            field = list(csv_field(lines, number, 1))
            out += field
            number += len(field)
        else:
            out.append(lines[number])
            number += 1
    return out


def csv_field(lines: Sequence[Line], number: int, start: int) -> Iterator[Line]:
    """Yield the lines of a quoted field whose text begins at ``start`` of line ``number``.

    One that is never closed reaches to the end.
    """
    end = None
    while end is None and number < len(lines):
        line = lines[number]
        end = _closing(line.text, start)
        yield Line(line.text[start:end].replace('""', '"'), line.number, line.column_of(start), quoted=True)
        number, start = number + 1, 0


def json_string(line: Line, start: int) -> Iterator[Line]:
    """Yield the lines of a JSON string whose text begins at ``start``; what is no JSON stays as it is."""
    begin = start
    for mark in _MARK.finditer(line.text, start):
        if mark[0] == "\\n":
            yield _decoded(line.part(begin, mark.start()))
            begin = mark.end()
        elif mark[0] == '"':
            yield _decoded(line.part(begin, mark.start()))
            return
    yield _decoded(line.part(begin))


def _closing(text: str, start: int) -> int | None:
    """Return where a CSV field's closing quote is, None when it goes on in the next line."""
    at = text.find('"', start)
    while at >= 0 and text.startswith('""', at):
        at = text.find('"', at + 2)
    return None if at < 0 else at


def _decoded(part: Line) -> Line:
    try:
        text = str(json.loads(f'"{part.text}"', strict=False))
        text.encode()
    except ValueError:
        return part
    return Line(text.removesuffix("\r"), part.number, part.column, quoted=True)
