"""How far the nodes of a query reach in its text, beyond those of their tokens whose place the tree knows. Pure.

The tree knows where names, literals and the names of most functions stand. Parentheses, casts and the words of special
calls such as ``extract(year FROM …)`` are found among the tokens around these.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from dbops.sql.lexer import code
from dbops.sql.query import Span, exp, span

_OPENING = {")": "(", "]": "["}
_SPECIAL: dict[type[exp.Expr], frozenset[str]] = {
    exp.Cast: frozenset({"CAST"}),
    exp.Extract: frozenset({"EXTRACT"}),
    exp.Substring: frozenset({"SUBSTRING", "SUBSTR"}),
    exp.Trim: frozenset({"TRIM", "BTRIM", "LTRIM", "RTRIM"}),
    exp.StrPosition: frozenset({"POSITION", "STRPOS"}),
    exp.Array: frozenset({"ARRAY"}),
    exp.Exists: frozenset({"EXISTS"}),
}
_SPECIALS = tuple(_SPECIAL)
_GOES_ON = {
    ("DOUBLE", "PRECISION"), ("CHARACTER", "VARYING"), ("BIT", "VARYING"),
    ("TIME", "WITH"), ("TIME", "WITHOUT"), ("TIMESTAMP", "WITH"), ("TIMESTAMP", "WITHOUT"),
    (")", "WITH"), (")", "WITHOUT"), ("WITH", "TIME"), ("WITHOUT", "TIME"), ("TIME", "ZONE"),
}  # fmt: skip


class Word(NamedTuple):
    """A token of the statement: its text in upper case, and its place in the script."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """The tokens of a statement; operators come character by character.

    ``closing`` has for each opening parenthesis or bracket the one that closes it, ``around`` for each token the
    parenthesis or bracket that it stands in or closes, -1 for none. All are numbers of tokens.
    """

    every: tuple[Word, ...]
    closing: dict[int, int]
    around: tuple[int, ...]

    def at(self, offset: int) -> int:
        """Return the number of the first token that begins at or after an offset."""
        return bisect_left(self.every, offset, key=_start)

    def text(self, number: int) -> str:
        """Return a token's text, "" before the first and after the last."""
        return self.every[number].text if 0 <= number < len(self.every) else ""


def _start(word: Word) -> int:
    return word.start


@lru_cache(maxsize=2)
def words(text: str, shift: int) -> Words:
    """Return the tokens of a statement that begins at the script's character ``shift``."""
    every = tuple(
        Word(text[token.start : token.end].upper(), shift + token.start, shift + token.end) for token in code(text)
    )
    closing: dict[int, int] = {}
    around: list[int] = []
    opened: list[int] = []
    for number, word in enumerate(every):
        around.append(opened[-1] if opened else -1)
        if word.text in _OPENING and opened:
            closing[opened.pop()] = number
        if word.text in ("(", "["):
            opened.append(number)
    return Words(every, closing, tuple(around))


def extent(words: Words, node: exp.Expr, shift: int) -> Span | None:
    """Return where a node stands in the script, in which the query's own text begins at character ``shift``.

    None where none of its tokens has a place.
    """
    own = span(node)
    if own is None:
        return None
    own = Span(shift + own.start, shift + own.end)
    reach = _reach(words, own)
    if reach is None:
        return own
    for part in reversed([each for each in node.walk() if isinstance(each, exp.Func | exp.Exists | exp.Parameter)]):
        reach = _with(words, part, shift, *reach)  # inner ones first
    first, last = _balanced(words, *reach)
    return Span(words.every[first].start, words.every[last].end)


def _reach(words: Words, part: Span | None) -> tuple[int, int] | None:
    """Return the first and last token of a part of the text."""
    if part is None:
        return None
    first, last = words.at(part.start), words.at(part.end) - 1
    return (first, last) if first <= last else None


def _with(words: Words, part: exp.Expr, shift: int, first: int, last: int) -> tuple[int, int]:
    """Return a node's first and last token with those of a call, cast or parameter in it."""
    if isinstance(part, _SPECIALS):
        one, other = _special(words, part, shift) or (first, last)
    elif isinstance(part, exp.Parameter):
        one, other = _parameter(words, part, shift) or (first, last)
    else:
        one, other = _call(words, part, shift) or (first, last)
    return min(first, one), max(last, other)


def _parameter(words: Words, part: exp.Expr, shift: int) -> tuple[int, int] | None:
    """Return the tokens of a parameter, of which the tree knows the number's place."""
    own = span(part)
    number = -1 if own is None else words.at(shift + own.start)
    return (number - 1, number) if words.text(number - 1) == "$" else None


def _call(words: Words, part: exp.Expr, shift: int) -> tuple[int, int] | None:
    """Return the tokens of a call, from the function's name to the closing parenthesis."""
    if part.meta_get("start") is None:
        return None
    number = words.at(shift + part.meta["start"])
    closing = words.closing.get(number + 1)
    return None if closing is None or words.text(number + 1) != "(" else (number, closing)


def _special(words: Words, part: exp.Expr, shift: int) -> tuple[int, int] | None:
    """Return the tokens of a cast, or of a call whose name has no place in the tree."""
    inner = extent(words, part.this, shift) if isinstance(part, exp.Cast) else None
    inner = inner or (None if (own := span(part)) is None else Span(shift + own.start, shift + own.end))
    reach = _reach(words, inner)
    if reach is None:
        return None
    first, last = reach
    opening = words.around[first]
    if opening > 0 and words.text(opening - 1) in _SPECIAL.get(type(part), frozenset()):
        return opening - 1, words.closing.get(opening, last)
    if not isinstance(part, exp.Cast):
        return None
    while words.text(first - 1) == "(" and words.text(last + 1) == ")" and words.text(last + 2) == ":":
        first, last = first - 1, last + 1
    if words.text(last + 1) == words.text(last + 2) == ":":
        return first, _type_end(words, last + 3)
    named = words.text(first - 1).replace("_", "a").isalnum() and words.text(first).endswith("'")
    return (first - 1 if named and _is_adjacent_type(part) else first), last


def _is_adjacent_type(cast: exp.Expr) -> bool:
    """Whether a cast can be one that is written as ``date '2024-01-01'``."""
    return isinstance(cast.this, exp.Literal) and bool(cast.this.is_string)


def _type_end(words: Words, number: int) -> int:
    """Return the last token of the type that begins with this one."""
    while True:
        following = words.text(number + 1)
        if (following in ("(", "[")) and number + 1 in words.closing:
            number = words.closing[number + 1]
        elif following == "." or words.text(number) == "." or (words.text(number), following) in _GOES_ON:
            number += 1
        else:
            return min(number, len(words.every) - 1)


def _balanced(words: Words, first: int, last: int) -> tuple[int, int]:
    """Return the tokens with the parentheses that begin or end among them."""
    number = first
    while number <= last:
        last = max(last, words.closing.get(number, last))
        opening = words.around[number]
        if words.text(number) in _OPENING and 0 <= opening < first:
            first = opening
        number += 1
    return first, last
