"""The comments of a Python text that silence findings, and which of its lines each is about. Pure."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate

from dbops.lint.suppression.comments import MARKS, Order, Reach, orders

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_NO_CODE = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)
_BEGINS_STRING = frozenset({getattr(tokenize, name, -1) for name in ("FSTRING_START", "TSTRING_START")} - {-1})
_ENDS_STRING = frozenset({getattr(tokenize, name, -1) for name in ("FSTRING_END", "TSTRING_END")} - {-1})


def orders_of_python(text: str, known: frozenset[str]) -> Iterator[tuple[Order, tuple[int, int]]]:
    """Yield what dbops' own comments ask for, with the part of the text they are about.

    That is a comment's line, and all of a string that ends there; when it stands alone, the statement below it, or
    within one the line below. A noqa in Python is another linter's.
    """
    lines = _LINE.findall(text)
    starts = [0, *accumulate(map(len, lines))]
    found = _tokens(lines)
    for index, token in enumerate(found):
        if token.type != tokenize.COMMENT or not MARKS.search(token.string):
            continue
        at = starts[token.start[0] - 1] + token.start[1]
        for order in orders(token.string, at, known):
            if order.ours:
                first, last = _rows(found, index)
                everything = order.reach is Reach.FILE
                yield order, (0, len(text)) if everything else (starts[first - 1], max(starts[last] - 1, 0))


def _tokens(lines: list[str]) -> list[tokenize.TokenInfo]:
    """Return the tokens as far as the text can be cut into them."""
    found: list[tokenize.TokenInfo] = []
    with suppress(tokenize.TokenError, SyntaxError, ValueError):
        found.extend(tokenize.generate_tokens(iter(lines).__next__))
    return found


def _rows(found: list[tokenize.TokenInfo], index: int) -> tuple[int, int]:
    """Return the first and last row that a comment is about."""
    row = found[index].start[0]
    before = [token for token in found[:index] if token.type not in _NO_CODE and token.end[0] == row]
    if before:
        return _first_row_of_strings(found[:index], row), row
    following = next((at for at in range(index, len(found)) if found[at].type not in _NO_CODE), None)
    if following is None:
        return row, row
    if _within_brackets(found[:index]):
        return found[following].start[0], _last_row_of_string(found, following)
    ends = (token.start[0] for token in found[following:] if token.type == tokenize.NEWLINE)
    return found[following].start[0], next(ends, found[-1].end[0])


def _within_brackets(before: list[tokenize.TokenInfo]) -> bool:
    signs = [token.string for token in before if token.type == tokenize.OP]
    return sum((sign in "([{") - (sign in ")]}") for sign in signs if len(sign) == 1) > 0


def _first_row_of_strings(before: list[tokenize.TokenInfo], row: int) -> int:
    """Return the row in which the strings begin that end in ``row``; ``row`` itself without one."""
    first, opened = row, list[int]()
    for token in before:
        if token.type in _BEGINS_STRING:
            opened.append(token.start[0])
        elif token.type in _ENDS_STRING and opened:
            begun = opened.pop()
            first = min(first, begun) if token.end[0] == row else first
        elif token.type == tokenize.STRING and token.end[0] == row:
            first = min(first, token.start[0])
    return first


def _last_row_of_string(found: list[tokenize.TokenInfo], index: int) -> int:
    """Return the row in which the string ends that begins with a token; the token's own row for another."""
    depth = 0
    for token in found[index:]:
        depth += (token.type in _BEGINS_STRING) - (token.type in _ENDS_STRING)
        if depth == 0:
            return token.end[0]
    return found[index].end[0]
