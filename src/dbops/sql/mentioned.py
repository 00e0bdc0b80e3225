"""Which columns a query mentions: a write that changes none of them changes no answer of it. Pure."""

from __future__ import annotations

from dbops.sql.nodes import Node, inner, kind, walk
from dbops.sql.normalized import readable
from dbops.sql.split import SqlSyntaxError, split

_OF_ROWS = frozenset({"xmin", "xmax", "cmin", "cmax", "ctid"})


def mentioned(sql: str) -> frozenset[str] | None:
    """Return the names of all columns in a query's text, whichever tables' they are; None where it may be any.

    That is so with ``*``, with a table's name for its whole row, with NATURAL JOIN, where a table's columns have other
    names, and with PostgreSQL's own columns: each write of a row changes its ``xmin``.
    """
    try:
        (statement,) = split(readable(sql))
    except (SqlSyntaxError, ValueError):
        return None
    return None if statement.node is None else _names(statement.node)


def _names(node: Node) -> frozenset[str] | None:
    names: set[str] = set()
    tables: set[str] = set()
    for each in walk(node):
        match kind(each):
            case "ColumnRef":
                last = inner(each.fields[-1])
                if kind(last) != "String":
                    return None
                names.add(last.sval)
            case "RangeVar" if each.alias.colnames:
                return None
            case "RangeVar":
                tables.add(each.relname)
            case "Alias":
                tables.add(each.aliasname)
            case "JoinExpr" if each.is_natural:
                return None
            case "JoinExpr":
                names.update(inner(column).sval for column in each.using_clause)
    return frozenset(names) if names.isdisjoint(tables | _OF_ROWS) else None
