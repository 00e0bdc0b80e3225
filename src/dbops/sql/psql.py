"""What a text holds for psql rather than the server: its commands, and the data behind COPY … FROM stdin.

Both are blanked with as many spaces, so that every offset still holds. The rules are those of psql's psqlscan.l.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dbops.sql.lexer import Kind, Token, code

_COMMAND = re.compile(r"\\(?:[A-Za-z_]\w*\+?|[?!.;])")
_COPY_FROM = re.compile(r"\\copy\b[^\n]*?\bfrom\s+stdin\b", re.IGNORECASE)
_NOT_BLANK = re.compile(r"[^\n\r]")
_REST_OF_LINE = re.compile(r".*?(?=\r?\n|\\\\|\Z)", re.DOTALL)
_END_OF_DATA = re.compile(r"^\\\.[ \t]*\r?$", re.MULTILINE)
_SENDS = frozenset(
    {
        *(r"\g", r"\gx", r"\gset", r"\gexec", r"\gdesc", r"\watch", r"\crosstabview", r"\bind", r"\bind_named"),
        *(r"\parse", r"\sendpipeline", r"\;"),
    }
)
"""The commands that end the statement before them, as a semicolon does."""


@dataclass(frozen=True, slots=True)
class Skipped:
    r"""``sql[start:end]`` is not for the server; ``what`` is the command, such as ``\\i``, or ``data of COPY``."""

    start: int
    end: int
    what: str


def blanked(sql: str) -> tuple[str, tuple[Skipped, ...]]:
    """Return the text without what is for psql, and what that was; offsets stay."""
    if not _COMMAND.search(sql):
        return sql, ()
    skipped = tuple(_skipped(sql))
    if not skipped:
        return sql, ()
    parts: list[str] = []
    done = 0
    for each in skipped:
        blank = _NOT_BLANK.sub(" ", sql[each.start : each.end])
        parts += (sql[done : each.start], ";" + blank[1:] if each.what in _SENDS else blank)
        done = each.end
    return "".join(parts) + sql[done:], skipped


class Pieces:
    """Reads code tokens, and says where a semicolon ends a statement; within BEGIN ATOMIC … END none does."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._begin()

    def _begin(self) -> None:
        self._head: list[str] = []
        self._words: list[str] = []
        self._blocks = self._parentheses = 0
        self.start: int | None = None

    def ends(self, token: Token) -> bool:
        """Take a token that is no blank or comment; whether it is the semicolon of what began at ``start``."""
        text = self._sql[token.start : token.end] if token.end - token.start <= 63 else ""
        if text == ";" and not self._blocks and not (self._parentheses > 0 and "rule" in self._head):
            return True
        if self.start is None:
            self.start = token.start
        if token.kind is Kind.WORD:
            self._word(text.lower())
        elif token.kind is Kind.OTHER:
            self._parentheses += {"(": 1, ")": -1}.get(text, 0)
        return False

    def next(self) -> bool:
        """Begin the next statement; whether the last one was COPY … FROM STDIN."""
        copied = self._head[:1] == ["copy"] and any(
            pair == ("from", "stdin") for pair in zip(self._words, self._words[1:], strict=False)
        )
        self._begin()
        return copied

    def _word(self, word: str) -> None:
        if len(self._head) < 4:
            self._head.append(word)
        if self._head[0] == "copy":
            self._words.append(word)
        elif self._head[0] == "create" and ("function" in self._head or "procedure" in self._head):
            self._block(word)

    def _block(self, word: str) -> None:
        if word in {"begin", "case"}:
            self._blocks += word == "begin" or self._blocks > 0
        elif word == "end" and self._blocks:
            self._blocks -= 1


def _skipped(sql: str) -> Iterator[Skipped]:
    at = 0
    while at < len(sql):
        pieces = Pieces(sql)
        found, at = _next(sql, at, pieces)
        if found is not None:
            yield found


def _next(sql: str, at: int, pieces: Pieces) -> tuple[Skipped | None, int]:
    """Return what is skipped next, from ``at`` on, and where to go on."""
    for token in code(sql, at):
        if sql[token.start] == "\\" and (command := _COMMAND.match(sql, token.start)):
            found = _command(sql, command)
            return found, found.end
        if pieces.ends(token) and pieces.next():
            data = _data(sql, sql.find("\n", token.end) + 1)
            if data is not None:
                return data, data.end
    return None, len(sql)


def _command(sql: str, match: re.Match[str]) -> Skipped:
    name = match[0]
    if name == r"\;":
        return Skipped(match.start(), match.end(), name)
    rest = _REST_OF_LINE.match(sql, match.end())
    assert rest is not None  # it matches the empty text
    end = rest.end() + (2 if sql.startswith("\\\\", rest.end()) else 0)
    if name == r"\copy" and _COPY_FROM.match(sql, match.start()):
        data = _data(sql, end)
        end = end if data is None else data.end
    return Skipped(match.start(), end, name)


def _data(sql: str, start: int) -> Skipped | None:
    r"""Return the data that begins on a line, up to its ``\.``; None where there is none."""
    end = _END_OF_DATA.search(sql, start) if start else None
    return None if end is None else Skipped(start, end.end(), "data of COPY")
