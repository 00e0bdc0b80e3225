"""A SQL text as its statements, where some of it can't be read: the rest is read all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dbops.sql.lexer import code
from dbops.sql.psql import Pieces, Skipped, blanked
from dbops.sql.split import SqlSyntaxError, Statement, split

__all__ = ["Recovered", "Skipped", "Unreadable", "statements"]

LONGEST_STATEMENT = 4_000_000
"""Characters; reading a longer one would take many seconds and some hundred bytes of memory for each."""
_WHOLE = 1_000_000
"""The longest text that is read in one go; of a longer one that can't be read, too much would be read twice."""
_BATCH = 16_000
"""Characters that are read in one go: few enough for split to have the parser hand out all trees at once."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """``sql[start:end]`` is no SQL that PostgreSQL could read; ``offset`` is where it gave up."""

    start: int
    end: int
    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """``sql`` is the text with what is for psql blanked; offsets of the others are both its and the original's."""

    sql: str
    statements: tuple[Statement, ...]
    unreadable: tuple[Unreadable, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def statements(sql: str) -> Recovered:
    """Cut the text into its statements, as :func:`dbops.sql.split.split` does; never raises."""
    if len(sql) <= _WHOLE:
        try:
            return Recovered(sql, split(sql))
        except Exception:  # noqa: S110 - it is read again, piece by piece, and what fails then is said
            pass
    text, skipped = blanked(sql)
    reading = _Reading(text)
    reading.read()
    return Recovered(text, tuple(reading.statements), tuple(reading.unreadable), skipped)


class _Reading:
    """One text, read batch by batch; statements and what can't be read pile up."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.statements: list[Statement] = []
        self.unreadable: list[Unreadable] = []
        self._line, self._counted = 1, 0

    def read(self) -> None:
        batch: list[tuple[int, int]] = []
        for piece in _pieces(self.sql):
            if batch and piece[1] - batch[0][0] > _BATCH:
                self._batch(batch)
                batch = []
            batch.append(piece)
        self._batch(batch)

    def _batch(self, batch: list[tuple[int, int]]) -> None:
        if not batch or self._understood(batch[0][0], batch[-1][1]) is None:
            return
        for start, end in batch:
            error = self._understood(start, end)
            if error is not None:
                self.unreadable.append(error)

    def _understood(self, start: int, end: int) -> Unreadable | None:
        """Add the statements of a part of the text, or return why there are none."""
        if end - start > LONGEST_STATEMENT:
            millions = f"{LONGEST_STATEMENT // 1_000_000} million characters"
            return Unreadable(start, end, start, f"the statement is longer than {millions}")
        try:
            found = split(self.sql[start:end], data_apart=True)
        except SqlSyntaxError as error:
            return Unreadable(start, end, min(start + error.offset, end), _said(error.message))
        except Exception as error:  # a defect of the parser is not one of the text
            return Unreadable(start, end, start, f"the parser failed with {type(error).__name__}")
        self.statements += (self._placed(statement, start) for statement in found)
        return None

    def _placed(self, statement: Statement, by: int) -> Statement:
        start = by + statement.start
        self._line += self.sql.count("\n", self._counted, start)
        self._counted = start
        column = start - self.sql.rfind("\n", 0, start)
        return replace(statement, start=start, line=self._line, column=column, index=len(self.statements))


def _said(message: str) -> str:
    return "it is nested too deeply" if message.startswith("memory exhausted") else message


def _pieces(sql: str) -> Iterator[tuple[int, int]]:
    """Yield where each statement begins and where its semicolon ends, by the lexer alone."""
    at = 0
    while at < len(sql):
        for start, end in _pieces_from(sql, at):
            yield start, end
            at = end
            if end - start > LONGEST_STATEMENT:
                break
        else:
            return


def _pieces_from(sql: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the pieces up to one that is too long to be read, whose end is only guessed."""
    pieces, last = Pieces(sql), at
    for token in code(sql, at):
        last = token.end
        if pieces.ends(token):
            if pieces.start is not None:
                yield pieces.start, last
            pieces.next()
        elif pieces.start is not None and last - pieces.start > LONGEST_STATEMENT:
            end = sql.find(";\n", last)
            yield pieces.start, len(sql) if end < 0 else end + 1
            return
    if pieces.start is not None:
        yield pieces.start, last
