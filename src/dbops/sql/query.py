"""Queries as sqlglot's trees, with the place of each node in the text.

The node types that rules walk are those of ``exp``, which is sqlglot's. Its import takes a tenth of a second: import
this module where a query is at hand.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.parser import logger

from dbops.sql.lexer import Kind, code, tokens
from dbops.sql.nodes import Node, kind

__all__ = ["QueryUnreadable", "Span", "body", "exp", "parse", "span"]

logger.disabled = True  # it warns on stderr of what becomes a Command, which is refused here
_POSTGRES = Postgres()
_PARAMETER = re.compile(r"\$[0-9]")

_QUERIES = frozenset(
    {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "ViewStmt", "CreateTableAsStmt"}
)
_AROUND_QUERY = frozenset({"DeclareCursorStmt", "ExplainStmt", "PrepareStmt", "CopyStmt"})
_BEGINS_QUERY = frozenset({"select", "with", "insert", "update", "delete", "merge", "values", "table"})


class Span(NamedTuple):
    """``text[start:end]``, in characters."""

    start: int
    end: int


class QueryUnreadable(ValueError):
    """Sqlglot can't read this query, which PostgreSQL may well run; the message says why, without its text."""


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


def _closing(text: str, start: int) -> int:
    """Return the offset of the parenthesis that closes the one ``start`` stands in."""
    depth = 0
    for token in code(text, start):
        depth += {"(": 1, ")": -1}.get(text[token.start : token.end], 0)
        if depth < 0:
            return token.start
    return len(text)


def parse(text: str) -> exp.Expr:
    """Return the tree of one query. Raises QueryUnreadable."""
    try:
        trees = _POSTGRES.parse(_with_readable_parameters(text))
    except SqlglotError as error:
        raise QueryUnreadable(_reason(error)) from None
    except RecursionError:
        raise QueryUnreadable("it is nested too deeply") from None
    except Exception as error:  # a defect of the parser is not one of the query
        raise QueryUnreadable(f"the query parser failed with {type(error).__name__}") from None
    tree = trees[0] if len(trees) == 1 else None
    if tree is None or isinstance(tree, exp.Command):
        raise QueryUnreadable("the query parser does not know this form")
    return tree


def _with_readable_parameters(text: str) -> str:
    """Return the text with each ``$1`` as ``@1``, which is as long and is the same node.

    Sqlglot takes the ``$1,$`` of ``($1,$2)`` for the beginning of a dollar-quoted string.
    """
    if _PARAMETER.search(text) is None:
        return text
    pieces = [text[token.start : token.end] for token in tokens(text)]
    following = [*pieces[1:], ""]
    return "".join(
        "@" if one == "$" and next_one[:1].isdecimal() else one for one, next_one in zip(pieces, following, strict=True)
    )


def _reason(error: SqlglotError) -> str:
    """Return what sqlglot says, without the excerpt and position that follow."""
    errors = getattr(error, "errors", None)
    said = str(errors[0].get("description") if errors else error).split("\n", maxsplit=1)[0]
    return said.strip().rstrip(".") or type(error).__name__


def span(node: exp.Expr) -> Span | None:
    """Return the text from the first to the last token of a node whose place is known, or None.

    Names, literals, stars and function names have a place; keywords, operators and parentheses have none.
    """
    starts = [each.meta["start"] for each in node.walk() if each.meta_get("start") is not None]
    ends = [each.meta["end"] + 1 for each in node.walk() if each.meta_get("end") is not None]
    return Span(min(starts), max(ends)) if starts else None
