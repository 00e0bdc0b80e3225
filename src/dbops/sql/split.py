"""A SQL text as its statements, by PostgreSQL's own grammar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from dbops.sql.lexer import code, position, trimmed
from dbops.sql.nodes import Node, inner, kind

if TYPE_CHECKING:
    from postgast import PgQueryError

# A tree of some 20,000 levels overflows libpg_query's C stack when it is handed out, and a level takes two bytes
# ("+1"). So a longer text is cut by the parser alone, and its long statements are handed out only when they have
# too few operators to be that deep. PostgreSQL itself gives up below 9,000 levels.
_DEEP_BYTES = 32_768
_DEEP_OPERATORS = 10_000
_SHOWN_TOKEN = 40
_NEAR = re.compile(r' at or near "(.*)"\Z', re.DOTALL)
_PASSWORD_BEFORE = re.compile(r"password\W*\Z", re.IGNORECASE)
_META_COMMAND = re.compile(r"\\(\S*)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a source text, without the comments around it and without its semicolon.

    ``source[start : start + len(text)] == text``: offsets are characters; line and column count from 1, index
    from 0. ``node`` is the parse tree's message (``IndexStmt``), or None when the tree is too deep to be read; its
    locations count bytes, and the statement begins at ``origin`` of them.
    """

    text: str
    start: int
    line: int
    column: int
    index: int
    node: Node | None = field(repr=False, compare=False)
    origin: int = field(default=0, repr=False, compare=False)

    def offset(self, location: int) -> int:
        """Return the source's character offset of a location that a node of the tree holds."""
        within = max(location - self.origin, 0)
        if self.text.isascii():
            return self.start + within
        return self.start + len(self.text.encode()[:within].decode(errors="ignore"))


class SqlSyntaxError(ValueError):
    """The text is not SQL that PostgreSQL could run; ``offset`` is in characters, line and column count from 1."""

    def __init__(self, message: str, sql: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.line, self.column = position(sql, offset)


class PsqlCommand(SqlSyntaxError):
    """A command for psql rather than the server; ``command`` is its name with the backslash."""

    def __init__(self, command: str, sql: str, offset: int) -> None:
        super().__init__(f"{command} is a command of psql, not SQL", sql, offset)
        self.command = command


class CopyFromStdin(SqlSyntaxError):
    """COPY … FROM STDIN, whose data cannot be part of a SQL text."""

    def __init__(self, sql: str, offset: int) -> None:
        super().__init__("COPY … FROM STDIN needs a client that sends its data, as psql does", sql, offset)


def split(sql: str, *, data_apart: bool = False) -> tuple[Statement, ...]:
    """Cut the text into its statements.

    With ``data_apart`` COPY … FROM STDIN is a statement like others: whoever calls has taken its data out.

    Raises SqlSyntaxError where PostgreSQL 18's grammar would refuse the text, and its kinds PsqlCommand and
    CopyFromStdin. Names are not looked up and expressions not typed: the server may still refuse a statement.
    """
    from postgast import PgQueryError

    raw = _utf8(sql)
    try:
        statements = tuple(_statements(sql, raw))
    except PgQueryError as error:
        raise _diagnosis(sql, error) from None
    for statement in () if data_apart else statements:
        if _is_copy_from_stdin(statement.node):
            raise CopyFromStdin(sql, statement.start)
    return statements


def _utf8(sql: str) -> bytes:
    nul = sql.find("\0")
    if nul >= 0:
        raise SqlSyntaxError("NUL character in the text", sql, nul)
    try:
        return sql.encode()
    except UnicodeEncodeError as error:
        raise SqlSyntaxError("a character that UTF-8 cannot encode", sql, error.start) from None


def _statements(sql: str, raw: bytes) -> Iterator[Statement]:
    line, previous = 1, 0
    for index, (start, text, node, origin) in enumerate(_parsed(sql, raw)):
        line += sql.count("\n", previous, start)
        previous = start
        yield Statement(text, start, line, start - sql.rfind("\n", 0, start), index, node, origin)


def _parsed(sql: str, raw: bytes) -> Iterator[tuple[int, str, Node | None, int]]:
    """Yield each statement's offset, text, node and origin, from one parse where the tree can be handed out whole."""
    tree = _tree(sql) if len(raw) <= _DEEP_BYTES else None
    if tree is None:
        yield from _one_by_one(sql)
        return
    edges = [(raw_stmt.stmt_location, raw_stmt.stmt_len) for raw_stmt in tree.stmts]
    spans = [(start, start + length if length else len(raw)) for start, length in edges]
    for (start, end), (origin, _), raw_stmt in zip(_characters(sql, raw, spans), spans, tree.stmts, strict=True):
        yield start, trimmed(sql, start, end), inner(raw_stmt.stmt), origin


def _tree(sql: str) -> Node | None:
    """Return the parse tree, or None when it is too deep for protobuf to decode."""
    from google.protobuf.message import DecodeError
    from postgast import parse

    try:
        return parse(sql)
    except DecodeError:
        return None


def _one_by_one(sql: str) -> Iterator[tuple[int, str, Node | None, int]]:
    """Let the parser cut the text, then read the statements alone, so that only deep ones go without a node."""
    from postgast import split as cut

    end = 0
    for piece in cut(sql):
        start = next(token.start for token in code(sql, end) if sql[token.start] != ";")
        leading = next(code(piece)).start
        end = start + len(piece) - leading
        text = trimmed(sql, start, end)
        tree = None if _may_overflow(text) else _tree(text)
        yield start, text, None if tree is None else inner(tree.stmts[0].stmt), 0


def _may_overflow(statement: str) -> bool:
    if len(statement.encode()) <= _DEEP_BYTES:
        return False
    from postgast import pg_query_pb2 as pb
    from postgast import scan

    flat = {pb.ASCII_40, pb.ASCII_41, pb.ASCII_44, pb.SCONST, pb.ICONST, pb.FCONST, pb.NULL_P}  # ( ) , and values
    return sum(token.token not in flat for token in scan(statement).tokens) > _DEEP_OPERATORS


def _characters(sql: str, raw: bytes, spans: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Turn ascending spans of bytes into spans of characters."""
    if sql.isascii():
        return spans
    edges = [edge for span in spans for edge in span]
    lengths = (len(raw[start:end].decode()) for start, end in pairwise([0, *edges]))
    offsets = accumulate(lengths)
    return zip(offsets, offsets, strict=True)  # one iterator twice: its items in pairs


def _diagnosis(sql: str, error: PgQueryError) -> SqlSyntaxError:
    offset = max(error.cursorpos - 1, 0)  # characters, unlike the tree's locations and in spite of postgast's docs
    copy = _copy_from_stdin_before(sql, offset)
    if copy is not None:
        return CopyFromStdin(sql, copy)
    command = _META_COMMAND.match(sql, offset)
    if command and error.message.startswith("syntax error"):  # not an escape within a literal
        return PsqlCommand(command[0], sql, offset)
    near = "" if _PASSWORD_BEFORE.search(sql, max(offset - 200, 0), offset) else _near
    return SqlSyntaxError(_NEAR.sub(near, error.message), sql, offset)


def _near(match: re.Match[str]) -> str:
    """Shorten the token in a message; a literal is left out, because it may be a password."""
    token = match[1]
    if token.startswith(("'", '"', "$", "/*")) or "'" in token:
        return ""
    return f' at or near "{token if len(token) <= _SHOWN_TOKEN else token[:_SHOWN_TOKEN] + "…"}"'


def _copy_from_stdin_before(sql: str, end: int) -> int | None:
    """Return where a complete COPY … FROM STDIN begins before ``end``: what looks like an error is its data."""
    from postgast import PgQueryError

    for start, stop in _pieces(sql, end):
        if sql[start : start + 4].lower() == "copy":
            try:
                tree = _tree(sql[start:stop])
            except PgQueryError:  # it only begins like COPY, within a BEGIN ATOMIC body
                continue
            if tree is not None and _is_copy_from_stdin(inner(tree.stmts[0].stmt)):
                return start
    return None


def _pieces(sql: str, end: int) -> Iterator[tuple[int, int]]:
    """Yield first token and semicolon of what semicolons before ``end`` close, by the lexer alone."""
    start: int | None = None
    for token in code(sql):
        if token.start >= end:
            return
        if sql[token.start] == ";":
            if start is not None:
                yield start, token.start
            start = None
        elif start is None:
            start = token.start


def _is_copy_from_stdin(node: Node | None) -> bool:
    return node is not None and kind(node) == "CopyStmt" and node.is_from and not node.is_program and not node.filename
