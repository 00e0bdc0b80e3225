"""Parameters of every style as PostgreSQL's own: ``%s %(x)s :x ? :'x'`` become ``$1``, for parsers that know only that.

SQL without parameters comes back as it is. What is an operator and what a parameter is told by what stands before it:
a value cannot follow a value, an operator cannot follow an operator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.sql.expected import Expected, Reader
from dbops.sql.lexer import Kind, Token, tokens
from dbops.sql.offsets import Offsets, Replacement, replaced

_CANDIDATE = re.compile(r"\?|%[sbt(]|(?<!:):(?![:=\s])")
_FORMAT = re.compile(r"%(?:\((?P<name>[^()'\"\n]*)\))?[sbt](?![\w$])")
_COLON = re.compile(r":(?P<name>[\w$]+)")
_PSQL_LITERAL = re.compile(r":'(?P<name>\w+)'")
_PSQL_NAME = re.compile(r':"\w+"')
_PSQL_TEST = re.compile(r":\{\?\w+\}")
_NUMBERED = re.compile(r"\$([0-9]{1,5})(?![0-9])")
_PREFIX_OPERATOR = re.compile(r"\?(?:\|(?!\|)|-(?!\s*[\d$:?.(]))")
"""``?|`` and ``?-`` before a value: whether a line is vertical, or horizontal."""


def numbered(sql: str, *, percent: bool = False) -> tuple[str, Offsets]:
    """Return the text with ``$n`` for every parameter of another style, and where its characters came from.

    Parameters of one name get one number; the numbers that the text uses itself are left to it. With ``percent`` a
    client formats the text, as psycopg does when it is given values: each ``%s`` is a parameter, and ``%%`` is a
    percent sign, also within literals.
    """
    if not (_CANDIDATE.search(sql) or (percent and "%%" in sql)):
        return sql, Offsets.shifted(len(sql))
    replacements = list(_Numbering(sql, percent).replacements())
    return replaced(sql, replacements) if replacements else (sql, Offsets.shifted(len(sql)))


def names(sql: str) -> dict[int, str]:
    """Return what each parameter of :func:`numbered`'s text is called: a name, or its number where it has none."""
    numbering = _Numbering(sql, percent=False)
    text = replaced(sql, list(numbering.replacements()))[0]
    named = {number: name for name, number in numbering.numbers.items()}
    return {number: named.get(number, str(number)) for number, _, _ in places(text)}


def places(sql: str) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of each ``$n`` of a text, in order; those within literals and comments are none."""
    for token in tokens(sql):
        if token.kind is Kind.OTHER and sql[token.start] == "$":
            match = _NUMBERED.match(sql, token.start)
            if match is not None:
                yield int(match[1]), match.start(), match.end()


class _Numbering:
    """One text's parameters, found token by token."""

    def __init__(self, sql: str, percent: bool) -> None:
        self.sql = sql
        self.percent = percent
        self.reader = Reader(sql)
        self.numbers: dict[str, int] = {}
        self.last = max((int(number) for number in _NUMBERED.findall(sql)), default=0) if "$" in sql else 0

    def replacements(self) -> Iterator[Replacement]:
        done = 0
        for token in tokens(self.sql):
            if token.start < done:
                continue
            if token.kind is not Kind.OTHER:
                yield from self._percents_within(token)
            if token.kind in {Kind.SPACE, Kind.COMMENT}:
                continue
            found = self._at(token.start) if token.kind is Kind.OTHER else None
            if found is None:
                self.reader.feed(token)
                continue
            yield found
            done = found.end
            if found.text == "%":
                self.reader.feed(token)
            else:
                self.reader.operand()

    def _percents_within(self, token: Token) -> Iterator[Replacement]:
        start = self.sql.find("%%", token.start, token.end) if self.percent else -1
        while start >= 0:
            yield Replacement(start, start + 2, "%")
            start = self.sql.find("%%", start + 2, token.end)

    def _at(self, start: int) -> Replacement | None:
        match self.sql[start]:
            case "%":
                return self._percent(start)
            case ":":
                return self._colon(start)
            case "?":
                return self._question_mark(start)
            case "\\" if self.sql.startswith("\\:", start):  # how SQLAlchemy's text() escapes a colon
                return Replacement(start, start + 2, ":")
        return None

    def _percent(self, start: int) -> Replacement | None:
        if self.percent and self.sql.startswith("%%", start):
            return Replacement(start, start + 2, "%")
        match = _FORMAT.match(self.sql, start)
        if match is None or not (self.percent or self._wants_value()):
            return None
        return Replacement(start, match.end(), self._parameter(match["name"]))

    def _colon(self, start: int) -> Replacement | None:
        sql, reader = self.sql, self.reader
        if sql.startswith(("::", ":="), start) or sql[max(start - 1, 0) : start] == ":":
            return None
        if reader.in_slice or reader.in_json_object:
            return None
        if match := _COLON.match(sql, start) or _PSQL_LITERAL.match(sql, start):
            return Replacement(start, match.end(), self._named(match["name"]))
        if match := _PSQL_NAME.match(sql, start):
            return Replacement(start, match.end(), match[0][1:])
        if match := _PSQL_TEST.match(sql, start):
            return Replacement(start, match.end(), "TRUE")
        return None

    def _question_mark(self, start: int) -> Replacement | None:
        part_of_operator = self.sql[max(start - 1, 0) : start] in {"@", "?"} or _PREFIX_OPERATOR.match(self.sql, start)
        if part_of_operator or not self._wants_value():
            return None
        return Replacement(start, start + 1, self._parameter(None))

    def _wants_value(self) -> bool:
        """Whether a value comes next, so that a sign that may be an operator is none."""
        return self.reader.expected is not Expected.OPERATOR

    def _named(self, name: str) -> str:
        """Return a parameter, or a name where only a table's or column's name can stand."""
        return f"_{name}_" if self.reader.expected is Expected.NAME else self._parameter(name)

    def _parameter(self, name: str | None) -> str:
        number = self.numbers.get(name or "", 0)
        if not number:
            self.last = number = self.last + 1
            if name:
                self.numbers[name] = number
        return self.reader.value(number)
