"""Where a statement holds a query. Nothing here imports the query parser."""

from __future__ import annotations

from typing import NamedTuple

from dbops.sql.lexer import Kind, code
from dbops.sql.nodes import Node, kind

_QUERIES = frozenset(
    {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "ViewStmt", "CreateTableAsStmt"}
)
_AROUND_QUERY = frozenset({"DeclareCursorStmt", "ExplainStmt", "PrepareStmt", "CopyStmt"})
_BEGINS_QUERY = frozenset({"select", "with", "insert", "update", "delete", "merge", "values", "table"})


class Span(NamedTuple):
    """``text[start:end]``, in characters."""

    start: int
    end: int


def body(text: str, node: Node) -> Span | None:
    """Return where the query stands in a statement's text, or None when the statement holds none.

    That is the whole text for a query, a view and CREATE TABLE AS, and what EXPLAIN, DECLARE, PREPARE and COPY
    are about.
    """
    name = kind(node)
    if name in _QUERIES:
        return Span(0, len(text))
    if name not in _AROUND_QUERY or (name == "CopyStmt" and not node.HasField("query")):
        return None
    words = [token for token in code(text) if token.kind is Kind.WORD or text[token.start] in "()"]
    for token in words[1:]:
        if text[token.start : token.end].lower() in _BEGINS_QUERY:
            return Span(token.start, _closing(text, token.start) if name == "CopyStmt" else len(text))
    return None


def begins_query(text: str) -> bool:
    """Whether a statement is a query, or one that writes, by its first word."""
    first = next((token for token in code(text) if text[token.start] != "("), None)
    return first is not None and text[first.start : first.end].lower() in _BEGINS_QUERY


def _closing(text: str, start: int) -> int:
    """Return the offset of the parenthesis that closes the one ``start`` stands in."""
    depth = 0
    for token in code(text, start):
        depth += {"(": 1, ")": -1}.get(text[token.start : token.end], 0)
        if depth < 0:
            return token.start
    return len(text)
