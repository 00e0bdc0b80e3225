"""How a change of a parent reaches its children, and how tables become children and cease to be."""

from __future__ import annotations

from dataclasses import replace

from dbops.schema import children, columns, constraints, indexes
from dbops.schema.create import as_partition
from dbops.schema.model import Check, Column, ForeignKey, Schema, Table
from dbops.sql.nodes import Relation


def handed_down(schema: Schema, before: Table, after: Table) -> Schema:
    """Return the schema after what changed in a table has changed in its children, and in theirs."""
    if not before.has_children or before == after:
        return schema
    for child in children.of(schema, before):
        changed = _changed(schema, child, before, after)
        if changed != child:
            schema = schema.with_table(changed)
            schema = handed_down(schema, child, changed)
    return schema


def _changed(schema: Schema, child: Table, before: Table, after: Table) -> Table:
    child = _columns(child, before, after)
    child = _checks(child, before.checks, after.checks)
    if before.kind == "partitioned":
        child = _indexes(schema, child, before, after)
        child = _foreign_keys(child, before.foreign_keys, after.foreign_keys)
    return child


def _columns(child: Table, before: Table, after: Table) -> Table:
    for column in before.columns:
        now = after.column(column.name)
        if now is None:
            child = columns.without_column(child, column.name)
        elif now != column:
            child = _column(child, column, now)
    for column in after.columns:
        if before.column(column.name) is None and child.column(column.name) is None:
            child = columns.with_column(child, column)
    return child


def _column(child: Table, before: Column, after: Column) -> Table:
    """Change in a child's column only what changed in the parent's."""
    own = child.column(before.name)
    if own is None:
        return child
    fields = ("type", "nullable", "default", "generated", "identity")
    changes = {name: getattr(after, name) for name in fields if getattr(before, name) != getattr(after, name)}
    return columns.with_column(child, replace(own, **changes))


def _checks(child: Table, before: tuple[Check, ...], after: tuple[Check, ...]) -> Table:
    old = {check.name: check for check in before}
    new = {check.name: check for check in after if not check.no_inherit}
    for name, check in old.items():
        if name not in new and not check.no_inherit:
            child = constraints.drop(child, name)
    for name, check in new.items():
        if name not in old:
            child = constraints.with_check(child, check)
        elif check != old[name]:
            child = replace(child, checks=tuple(check if each.name == name else each for each in child.checks))
    return child


def _indexes(schema: Schema, child: Table, before: Table, after: Table) -> Table:
    for index in before.indexes:
        below = indexes.like(child, index)
        if below is not None and indexes.like(after, index) is None:
            child = indexes.without(child, below)
    added = [index for index in after.indexes if index not in before.indexes and index.constraint]
    return indexes.with_cloned(schema, child, added)


def _foreign_keys(child: Table, before: tuple[ForeignKey, ...], after: tuple[ForeignKey, ...]) -> Table:
    old, new = ({key.name: key for key in keys} for keys in (before, after))
    kept = [new.get(key.name, key) for key in child.foreign_keys if key.name not in old or key.name in new]
    names = {key.name for key in kept}
    kept += [key for name, key in new.items() if name not in old and name not in names]
    return replace(child, foreign_keys=tuple(kept))


def without_references(schema: Schema, before: Table, after: Table) -> Schema:
    """Return the schema without the foreign keys to a key or column that was dropped with CASCADE."""
    gone = {name for name in (each.name for each in before.columns) if after.column(name) is None}
    lost = [set(filter(None, key.columns)) for key in before.indexes if key.unique and key not in after.indexes]
    changed = []
    for table in schema.tables.values():
        kept = tuple(
            key
            for key in table.foreign_keys
            if key.referenced != before.name
            or not (gone & set(key.referenced_columns) or set(key.referenced_columns) in lost)
        )
        if kept != table.foreign_keys:
            changed.append(replace(table, foreign_keys=kept))
    return schema.edited(changed) if changed else schema


def attach(schema: Schema, parent: Table, child: Table | None) -> Schema:
    """ATTACH PARTITION: the partition gets the parent's indexes and foreign keys where it has no like ones."""
    if child is None or _related(schema, child, parent.name):
        return schema
    which = "partition" if child.kind == "table" else child.kind
    partition = replace(as_partition(schema, child, parent), kind=which, parents=(*child.parents, parent.name))
    return children.adopted(schema.with_table(partition), parent.name)


def disown(schema: Schema, parent: Table, child: Table | None) -> Schema:
    """DETACH PARTITION and NO INHERIT: the child keeps all it has."""
    if child is None or parent.name not in child.parents:
        return schema
    which = "table" if child.kind == "partition" else child.kind
    parents = tuple(name for name in child.parents if name != parent.name)
    return schema.with_table(replace(child, kind=which, parents=parents))


def inherit(schema: Schema, child: Table, parent: Relation) -> Schema:
    """INHERIT: the child has the parent's columns and checks already."""
    if _related(schema, child, parent):
        return schema
    return children.adopted(schema.with_table(replace(child, parents=(*child.parents, parent))), parent)


def _related(schema: Schema, child: Table, parent: Relation) -> bool:
    """Whether one can't become the child of the other, because it is already, or is its parent."""
    return parent in child.parents or parent in {child.name, *(each.name for each in children.below(schema, child))}
