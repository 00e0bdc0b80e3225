"""SQL text with holes, where a program puts what only it knows: what may stand in each, so that a parser can read it.

A program that formats its SQL leaves words such as ``_x_`` for these holes. One within a literal or a longer name
stays such a word; one that stands alone becomes a parameter, a name or nothing, by what stands before and behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from dbops.sql.expected import Expected, Reader
from dbops.sql.lexer import Kind, Token, code
from dbops.sql.offsets import Offsets, Replacement, replaced

_BEHIND_NAME = re.compile(r"\s*(?:[.(=<>!~]|(?:in|is|i?like|between|not)\b)", re.IGNORECASE)
_BEFORE_CONDITION = frozenset({"where", "and", "or", "on", "having"})
_NUMBERED = re.compile(r"\$([0-9]{1,5})(?![0-9])")


class Guess(Enum):
    """What is made of the holes where a value may stand."""

    VALUES = "values"
    NAMES = "names"


@dataclass(frozen=True)
class Filled:
    """A text whose holes are filled, and the way back to the text with holes.

    ``unknown`` are the offsets in ``sql`` where a whole clause or condition may stand of which nothing is known.
    """

    sql: str
    offsets: Offsets
    unknown: tuple[int, ...]


def filled(sql: str, holes: Sequence[tuple[int, int]], guess: Guess = Guess.VALUES) -> Filled:
    """Return the text with something that can be read in each hole; ``holes`` are spans of words, in order."""
    filling = _Filling(sql, holes, guess)
    replacements = list(filling.replacements())
    text, offsets = replaced(sql, replacements)
    return Filled(text, offsets, tuple(_moved(replacements, set(filling.unknown))))


def _moved(replacements: list[Replacement], wanted: set[int]) -> Iterator[int]:
    """Yield where the replacements that begin at ``wanted`` begin in the made text."""
    by = 0
    for start, end, text in replacements:
        if start in wanted:
            yield start + by
        by += len(text) - (end - start)


class _Filling:
    """One text's holes, filled one after the other."""

    def __init__(self, sql: str, holes: Sequence[tuple[int, int]], guess: Guess) -> None:
        self.sql = sql
        self.starts = dict(holes)
        self.guess = guess
        self.reader = Reader(sql)
        self.unknown: list[int] = []
        self.last = max((int(number) for number in _NUMBERED.findall(sql)), default=0)

    def replacements(self) -> Iterator[Replacement]:
        for token in code(self.sql):
            new = self._filling(token) if self._is_hole(token) else None
            if new is None:
                self.reader.feed(token)
                continue
            yield Replacement(token.start, token.end, new)
            if new:
                self.reader.operand()

    def _is_hole(self, token: Token) -> bool:
        """Whether the token is a hole, or several side by side, and nothing else."""
        at = token.start
        while at < token.end and at in self.starts:
            at = self.starts[at]
        return token.kind is Kind.WORD and at == token.end

    def _filling(self, token: Token) -> str | None:
        """Return what replaces the hole; None for the word that stands there."""
        word = self.sql[token.start : token.end]
        if self.reader.expected is Expected.OPERATOR:
            return self._clause(token)
        if self.reader.in_new_query:
            self.unknown.append(token.start)
            return "SELECT 1"
        if self.reader.expected is Expected.NAME or _BEHIND_NAME.match(self.sql, token.end):
            return None
        if self.reader.last == "set":
            return f"{word} = 1"
        if self.reader.last in _BEFORE_CONDITION:
            self.unknown.append(token.start)
        return None if self.guess is Guess.NAMES else self._value()

    def _clause(self, token: Token) -> str | None:
        if _BEHIND_NAME.match(self.sql, token.end) and self.sql[token.end : token.end + 1] in {".", "("}:
            return None
        self.unknown.append(token.start)
        return "" if self.guess is Guess.VALUES else None

    def _value(self) -> str:
        self.last += 1
        return self.reader.value(self.last)
