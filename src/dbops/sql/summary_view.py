"""A query that sums up as a materialised view, and the query that asks the view instead."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from dbops.results.cache import SummaryView
from dbops.sql.column_name import column_name
from dbops.sql.deparse import expression
from dbops.sql.nodes import Node, choice, inner, kind, named, relation, walk
from dbops.sql.normalized import readable
from dbops.sql.quote import identifier
from dbops.sql.split import SqlSyntaxError, split
from dbops.sql.summary import AGGREGATES, Summary, Target, parameters, sums_up, taken_apart

_LONGEST = 63
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
_ZERO = frozenset({"count"})
"""Aggregates that are 0 of no rows, where others are NULL."""
_LARGE = ("json", "to_json", "row_to_json", "xml", "array", "string_agg")
"""What functions begin with whose results have no order, or are longer than an index's entry may be."""
_MANY_ROWS = frozenset({"unnest", "generate_series", "regexp_matches", "regexp_split_to_table", "string_to_table"})
_SYSTEM_COLUMNS = frozenset({"tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"})
_DIRECTIONS = {"SORTBY_ASC": " ASC", "SORTBY_DESC": " DESC"}
_NULLS = {"SORTBY_NULLS_FIRST": " NULLS FIRST", "SORTBY_NULLS_LAST": " NULLS LAST"}


class NotPossible(ValueError):
    """A query has no view that gives the same; the message says why, in a phrase."""


def summary(sql: str) -> Node | None:
    """Return the SELECT of a query that sums up rows, None for any other."""
    try:
        (statement,) = split(readable(sql))
    except (SqlSyntaxError, ValueError):
        return None
    node = statement.node
    return node if node is not None and kind(node) == "SelectStmt" and sums_up(node) else None


def summary_view(sql: str, taken: Collection[str] = ()) -> SummaryView:
    """Return a view of a query that sums up, named otherwise than those that are ``taken``.

    A condition ``column = $n`` becomes a column of the view, so that one view has the answers for all values; the order
    and the limit stay with the query. Raises NotPossible.
    """
    select = summary(sql)
    if select is None:
        raise NotPossible("it sums nothing up")
    apart = taken_apart(select)
    _refuse(apart)
    order = _order(apart)
    name = _view_name(apart, taken)
    columns = _columns(apart)
    unique = dict.fromkeys(columns.values()) or [_indexed(apart)]
    return SummaryView(
        name=name,
        create=f"CREATE MATERIALIZED VIEW {_id(name)} AS\n{_definition(apart, columns)}",
        unique_index=f"CREATE UNIQUE INDEX ON {_id(name)} ({', '.join(map(_id, unique))})",
        refresh=f"REFRESH MATERIALIZED VIEW CONCURRENTLY {_id(name)}",
        query=_query(apart, name, columns, order),
    )


def _refuse(apart: Summary) -> None:
    select = apart.select
    nodes = list(walk(select))
    if any(kind(each) == "GroupingSet" for each in nodes):
        raise NotPossible("GROUPING SETS give rows that no column tells apart")
    if any(
        kind(inner(inner(each).val)) == "ColumnRef" and _is_star(inner(inner(each).val)) for each in select.target_list
    ):
        raise NotPossible("it returns *, whose names are not known")
    for target in map(inner, select.target_list):
        _refuse_column(inner(target.val), target.name)
    if select.distinct_clause:
        raise NotPossible("DISTINCT on top of groups gives rows that no column tells apart")
    rest = [*select.target_list, *select.from_clause, *select.group_clause, *apart.rest]
    rest += [select.with_clause] if select.HasField("with_clause") else []
    rest += [select.having_clause] if select.HasField("having_clause") else []
    for part in rest:
        if found := parameters(part):
            raise NotPossible(f"{found[0]} can't become a column of a view: it stands in {_where(part)}")
    if not apart.asked:
        return
    if any(kind(each) == "FuncCall" and each.HasField("over") for each in nodes):
        raise NotPossible("window functions look at the rows of one value of its parameter alone")
    if not apart.groups and (select.HasField("having_clause") or not all(map(_is_aggregate, apart.targets))):
        raise NotPossible("it returns something else than plain aggregates for a value that no row has")


def _refuse_column(value: Node, name: str) -> None:
    if kind(value) == "RowExpr":
        raise NotPossible("it returns a row as a value, which no view can have")
    if (name or column_name(value)) in _SYSTEM_COLUMNS:
        raise NotPossible(
            f"it returns {name or column_name(value)}, which is a name of PostgreSQL's own in every table"
        )
    if any(kind(each) == "FuncCall" and named(each.funcname).name in _MANY_ROWS for each in walk(value)):
        raise NotPossible("it returns several rows for each group, which no column tells apart")


def _indexed(apart: Summary) -> str:
    """Return a column for the index of a view of one row: of one that has an order, and is not too long for it."""
    for target in apart.targets:
        calls = [named(each.funcname).name for each in walk(target.node) if kind(each) == "FuncCall"]
        if not any(name.startswith(_LARGE) for name in calls):
            return target.name
    raise NotPossible("it returns nothing that a unique index can be on")


def _is_star(reference: Node) -> bool:
    return kind(inner(reference.fields[-1])) == "A_Star"


def _where(part: Node) -> str:
    node = inner(part) if kind(part) == "Node" else part
    text = expression(node.val) if kind(node) == "ResTarget" else expression(part) if kind(part) == "Node" else ""
    return text or "its FROM or WITH"


def _is_aggregate(target: Target) -> bool:
    node = inner(target.node)
    return kind(node) == "FuncCall" and not node.HasField("over") and named(node.funcname).name in AGGREGATES


def _columns(apart: Summary) -> dict[str, str]:
    """Return the view's columns that tell its rows apart, by their SQL: what is asked for by value, and the groups."""
    wanted = {each.text: each.name for each in apart.asked}
    if len(wanted) < len(apart.asked):
        raise NotPossible("a column is compared with two values")
    wanted |= {text: f"group_{number}" for number, text in enumerate(apart.groups, 1) if text not in wanted}
    names = {each.name for each in apart.targets}
    found: dict[str, str] = {}
    for text, name in wanted.items():
        target = apart.target(text)
        found[text] = (
            target.name
            if target
            else next(each for each in (name, *(f"{name}_{number}" for number in range(2, 1000))) if each not in names)
        )
        names.add(found[text])
    return found


def _definition(apart: Summary, columns: Mapping[str, str]) -> str:
    """Return the view's query."""
    from google.protobuf.message import EncodeError
    from postgast import PgQueryError, deparse, parse

    tree = parse("SELECT 1")
    view = tree.stmts[0].stmt.select_stmt
    view.CopyFrom(apart.select)
    for wrapped, target in zip(view.target_list, apart.targets, strict=True):
        inner(wrapped).name = target.name
    for name in ("where_clause", "sort_clause", "limit_count", "limit_offset", "limit_option"):
        view.ClearField(name)
    if apart.rest:
        view.where_clause.CopyFrom(_both(apart.rest))
    asked = {each.text: each.node for each in apart.asked}
    nodes = dict(zip(apart.groups, apart.select.group_clause, strict=True)) | asked
    for text, name in columns.items():
        if apart.target(text) is None:
            added = view.target_list.add().res_target
            added.name = name
            added.val.CopyFrom(nodes[text])
    for text, node in asked.items():
        if text not in apart.groups:
            view.group_clause.add().CopyFrom(node)
    try:
        return str(deparse(tree))
    except (PgQueryError, EncodeError, UnicodeDecodeError):
        raise NotPossible("it can't be written anew") from None


def _both(conditions: list[Node]) -> Node:
    """Return one condition that holds where all do."""
    if len(conditions) == 1:
        return conditions[0]
    both = type(conditions[0])()
    values = type(both.bool_expr).DESCRIPTOR.fields_by_name["boolop"].enum_type.values_by_name
    both.bool_expr.boolop = values["AND_EXPR"].number
    for each in conditions:
        both.bool_expr.args.add().CopyFrom(each)
    return both


def _query(apart: Summary, name: str, columns: Mapping[str, str], order: str) -> str:
    """Return the query that asks the view for what the first one gave."""
    compared = [f"{_id(columns[each.text])} = {each.value}" for each in apart.asked]
    ends = order + _limit(apart.select)
    if not compared or apart.groups:
        answer = ", ".join(_shown(_id(each.name), each) for each in apart.targets)
        where = f" WHERE {' AND '.join(compared)}" if compared else ""
        return " ".join(("SELECT", answer, "FROM", _id(name))) + where + ends
    answer = ", ".join(map(_of_none, apart.targets))
    on = " AND ".join(f"v.{each}" for each in compared)
    view = ("FROM (VALUES (1)) AS one LEFT JOIN", _id(name), "AS v ON", on)
    return " ".join(("SELECT", answer, *view)) + ends


def _of_none(target: Target) -> str:
    """Return an aggregate's column, with what it is of no rows: an answer without groups has a row always."""
    column = f"v.{_id(target.name)}"
    zero = named(inner(target.node).funcname).name in _ZERO
    return f"COALESCE({column}, 0) AS {_id(target.shown)}" if zero else _shown(column, target)


def _shown(column: str, target: Target) -> str:
    return column if target.name == target.shown else f"{column} AS {_id(target.shown)}"


def _order(apart: Summary) -> str:
    """Return ORDER BY by the answer's columns. Raises NotPossible for an order by what is not in the answer."""
    return f" ORDER BY {', '.join(_sorts(apart))}" if apart.select.sort_clause else ""


def _sorts(apart: Summary) -> Iterator[str]:
    for wrapped in apart.select.sort_clause:
        sort = inner(wrapped)
        node, text = inner(sort.node), expression(sort.node)
        if kind(node) == "A_Const" and node.HasField("ival") and 0 < node.ival.ival <= len(apart.targets):
            target: Target | None = apart.targets[node.ival.ival - 1]
        else:
            shown = next((each for each in apart.targets if text in {each.shown, _id(each.shown)}), None)
            target = shown or apart.target(text)
        if target is None or choice(sort, "sortby_dir") == "SORTBY_USING":
            raise NotPossible(f"it is sorted by {text}, which it does not return")
        how = _DIRECTIONS.get(choice(sort, "sortby_dir"), "") + _NULLS.get(choice(sort, "sortby_nulls"), "")
        yield f"{apart.targets.index(target) + 1}{how}"


def _limit(select: Node) -> str:
    parts = ((" LIMIT ", "limit_count"), (" OFFSET ", "limit_offset"))
    if choice(select, "limit_option") == "LIMIT_OPTION_WITH_TIES":
        raise NotPossible("FETCH … WITH TIES can't be written anew")
    return "".join(word + expression(getattr(select, part)) for word, part in parts if select.HasField(part))


def _view_name(apart: Summary, taken: Collection[str]) -> str:
    tables = [node for node in walk(apart.select) if kind(node) == "RangeVar"]
    table = relation(tables[0]).name if tables else "rows"
    by = [each.name for each in apart.asked] + [
        target.name for text in apart.groups if (target := apart.target(text)) and _PLAIN.match(target.name)
    ]
    wanted = f"{table}_by_{'_'.join(dict.fromkeys(by))}" if by else f"{table}_summary"
    name, number = wanted[:_LONGEST], 2
    while name in taken:
        ending = f"_{number}"
        name, number = wanted[: _LONGEST - len(ending)] + ending, number + 1
    return name


@cache
def _id(name: str) -> str:
    """Return a name, in quotes where it would be read as something else without them."""
    from postgast import PgQueryError, parse

    try:
        tree = parse(" ".join(("SELECT", name, "FROM", name))) if _PLAIN.match(name) else None
    except PgQueryError:
        tree = None
    plain = tree is not None and kind(inner(inner(tree.stmts[0].stmt.select_stmt.target_list[0]).val)) == "ColumnRef"
    return name if plain else identifier(name)
