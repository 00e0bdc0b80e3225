"""A part of a parse tree as SQL again."""

from __future__ import annotations

from functools import cache
from typing import Any

from dbops.sql.nodes import Node

_SELECT = "SELECT "


def expression(node: Node) -> str:
    """Return the SQL of an expression, a ``Node`` wrapper; "" where libpg_query can't spell it.

    It means the same as the source text, and may differ from it in blanks, case and parentheses.
    """
    from google.protobuf.message import EncodeError
    from postgast import PgQueryError, deparse

    tree = _select_one()
    tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(node)
    try:
        text = str(deparse(tree))
    except (PgQueryError, EncodeError, UnicodeDecodeError):
        return ""
    return text.removeprefix(_SELECT) if text.startswith(_SELECT) else ""


@cache
def _template() -> Any:
    from postgast import parse

    return parse("SELECT 1")


def _select_one() -> Any:
    """Return a SELECT of one column; what can be handed out as SQL is a statement."""
    tree = type(_template())()
    tree.CopyFrom(_template())
    return tree
