"""CREATE INDEX, and the indexes that a table gets from another one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dbops.schema import children, expression
from dbops.schema.constraints import element_name, with_index
from dbops.schema.model import Index, Schema, Table
from dbops.schema.naming import chosen, distinct, joined, of_expression
from dbops.sql.nodes import Node, Relation, inner, relation


def create(schema: Schema, node: Node) -> Schema:
    """CREATE INDEX; on a partitioned table also on its partitions, unless it says ONLY."""
    table = schema.table(relation(node.relation))
    if table is None or (node.if_not_exists and schema.owner(Relation(table.name.schema, node.idxname)) is not None):
        return schema
    index = _defined(schema, table, node)
    partitions = tuple(children.below(schema, table)) if table.kind == "partitioned" else ()
    if partitions and not node.relation.inh:
        index = replace(index, valid=False)
        partitions = ()
    schema = schema.with_table(with_index(table, index))
    for partition in partitions:
        schema = children.changed(schema, partition, with_cloned(schema, partition, (index,)))
    return schema


def _defined(schema: Schema, table: Table, node: Node) -> Index:
    elements = [inner(each) for each in node.index_params]
    included = [inner(each) for each in node.index_including_params]
    names = joined(distinct(map(element_name, (*elements, *included))))
    partial = node.HasField("where_clause")
    return Index(
        node.idxname or chosen(schema, table, names, "idx"),
        tuple(each.name or None for each in elements),
        unique=node.unique,
        partial=partial,
        method=node.access_method or "btree",
        nulls_not_distinct=node.nulls_not_distinct,
        expressions=tuple(expression.sql(each.expr) for each in elements if not each.name),
        included=tuple(each.name for each in included if each.name),
        predicate=expression.sql(node.where_clause) if partial else None,
    )


def with_cloned(schema: Schema, table: Table, indexes: Iterable[Index], *, reuse: bool = True) -> Table:
    """Return the table with indexes like those of another one, by names of its own.

    With ``reuse`` one that it has already serves, as it does for a partition.
    """
    for index in indexes:
        if not (reuse and like(table, index) is not None):
            name = _clone_name(schema, table, index)
            table = with_index(table, replace(index, name=name, valid=True))
    return table


def like(table: Table, index: Index) -> Index | None:
    """Return the table's index that does the same as another table's."""
    return next((each for each in table.indexes if _same(each, index)), None)


def _same(one: Index, other: Index) -> bool:
    if other.constraint and (one.constraint, one.primary) != (True, other.primary):
        return False
    return replace(one, name="", valid=True, constraint=False, primary=False) == replace(
        other, name="", valid=True, constraint=False, primary=False
    )


def _clone_name(schema: Schema, table: Table, index: Index) -> str:
    if index.primary:
        return chosen(schema, table, None, "pkey")
    expressions = iter(index.expressions)
    key = (of_expression(next(expressions, "")) if column is None else column for column in index.columns)
    constraint = "key" if index.unique else "excl"
    return chosen(schema, table, joined(distinct((*key, *index.included))), constraint if index.constraint else "idx")


def attach(schema: Schema, table: Table, parent: Index) -> Schema:
    """ALTER INDEX … ATTACH PARTITION: one made ON ONLY its table is valid once each partition has its like."""
    if all(like(child, parent) is not None for child in children.of(schema, table)):
        indexes = tuple(replace(each, valid=True) if each.name == parent.name else each for each in table.indexes)
        return children.changed(schema, table, replace(table, indexes=indexes))
    return schema


def drop(schema: Schema, table: Table, index: Index) -> Schema:
    """DROP INDEX; that of a partitioned table takes those of its partitions along."""
    schema = schema.with_table(without(table, index))
    for child in children.of(schema, table) if table.kind == "partitioned" else ():
        below = like(child, index)
        if below is not None:
            schema = drop(schema, child, below)
    return schema


def without(table: Table, index: Index) -> Table:
    """Return the table without the index."""
    return replace(table, indexes=tuple(each for each in table.indexes if each.name != index.name))
