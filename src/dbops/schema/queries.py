"""CREATE VIEW, MATERIALIZED VIEW, TABLE AS and SELECT INTO: relations whose columns a query makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dbops.schema.create import made_name
from dbops.schema.expression import figured
from dbops.schema.model import Column, Schema, Table
from dbops.schema.typename import spelled
from dbops.sql.nodes import Node, choice, inner, kind, relation

_NAMELESS = "?column?"


@dataclass(frozen=True, slots=True)
class _Shape:
    """The columns of a query's result that can be told; ``complete`` when those are all."""

    columns: tuple[Column, ...] = ()
    complete: bool = False


def create_view(schema: Schema, node: Node) -> Schema:
    """CREATE VIEW."""
    names = [inner(each).sval for each in node.aliases]
    return _made(schema, node.view, "view", inner(node.query), names)


def create_table_as(schema: Schema, node: Node) -> Schema:
    """CREATE TABLE AS and CREATE MATERIALIZED VIEW."""
    if node.if_not_exists and made_name(schema, node.into.rel) in schema.tables:
        return schema
    which = "matview" if choice(node, "objtype") == "OBJECT_MATVIEW" else "table"
    names = [inner(each).sval for each in node.into.col_names]
    return _made(schema, node.into.rel, which, inner(node.query), names)


def select_into(schema: Schema, node: Node) -> Schema:
    """SELECT INTO."""
    first = node
    while first.HasField("larg"):
        first = first.larg
    if not first.HasField("into_clause"):
        return schema
    return _made(schema, first.into_clause.rel, "table", node, [])


def _made(schema: Schema, target: Node, which: str, query: Node | None, names: list[str]) -> Schema:
    shape = _shape(schema, query)
    if names:
        shape = _named(shape, names)
    nullable = True if which == "table" else None
    columns = tuple(replace(column, nullable=nullable) for column in shape.columns)
    return schema.with_table(Table(made_name(schema, target), which, columns, complete=shape.complete))


def _named(shape: _Shape, names: list[str]) -> _Shape:
    """Give the first columns the names that stand in parentheses after the relation's."""
    if not shape.complete or len(names) > len(shape.columns):
        return _Shape()
    given = [*names, *(column.name for column in shape.columns[len(names) :])]
    return _Shape(tuple(replace(column, name=name) for column, name in zip(shape.columns, given, strict=True)), True)


def _shape(schema: Schema, query: Node | None) -> _Shape:
    """Tell the result of a plain SELECT; anything with a set operation, VALUES or WITH is left untold."""
    if query is None or kind(query) != "SelectStmt" or not query.target_list or query.HasField("with_clause"):
        return _Shape()
    sources = _sources(schema, query.from_clause)
    columns: list[Column] = []
    complete = True
    for target in (inner(each) for each in query.target_list):
        found = _target(schema, target, sources)
        complete = complete and found is not None
        columns += found or ()
    unique = len({column.name for column in columns}) == len(columns)
    return _Shape(tuple(columns), complete) if unique else _Shape()


def _sources(schema: Schema, items: Node) -> Mapping[str, Table | None] | None:
    """Return the FROM's tables by alias, None for an unknown one; None when there is more than tables and joins."""
    found: dict[str, Table | None] = {}
    for item in _flat(items):
        if kind(item) != "RangeVar" or (item.HasField("alias") and item.alias.colnames):
            return None
        found[item.alias.aliasname if item.HasField("alias") else item.relname] = schema.table(relation(item))
    return found


def _flat(items: Node) -> Iterator[Node]:
    for item in (inner(each) for each in items):
        if kind(item) == "JoinExpr" and not (item.is_natural or item.using_clause or item.HasField("alias")):
            yield from _flat((item.larg, item.rarg))
        else:
            yield item


def _target(schema: Schema, target: Node, sources: Mapping[str, Table | None] | None) -> tuple[Column, ...] | None:
    """Return the columns that an item of the SELECT list makes, None when their types can't be told."""
    value = inner(target.val)
    if value is None:
        return None
    name = target.name or figured(value) or _NAMELESS
    match kind(value):
        case "ColumnRef" if sources is not None:
            fields = [getattr(inner(field), "sval", None) for field in value.fields]
            if fields[-1] is None:
                return _star(fields[:-1], sources)
            column = _column(fields, sources)
            return None if column is None else (Column(name, column.type),)
        case "TypeCast":
            return (Column(name, spelled(value.type_name, schema)),)
        case "FuncCall" if [inner(each).sval for each in value.funcname] == ["count"]:
            return (Column(name, "bigint"),)
    return None


def _star(qualifier: list[str | None], sources: Mapping[str, Table | None]) -> tuple[Column, ...] | None:
    meant = list(sources.values()) if not qualifier else [sources.get(qualifier[-1] or "")]
    if not all(table is not None and table.complete for table in meant):
        return None
    return tuple(Column(column.name, column.type) for table in meant if table is not None for column in table.columns)


def _column(fields: list[str | None], sources: Mapping[str, Table | None]) -> Column | None:
    """Return the one column that a reference can mean."""
    name = fields[-1] or ""
    if len(fields) > 1:
        table = sources.get(fields[-2] or "")
        return None if table is None else table.column(name)
    if not all(table is not None and table.complete for table in sources.values()):
        return None
    found = [column for table in sources.values() if table is not None and (column := table.column(name)) is not None]
    return found[0] if len(found) == 1 else None
