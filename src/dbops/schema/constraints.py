"""Constraints of a table under change."""

from __future__ import annotations

from dataclasses import replace

from dbops.schema import columns, expression
from dbops.schema.model import Check, ForeignKey, Index, Schema, Table
from dbops.schema.naming import chosen, distinct, joined
from dbops.schema.written import Written, strings
from dbops.sql.nodes import Node, Relation, choice, inner, relation


def add(schema: Schema, table: Table, written: Written, *, new: bool = False) -> Table:
    """Return the table with the constraint; ``new`` says that the table, or the column, is just being made."""
    node = written.node
    match written.type:
        case "CONSTR_PRIMARY" | "CONSTR_UNIQUE":
            return _using_index(table, node) if node.indexname else _key(schema, table, written)
        case "CONSTR_EXCLUSION":
            return _exclusion(schema, table, node)
        case "CONSTR_CHECK":
            return _check(schema, table, written, new)
        case "CONSTR_FOREIGN":
            return _foreign_key(schema, table, written, new)
        case "CONSTR_NOTNULL" if node.keys:
            return _not_null(schema, table, node, new)
    return table


def _key(schema: Schema, table: Table, written: Written) -> Table:
    node, key = written.node, written.columns
    primary = written.type == "CONSTR_PRIMARY"
    included = strings(node.including)
    default = (None, "pkey") if primary else (joined(distinct((*key, *included))), "key")
    index = Index(
        node.conname or chosen(schema, table, *default),
        key,
        unique=True,
        primary=primary,
        constraint=True,
        method="gist" if node.without_overlaps else "btree",
        nulls_not_distinct=node.nulls_not_distinct,
        included=included,
    )
    return _with_key(table, index)


def _with_key(table: Table, index: Index) -> Table:
    after = with_index(table, index)
    return columns.not_null(after, tuple(filter(None, index.columns))) if index.primary else after


def with_index(table: Table, index: Index) -> Table:
    """Return the table with the index; one of its name must have gone by a way that nobody saw."""
    others = tuple(each for each in table.indexes if each.name != index.name)
    return replace(table, indexes=(*others, index))


def _using_index(table: Table, node: Node) -> Table:
    index = next((each for each in table.indexes if each.name == node.indexname), None)
    if index is None:
        return table
    primary = choice(node, "contype") == "CONSTR_PRIMARY"
    owned = replace(index, name=node.conname or index.name, constraint=True, primary=primary)
    rest = tuple(each for each in table.indexes if each is not index)
    return _with_key(replace(table, indexes=rest), owned)


def _exclusion(schema: Schema, table: Table, node: Node) -> Table:
    elements = [inner(inner(pair).items[0]) for pair in node.exclusions]
    included = strings(node.including)
    names = joined(distinct((*map(element_name, elements), *included)))
    index = Index(
        node.conname or chosen(schema, table, names, "excl"),
        tuple(each.name or None for each in elements),
        partial=node.HasField("where_clause"),
        constraint=True,
        method=node.access_method or "btree",
        expressions=tuple(expression.sql(each.expr) for each in elements if not each.name),
        included=included,
        predicate=expression.sql(node.where_clause) if node.HasField("where_clause") else None,
    )
    return with_index(table, index)


def element_name(element: Node) -> str | None:
    """Return what an ``IndexElem`` adds to its index's name."""
    return element.name or expression.figured(inner(element.expr))


def _check(schema: Schema, table: Table, written: Written, new: bool) -> Table:
    node = written.node
    name = node.conname
    if not name:
        read = expression.columns(node.raw_expr)
        name = chosen(schema, table, min(read) if len(read) == 1 else None, "check")
    check = Check(
        name,
        expression.sql(node.raw_expr),
        validated=written.validated(new),
        not_null=expression.not_null(node.raw_expr),
        no_inherit=node.is_no_inherit,
    )
    return with_check(table, check)


def with_check(table: Table, check: Check) -> Table:
    """Return the table with the constraint; one of its name, such as an inherited one, is merged with it."""
    if any(each.name == check.name for each in table.checks):
        return table
    return replace(table, checks=(*table.checks, check))


def _foreign_key(schema: Schema, table: Table, written: Written, new: bool) -> Table:
    node, own = written.node, written.referencing
    name = _referenced(schema, table, relation(node.pktable))
    key = table.primary_key if name == table.name else _primary_key(schema.tables.get(name))
    foreign_key = ForeignKey(
        node.conname or chosen(schema, table, joined(own), "fkey"),
        own,
        name,
        strings(node.pk_attrs) or (() if key is None else tuple(filter(None, key.columns))),
        validated=written.validated(new),
    )
    return replace(table, foreign_keys=(*table.foreign_keys, foreign_key))


def _referenced(schema: Schema, table: Table, name: Relation) -> Relation:
    """Return the qualified name of a referenced table, which may be the table itself before the schema has it."""
    itself = name.name == table.name.name and name.schema in {None, table.name.schema}
    return table.name if itself else schema.qualified(name)


def _primary_key(table: Table | None) -> Index | None:
    return None if table is None else table.primary_key


def _not_null(schema: Schema, table: Table, node: Node, new: bool) -> Table:
    (column, *_) = strings(node.keys)
    known = table.column(column)
    if new or not node.skip_validation:
        return set_not_null(table, column)
    if known is None or known.nullable is False or any(_is_not_null(each, column) for each in table.checks):
        return table
    name = node.conname or chosen(schema, table, column, "not_null")
    return with_check(table, Check(name, _not_null_text(column), validated=False, not_null=column))


def _not_null_text(column: str) -> str:
    return f"NOT NULL {Relation(None, column)}"


def _is_not_null(check: Check, column: str) -> bool:
    """Whether it is not a CHECK but a NOT NULL constraint."""
    return check.not_null == column and check.expression == _not_null_text(column)


def set_not_null(table: Table, column: str) -> Table:
    """Return the table with a column as NOT NULL, whose NOT VALID constraint is thereby validated."""
    checks = tuple(each for each in table.checks if not _is_not_null(each, column))
    return columns.not_null(replace(table, checks=checks), (column,))


def drop_not_null(table: Table, column: str) -> Table:
    """Return the table with a column that may be null."""
    known = table.column(column)
    checks = tuple(each for each in table.checks if not _is_not_null(each, column))
    if known is None:
        return table
    return columns.with_column(replace(table, checks=checks), replace(known, nullable=True))


def validate(table: Table, name: str) -> Table:
    """Return the table with a constraint that holds for all rows."""
    for check in table.checks:
        if check.name == name and check.not_null is not None and _is_not_null(check, check.not_null):
            return set_not_null(table, check.not_null)
    return set_validated(table, name, validated=True)


def set_validated(table: Table, name: str, *, validated: bool) -> Table:
    """Return the table with a check or foreign key that holds for all rows, or that need not."""
    return replace(
        table,
        checks=tuple(replace(each, validated=validated) if each.name == name else each for each in table.checks),
        foreign_keys=tuple(
            replace(each, validated=validated) if each.name == name else each for each in table.foreign_keys
        ),
    )


def drop(table: Table, name: str) -> Table:
    """Return the table without a constraint; without one of that name, a NOT NULL of PostgreSQL's own naming."""
    after = replace(
        table,
        checks=tuple(each for each in table.checks if each.name != name),
        foreign_keys=tuple(each for each in table.foreign_keys if each.name != name),
        indexes=tuple(each for each in table.indexes if each.name != name or not each.constraint),
    )
    if after == table:
        for column in table.columns:
            if name == f"{table.name.name}_{column.name}_not_null" and column.nullable is False:
                return drop_not_null(table, column.name)
    return after


def rename(table: Table, old: str, new: str) -> Table:
    """Return the table with a constraint or index under another name."""
    if new in table.names:
        return table
    return replace(
        table,
        checks=tuple(replace(each, name=new) if each.name == old else each for each in table.checks),
        foreign_keys=tuple(replace(each, name=new) if each.name == old else each for each in table.foreign_keys),
        indexes=tuple(replace(each, name=new) if each.name == old else each for each in table.indexes),
    )
