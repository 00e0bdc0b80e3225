"""Queries as sqlglot's trees, with the place of each node in the text.

The node types that rules walk are those of ``exp``, which is sqlglot's. Its import takes a tenth of a second: import
this module where a query is at hand.
"""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.parser import logger

from dbops.sql.lexer import tokens
from dbops.sql.query_place import Span

__all__ = ["QueryUnreadable", "Span", "exp", "parse", "span"]

logger.disabled = True  # it warns on stderr of what becomes a Command, which is refused here
_POSTGRES = Postgres()
_PARAMETER = re.compile(r"\$[0-9]")


class QueryUnreadable(ValueError):
    """Sqlglot can't read this query, which PostgreSQL may well run; the message says why, without its text."""


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
    """Return what sqlglot says, without the token it met, and the excerpt and position that follow."""
    errors = getattr(error, "errors", None)
    said = (
        str(errors[0].get("description") if errors else error)
        .split("\n", maxsplit=1)[0]
        .split(" but got ", maxsplit=1)[0]
    )
    return said.strip().rstrip(".") or type(error).__name__


def span(node: exp.Expr) -> Span | None:
    """Return the text from the first to the last token of a node whose place is known, or None.

    Names, literals, stars and function names have a place; keywords, operators and parentheses have none.
    """
    starts = [each.meta["start"] for each in node.walk() if each.meta_get("start") is not None]
    ends = [each.meta["end"] + 1 for each in node.walk() if each.meta_get("end") is not None]
    return Span(min(starts), max(ends)) if starts else None
