"""A statement's text apart from its values: what comes again and again with other values has one shape. Pure.

It is cheap, so that each line of a long log can be taken apart; what a shape means is asked of the parser once.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Names in quotes are passed over, comments vanish; what is left are strings, numbers and parameters.
_PARTS = re.compile(
    r"""
      (?P<name> "(?:[^"]|"")*+" )
    | (?P<comment> --[^\n]*+ | /\*.*?\*/ )
    | (?P<value>
          [eE]'(?:[^'\\]|\\.|'')*+' | '(?:[^']|'')*+'
        | \$(?P<tag>\w*)\$ .*? \$(?P=tag)\$
        | \$\d++
        | (?<![\w$.]) \d[\w.]*+ (?: (?<=[eE])[+-]\d++ )?
      )
    """,
    re.VERBOSE | re.DOTALL,
)


class Shape(NamedTuple):
    """``text`` has ``?`` for each value and no comments; ``values`` are the values' texts, parameters (``$1``) too."""

    text: str
    values: tuple[str, ...]


def shape(sql: str) -> Shape:
    """Return the shape of a statement."""
    values: list[str] = []

    def put(match: re.Match[str]) -> str:
        if match["value"] is not None:
            values.append(match["value"])
            return "?"
        return match["name"] or " "

    return Shape(_PARTS.sub(put, sql).strip(), tuple(values))


def offsets(sql: str) -> dict[int, int]:
    """Return which of the shape's values begins at an offset, which counts bytes as the parser does."""
    starts = [match.start() for match in _PARTS.finditer(sql) if match["value"] is not None]
    if not sql.isascii():
        starts = [len(sql[:start].encode()) for start in starts]
    return {start: number for number, start in enumerate(starts)}


def bare(value: str) -> str:
    """Return a value without its quotes, so that ``5`` and ``'5'`` are the same key."""
    if value[:2] in {"e'", "E'"}:
        value = value[1:]
    return value[1:-1].replace("''", "'") if value.startswith("'") and len(value) > 1 else value
