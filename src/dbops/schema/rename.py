"""ALTER … RENAME and ALTER … SET SCHEMA."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dbops.schema import children, columns, constraints
from dbops.schema.drop import type_name
from dbops.schema.model import ForeignKey, Schema, Table
from dbops.schema.typename import visible
from dbops.sql.nodes import Node, Relation, choice, inner, kind, named, relation

_RELATIONS = frozenset({"OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE"})
_TYPES = frozenset({"OBJECT_TYPE", "OBJECT_DOMAIN"})


def rename(schema: Schema, node: Node) -> Schema:
    """RENAME of a relation, column, constraint, schema or type."""
    target = choice(node, "rename_type")
    if target in _RELATIONS:
        return _relation(schema, relation(node.relation), node.newname)
    if target == "OBJECT_COLUMN":
        return _column(schema, schema.table(relation(node.relation)), node)
    if target == "OBJECT_TABCONSTRAINT":
        return _constraint(schema, schema.table(relation(node.relation)), node)
    if target == "OBJECT_SCHEMA":
        return _rename_schema(schema, node.subname, node.newname)
    if target in _TYPES:
        return _type(schema, node, lambda name: Relation(name.schema, node.newname))
    return schema


def set_schema(schema: Schema, node: Node) -> Schema:
    """SET SCHEMA of a relation or a type."""
    if choice(node, "object_type") in _TYPES:
        return _type(schema, node, lambda name: Relation(node.newschema, name.name))
    if not node.HasField("relation"):
        return schema
    table = schema.table(relation(node.relation))
    return schema if table is None else _moved(schema, {table.name: Relation(node.newschema, table.name.name)})


def _relation(schema: Schema, name: Relation, new: str) -> Schema:
    """Rename a table or an index: whichever ALTER it is, PostgreSQL takes both."""
    table = schema.table(name)
    if table is not None:
        return _moved(schema, {table.name: Relation(table.name.schema, new)})
    owner = schema.owner(name)
    return schema if owner is None else children.changed(schema, owner, constraints.rename(owner, name.name, new))


def _moved(schema: Schema, names: dict[Relation, Relation]) -> Schema:
    """Give tables other names, also where they are referenced and inherited from."""

    def now(name: Relation) -> Relation:
        return names.get(name, name)

    changed = []
    for table in schema.tables.values():
        keys = tuple(
            replace(key, referenced=now(key.referenced)) if key.referenced in names else key
            for key in table.foreign_keys
        )
        parents = tuple(map(now, table.parents))
        if table.name in names or keys != table.foreign_keys or parents != table.parents:
            changed.append(replace(table, name=now(table.name), foreign_keys=keys, parents=parents))
    return schema.edited(changed, names) if changed else schema


def _column(schema: Schema, table: Table | None, node: Node) -> Schema:
    old, new = node.subname, node.newname
    if table is None or table.column(old) is None or table.column(new) is not None:
        return schema
    below = children.below(schema, table) if node.relation.inh else ()
    free = [each for each in (table, *below) if each.column(new) is None]
    schema = schema.edited([columns.renamed(each, old, new) for each in free])
    return _renamed_references(schema, table.name, old, new)


def _renamed_references(schema: Schema, referenced: Relation, old: str, new: str) -> Schema:
    def renamed(key: ForeignKey) -> ForeignKey:
        if key.referenced != referenced or old not in key.referenced_columns:
            return key
        return replace(key, referenced_columns=tuple(new if name == old else name for name in key.referenced_columns))

    changed = []
    for table in schema.tables.values():
        if table.foreign_keys:
            keys = tuple(map(renamed, table.foreign_keys))
            if keys != table.foreign_keys:
                changed.append(replace(table, foreign_keys=keys))
    return schema.edited(changed) if changed else schema


def _constraint(schema: Schema, table: Table | None, node: Node) -> Schema:
    if table is None:
        return schema
    inherited = any(check.name == node.subname for check in table.checks)
    below = tuple(children.below(schema, table)) if inherited and node.relation.inh else ()
    for each in (table, *below):
        schema = children.changed(schema, each, constraints.rename(each, node.subname, node.newname))
    return schema


def _rename_schema(schema: Schema, old: str, new: str) -> Schema:
    names = {name: Relation(new, name.name) for name in schema.tables if name.schema == old}
    schema = _moved(schema, names)
    for name in [name for name in schema.types if name.schema == old]:
        schema = _retyped(schema, name, Relation(new, name.name))
    return schema


def _type(schema: Schema, node: Node, change: Callable[[Relation], Relation]) -> Schema:
    written = inner(node.object)
    if written is None or kind(written) not in {"List", "TypeName"}:
        return schema
    name = type_name(schema, named(written.items if kind(written) == "List" else written.names))
    return _retyped(schema, name, change(name)) if name in schema.types else schema


def _retyped(schema: Schema, old: Relation, new: Relation) -> Schema:
    """Give a type another name, also in the columns of it."""
    types = {new if name == old else name: which for name, which in schema.types.items()}
    before, after = (str(visible(name, schema)) for name in (old, new))
    spellings = {before: after, f"{before}[]": f"{after}[]"}
    changed = [
        replace(table, columns=tuple(replace(each, type=spellings.get(each.type, each.type)) for each in table.columns))
        for table in schema.tables.values()
        if any(each.type in spellings for each in table.columns)
    ]
    return replace(schema.edited(changed) if changed else schema, types=types)
