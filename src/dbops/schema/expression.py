"""Expressions of defaults, checks and indexes: their SQL, and the columns they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.sql import deparse
from dbops.sql.lexer import Kind, code
from dbops.sql.nodes import Node, Relation, choice, inner, kind, named
from dbops.sql.quote import literal

_CALL = re.compile("funcname funcformat location")
_FIGURED = 2
_WEAK = 1
_BY_NODE = {
    "A_ArrayExpr": "array",
    "CoalesceExpr": "coalesce",
    "GroupingFunc": "grouping",
    "RowExpr": "row",
    "XmlSerialize": "xmlserialize",
    "MergeSupportFunc": "merge_action",
    "JsonArrayAgg": "json_arrayagg",
    "JsonArrayConstructor": "json_array",
    "JsonArrayQueryConstructor": "json_array",
    "JsonObjectAgg": "json_objectagg",
    "JsonObjectConstructor": "json_object",
    "JsonParseExpr": "json",
    "JsonScalarExpr": "json_scalar",
    "JsonSerializeExpr": "json_serialize",
}


def sql(wrapper: Node) -> str:
    """Return the SQL of an expression in its ``Node`` wrapper; "" where it can't be told."""
    node = inner(wrapper)
    return (None if node is None else _plain(node)) or deparse.expression(wrapper)


def _plain(node: Node) -> str | None:
    """Return the SQL of what most defaults are, a number, a text or ``now()``: to ask libpg_query takes long."""
    match kind(node):
        case "A_Const" if node.WhichOneof("val") == "ival":
            return str(node.ival.ival)
        case "A_Const" if node.WhichOneof("val") == "sval":
            return literal(node.sval.sval)
        case "FuncCall" if _CALL.fullmatch(" ".join(field.name for field, _ in node.ListFields())):
            return f"{named(node.funcname)}()" if len(node.funcname) == 1 else None
    return None


def columns(wrapper: Node) -> frozenset[str]:
    """Return the names of the columns that an expression reads."""
    return frozenset(_columns(wrapper))


def _columns(message: Node) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for each in [value] if hasattr(value, "DESCRIPTOR") else value:
            if each.DESCRIPTOR.name == "ColumnRef":
                last = inner(each.fields[-1])
                if kind(last) == "String":
                    yield str(last.sval)
            else:
                yield from _columns(each)


def not_null(wrapper: Node) -> str | None:
    """Return the column when all that an expression says is that it is not null."""
    test = inner(wrapper)
    if test is None or kind(test) != "NullTest" or choice(test, "nulltesttype") != "IS_NOT_NULL":
        return None
    column = inner(test.arg)
    if column is None or kind(column) != "ColumnRef" or len(column.fields) != 1:
        return None
    return getattr(inner(column.fields[0]), "sval", None)


def mentions(text: str, column: str) -> bool:
    """Whether an expression's SQL names a column; a function of that name is taken for one, too."""
    return any(_name(text[start:end], which) == column for which, start, end in code(text))


def renamed(text: str, old: str, new: str) -> str:
    """Return an expression's SQL with another name in place of a column's."""
    pieces: list[str] = []
    done = 0
    for which, start, end in code(text):
        if _name(text[start:end], which) == old:
            pieces += (text[done:start], str(Relation(None, new)))
            done = end
    return "".join(pieces) + text[done:]


def _name(token: str, which: Kind) -> str | None:
    if which is Kind.QUOTED:
        return token.strip('"').replace('""', '"')
    return token if which is Kind.WORD else None


def figured(node: Node | None) -> str | None:
    """Return the name that PostgreSQL gives a column made by an expression, or None when it would not say any.

    As FigureColname of PostgreSQL's parse_target.c does it.
    """
    return _figured(node)[0]


def _figured(node: Node | None) -> tuple[str | None, int]:
    """Return the name, and how much it is worth: 2, or 1 for a type's name or a CASE, 0 for none."""
    if node is None:
        return None, 0
    name: str | None = None
    match kind(node):
        case "ColumnRef":
            name = _last_name(node.fields)
        case "FuncCall":
            name = _last_name(node.funcname)
        case "A_Indirection":
            name = _last_name(node.indirection)
            return _worth(name) if name else _figured(inner(node.arg))
        case "CollateClause":
            return _figured(inner(node.arg))
        case "TypeCast":
            return _better(_figured(inner(node.arg)), _last_name(node.type_name.names))
        case "CaseExpr":
            return _better(_figured(inner(node.defresult)), "case")
        case "SubLink":
            name = _of_sublink(node)
        case which:
            name = _BY_NODE.get(which) or _by_field(node, which)
    return _worth(name)


def _worth(name: str | None) -> tuple[str | None, int]:
    return name, _FIGURED if name else 0


def _better(inside: tuple[str | None, int], weak: str | None) -> tuple[str | None, int]:
    """Return the name of what is inside, unless that is a weak one, too."""
    return inside if inside[1] > _WEAK else (weak, _WEAK)


def _by_field(node: Node, which: str) -> str | None:
    match which:
        case "A_Expr":
            return "nullif" if choice(node, "kind") == "AEXPR_NULLIF" else None
        case "MinMaxExpr":
            return choice(node, "op").removeprefix("IS_").lower()
        case "SQLValueFunction":
            return choice(node, "op").removeprefix("SVFOP_").removesuffix("_N").lower()
        case "XmlExpr":
            name = choice(node, "op").removeprefix("IS_").lower()
            return None if name == "document" else name
        case "JsonFuncExpr":
            return choice(node, "op").removesuffix("_OP").lower()
    return None


def _of_sublink(node: Node) -> str | None:
    match choice(node, "sub_link_type"):
        case "EXISTS_SUBLINK":
            return "exists"
        case "ARRAY_SUBLINK":
            return "array"
        case "EXPR_SUBLINK" if inner(node.subselect).target_list:
            target = inner(inner(node.subselect).target_list[0])
            return target.name or figured(inner(target.val))
    return None


def _last_name(names: Node) -> str | None:
    """Return the last of the names in a list that may hold stars and subscripts, too."""
    found = [inner(each).sval for each in names if inner(each) is not None and kind(inner(each)) == "String"]
    return str(found[-1]) if found else None
