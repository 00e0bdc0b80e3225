"""Whether two texts are the same SQL, printed by two versions of PostgreSQL or made when another version ran."""

from __future__ import annotations

from dbops.sql.nodes import Node, choice, inner, kind, walk
from dbops.sql.split import SqlSyntaxError, split

_BUILT_IN = "pg_catalog"
_PARTS = frozenset({"extract", "date_part"})
_NUMBERS = frozenset({"numeric", "float8"})
_TEXT = frozenset({"text"})


def alike(one: str, other: str, *, extract_is_date_part: bool = False) -> bool:
    """Say whether two statements are the same but for blanks, parentheses, and how functions are called.

    Since 14 ``now() AT TIME ZONE 'utc'`` is kept as it was written; what was made before, in a database that was
    upgraded since, too, is ``timezone('utc', now())``, a call of the same function. So it is with TRIM, SUBSTRING,
    POSITION and OVERLAY. EXTRACT was date_part until 13 and is a function of its own since, which gives numeric rather
    than double precision: with ``extract_is_date_part`` those are alike, too. What can't be parsed is alike only to
    the same text.
    """
    if one == other:
        return True
    found = [_plain(text, extract_is_date_part) for text in (one, other)]
    return found[0] is not None and found[0] == found[1]


def has_extract(text: str) -> bool:
    """Say whether a statement calls EXTRACT or date_part; False for what can't be parsed."""
    return any(_is_part(each) for node in _nodes(text) for each in walk(node))


def _nodes(text: str) -> list[Node]:
    try:
        return [each.node for each in split(text) if each.node is not None]
    except SqlSyntaxError:
        return []


def _plain(text: str, extract_is_date_part: bool) -> list[bytes] | None:
    """Return the parse trees without what only tells how it was written; None where there are none."""
    trees = []
    for node in _nodes(text):
        tree = type(node)()
        tree.CopyFrom(node)
        numbers = extract_is_date_part and any(map(_is_part, walk(tree)))
        for each in walk(tree):
            _strip(each)
            if numbers:
                _without_type_of_numbers(each)
        trees.append(tree.SerializeToString(deterministic=True))
    return trees or None


def _strip(node: Node) -> None:
    for place in ("location", "stmt_location", "stmt_len"):
        if place in node.DESCRIPTOR.fields_by_name:
            node.ClearField(place)
    match kind(node):
        case "FuncCall":
            node.ClearField("funcformat")
            if len(node.funcname) > 1 and inner(node.funcname[0]).sval == _BUILT_IN:
                del node.funcname[0]  # the same without: texts are printed with nothing else in the search_path
        case "FunctionParameter" if choice(node, "mode") == "FUNC_PARAM_IN":
            node.mode = node.DESCRIPTOR.fields_by_name["mode"].enum_type.values_by_name["FUNC_PARAM_DEFAULT"].number


def _without_type_of_numbers(node: Node) -> None:
    """Make EXTRACT of date_part, and double precision of numeric, which are compared with it."""
    if kind(node) == "Node" and _is_cast_constant(node):
        constant = type(node)()
        constant.CopyFrom(node.type_cast.arg)
        node.CopyFrom(constant)
        _strip(inner(node))
    elif kind(node) == "TypeName" and inner(node.names[-1]).sval in _NUMBERS:
        inner(node.names[-1]).sval = min(_NUMBERS)
    elif _is_part(node):
        inner(node.funcname[-1]).sval = min(_PARTS)


def _is_part(node: Node) -> bool:
    return kind(node) == "FuncCall" and inner(node.funcname[-1]).sval in _PARTS


def _is_cast_constant(node: Node) -> bool:
    cast = inner(node)
    return (
        cast is not None
        and kind(cast) == "TypeCast"
        and kind(inner(cast.arg)) == "A_Const"
        and inner(cast.type_name.names[-1]).sval in _NUMBERS | _TEXT
    )
