"""Which rows a statement names by their keys: where in its text the values stand that columns are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dbops.sql.nodes import Node, choice, conjuncts, inner, kind, named, relation, walk
from dbops.sql.shape import offsets
from dbops.sql.split import SqlSyntaxError, split

UNTOLD = -1
"""In place of a value's number: the column has a value, but which can't be told from the text."""
_KINDS = {"SelectStmt": "select", "UpdateStmt": "update", "DeleteStmt": "delete", "InsertStmt": "insert"}


class Keyed(NamedTuple):
    """A statement about one table and the columns whose values it names.

    ``kind`` is select, update, delete, insert or upsert. ``rows`` has for each row that an INSERT brings, otherwise
    once, the number of each column's value among those of the text's shape (see :mod:`dbops.sql.shape`). ``changed``
    are the columns that an UPDATE sets, ``target`` those that an upsert finds its row by.
    """

    kind: str
    table: str
    rows: tuple[Mapping[str, int], ...]
    changed: frozenset[str] = frozenset()
    target: frozenset[str] = frozenset()


def keyed(sql: str) -> Keyed | None:
    """Return what a statement names by its keys; None for what is about several tables, or none."""
    try:
        (statement,) = split(sql)
    except (SqlSyntaxError, ValueError):
        return None
    node = statement.node
    if node is None or kind(node) not in _KINDS:
        return None
    places = offsets(sql)
    if kind(node) == "InsertStmt":
        return _insert(node, places)
    table = _table(node)
    if table is None:
        return None
    return Keyed(_KINDS[kind(node)], table, (dict(_equalities(node, places)),), _changed(node))


def _table(node: Node) -> str | None:
    """Return the only table that a SELECT, UPDATE or DELETE names."""
    if node.HasField("with_clause"):
        return None
    if kind(node) == "SelectStmt":
        tables = [inner(each) for each in node.from_clause if kind(inner(each)) == "RangeVar"]
        alone = [each for each in walk(node) if kind(each) == "RangeVar"]  # also among those that subqueries read
        return str(relation(tables[0])) if len(tables) == len(alone) == 1 and tables[0] is not None else None
    joined = node.from_clause if kind(node) == "UpdateStmt" else node.using_clause
    return None if joined else str(relation(node.relation))


def _changed(node: Node) -> frozenset[str]:
    return frozenset(inner(each).name for each in node.target_list) if kind(node) == "UpdateStmt" else frozenset()


def _equalities(node: Node, places: Mapping[int, int]) -> Iterator[tuple[str, int]]:
    if not node.HasField("where_clause"):
        return
    for condition in map(inner, conjuncts(node.where_clause)):
        if kind(condition) != "A_Expr" or choice(condition, "kind") != "AEXPR_OP" or _operator(condition) != "=":
            continue
        sides = inner(condition.lexpr), inner(condition.rexpr)
        column, value = sides if kind(sides[0]) == "ColumnRef" else sides[::-1]
        number = _number(value, places)
        if kind(column) == "ColumnRef" and number is not None and kind(inner(column.fields[-1])) == "String":
            yield inner(column.fields[-1]).sval, number


def _operator(expression: Node) -> str:
    return named(expression.name).name


def _number(value: Node, places: Mapping[int, int]) -> int | None:
    """Return which of the shape's values a constant or a parameter is, casts aside."""
    while kind(value) == "TypeCast":
        value = inner(value.arg)
    return places.get(value.location) if kind(value) in {"A_Const", "ParamRef"} else None


def _insert(node: Node, places: Mapping[int, int]) -> Keyed | None:
    """Read INSERT … (columns) VALUES …; on a conflict it may update a row that has that key, and other values."""
    query = inner(node.select_stmt) if node.HasField("select_stmt") else None
    if node.HasField("with_clause") or query is None or not node.cols or not query.values_lists:
        return None
    columns = [inner(each).name for each in node.cols]
    rows = tuple(_row(columns, inner(each).items, places) for each in query.values_lists)
    table, conflict = str(relation(node.relation)), node.on_conflict_clause
    if not node.HasField("on_conflict_clause") or choice(conflict, "action") == "ONCONFLICT_NOTHING":
        return Keyed("insert", table, rows)
    target = [inner(each).name for each in conflict.infer.index_elems]
    changed = frozenset(inner(each).name for each in conflict.target_list)
    return Keyed("upsert", table, rows, changed, frozenset(target)) if all(target) and target else None


def _row(columns: list[str], values: list[Node], places: Mapping[int, int]) -> dict[str, int]:
    """Return the numbers of a row's values; a column with its default has a value that no row had before."""
    found: dict[str, int] = {}
    for column, value in zip(columns, values, strict=False):
        node = inner(value)
        if kind(node) != "SetToDefault":
            number = _number(node, places)
            found[column] = UNTOLD if number is None else number
    return found


def key_of(statement: Keyed, columns: tuple[str, ...], row: Mapping[str, int]) -> tuple[int, ...] | None:
    """Return the numbers of the values of these columns; None where one is not named, or is changed.

    An upsert may change a row that it found by other columns.
    """
    numbers = tuple(row.get(column, UNTOLD) for column in columns)
    another = statement.kind == "upsert" and statement.target != frozenset(columns)
    return None if UNTOLD in numbers or another or not statement.changed.isdisjoint(columns) else numbers
