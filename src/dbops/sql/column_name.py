"""The name that PostgreSQL gives a column of an answer which has none, as its FigureColname does. Pure."""

from __future__ import annotations

from dbops.sql.nodes import Node, choice, inner, kind, named

UNNAMED = "?column?"
_FIXED = {
    "A_ArrayExpr": "array",
    "CoalesceExpr": "coalesce",
    "GroupingFunc": "grouping",
    "RowExpr": "row",
}
_SUBLINKS = {"EXISTS_SUBLINK": "exists", "ARRAY_SUBLINK": "array"}


def column_name(value: Node) -> str:
    """Return the name of what an expression gives."""
    return _strong(value) or _weak(value) or UNNAMED


def _strong(value: Node) -> str | None:
    """Return a name that also a cast around it has, or a CASE with it as its ELSE."""
    match kind(value):
        case "ColumnRef":
            return _last(value.fields)
        case "FuncCall":
            return named(value.funcname).name
        case "A_Indirection":
            return _last(value.indirection) or _strong(inner(value.arg))
        case "TypeCast" | "CollateClause":
            return _strong(inner(value.arg))
        case "CaseExpr" if value.HasField("defresult"):
            return _strong(inner(value.defresult))
    return _of_kind(value)


def _of_kind(value: Node) -> str | None:
    match kind(value):
        case "A_Expr" if choice(value, "kind") == "AEXPR_NULLIF":
            return "nullif"
        case "MinMaxExpr":
            return choice(value, "op").removeprefix("IS_").lower()
        case "SQLValueFunction":
            return choice(value, "op").removeprefix("SVFOP_").removesuffix("_N").lower()
        case "SubLink":
            return _SUBLINKS.get(choice(value, "sub_link_type")) or _of_subquery(value)
        case other:
            return _FIXED.get(other)


def _weak(value: Node) -> str | None:
    match kind(value):
        case "TypeCast":
            return named(value.type_name.names).name
        case "CaseExpr":
            return "case"
        case "A_Indirection" | "CollateClause":
            return _weak(inner(value.arg))
    return None


def _of_subquery(link: Node) -> str | None:
    """Return the name of the only column of a subquery that stands for a value."""
    query = inner(link.subselect)
    if choice(link, "sub_link_type") != "EXPR_SUBLINK" or not query.target_list:
        return None
    target = inner(query.target_list[0])
    return target.name or column_name(inner(target.val))


def _last(fields: list[Node]) -> str | None:
    """Return the last name among fields; behind it there may be subscripts."""
    names = [inner(each).sval for each in fields if kind(inner(each)) == "String"]
    return names[-1] if names else None
