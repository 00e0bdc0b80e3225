"""DROP of relations, indexes, schemas and types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from dbops.schema import children, columns, indexes
from dbops.schema.model import TEMPORARY_SCHEMA, Schema
from dbops.schema.typename import visible
from dbops.sql.nodes import Node, Relation, choice, inner, kind, named

_RELATIONS = frozenset({"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE"})


def drop(schema: Schema, node: Node) -> Schema:
    """DROP of whatever the schema knows; a view that depends on it is dropped by CASCADE, and stays here."""
    cascade = choice(node, "behavior") == "DROP_CASCADE"
    target = choice(node, "remove_type")
    if target in _RELATIONS:
        return _tables(schema, {schema.qualified(name) for name in _names(node)}, cascade=cascade)
    if target in _OTHERS:
        for name in _names(node):
            schema = _OTHERS[target](schema, name, cascade)
    return schema


def discard(schema: Schema, node: Node) -> Schema:
    """DISCARD, which may drop the temporary tables and reset the search path."""
    what = choice(node, "target")
    if what not in {"DISCARD_ALL", "DISCARD_TEMP"}:
        return schema
    return _tables(schema, {name for name in schema.tables if name.schema == TEMPORARY_SCHEMA}, cascade=True)


def _names(node: Node) -> Iterator[Relation]:
    for item in (inner(each) for each in node.objects):
        match kind(item):
            case "List":
                yield named(item.items)
            case "TypeName" if item.names:
                yield named(item.names)
            case "String":
                yield Relation(None, item.sval)


def _tables(schema: Schema, names: set[Relation], *, cascade: bool) -> Schema:
    names = {name for name in names if name in schema.tables}
    for parent in [schema.tables[name] for name in names]:
        if cascade or parent.kind == "partitioned":
            names |= {child.name for child in children.below(schema, parent)}
    if not names:
        return schema
    schema = schema.without_tables(names)
    return _unreferenced(schema, names) if cascade else schema


def _unreferenced(schema: Schema, names: set[Relation]) -> Schema:
    """Return the schema without foreign keys to these tables."""
    changed = []
    for table in schema.tables.values():
        kept = tuple(key for key in table.foreign_keys if key.referenced not in names)
        if kept != table.foreign_keys:
            changed.append(replace(table, foreign_keys=kept))
    return schema.edited(changed) if changed else schema


def _index(schema: Schema, name: Relation, _cascade: bool) -> Schema:
    table = schema.owner(name)
    if table is None:
        return schema
    return indexes.drop(schema, table, next(each for each in table.indexes if each.name == name.name))


def _schema(schema: Schema, name: Relation, cascade: bool) -> Schema:
    if not cascade:  # then it is empty, or the statement fails
        return schema
    schema = _tables(schema, {each for each in schema.tables if each.schema == name.name}, cascade=True)
    for each in [each for each in schema.types if each.schema == name.name]:
        schema = _type(schema, each, True)
    return schema


def _type(schema: Schema, name: Relation, cascade: bool) -> Schema:
    qualified = type_name(schema, name)
    if qualified not in schema.types:
        return schema
    if cascade:
        schema = _without_columns_of(schema, str(visible(qualified, schema)))
    return replace(schema, types={each: which for each, which in schema.types.items() if each != qualified})


def type_name(schema: Schema, name: Relation) -> Relation:
    """Return a type's name with the schema it is found in, or would be made in."""
    if name.schema is not None:
        return name
    candidates = (Relation(each, name.name) for each in (TEMPORARY_SCHEMA, *schema.search_path))
    found = next((candidate for candidate in candidates if candidate in schema.types), None)
    return found or Relation(schema.creation_schema, name.name)


def _without_columns_of(schema: Schema, spelling: str) -> Schema:
    changed = []
    for table in schema.tables.values():
        gone = [each.name for each in table.columns if each.type in {spelling, f"{spelling}[]"}]
        after = table
        for column in gone:
            after = columns.without_column(after, column)
        if gone:
            changed.append(after)
    return schema.edited(changed) if changed else schema


_OTHERS: dict[str, Callable[[Schema, Relation, bool], Schema]] = {
    "OBJECT_DOMAIN": _type,
    "OBJECT_INDEX": _index,
    "OBJECT_SCHEMA": _schema,
    "OBJECT_TYPE": _type,
}
