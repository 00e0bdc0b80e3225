"""How DDL changes a schema, by PostgreSQL's own grammar: one function a statement, found by the parse node's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dbops.schema import alter, create, drop, indexes, queries, rename, settings, types
from dbops.schema.model import Schema
from dbops.sql.nodes import Node, inner, kind


def fold(schema: Schema, node: Node | None) -> Schema:
    """Return the schema after a statement has run; the same object when it changes nothing that is modelled.

    What only the server knows is left out: DO blocks, functions, extensions, and which views CASCADE drops. A
    statement about a table that isn't known changes nothing. ``touched`` of what is returned are the tables that the
    statement touched.
    """
    handler = None if node is None else _HANDLERS.get(kind(node))
    if handler is None:
        return schema
    before = schema.untouched()
    after = handler(before, node)
    return schema if after is before else after


def _schema(schema: Schema, node: Node) -> Schema:
    """CREATE SCHEMA, whose elements are made in it."""
    name = node.schemaname or node.authrole.rolename
    if not node.schema_elts or not name:  # a schema may be named after CURRENT_USER
        return schema
    path = schema.search_path
    inside = replace(schema, search_path=(name, *path))
    for element in node.schema_elts:
        inside = fold(inside, inner(element))
    return replace(inside, search_path=path)  # which forgets what was touched


def _select(schema: Schema, node: Node) -> Schema:
    return settings.set_config(queries.select_into(schema, node), node)


_HANDLERS: dict[str, Callable[[Schema, Node], Schema]] = {
    "AlterObjectSchemaStmt": rename.set_schema,
    "AlterTableStmt": alter.alter_table,
    "CompositeTypeStmt": types.create_composite,
    "CreateDomainStmt": types.create_domain,
    "CreateEnumStmt": types.create_enum,
    "CreateForeignTableStmt": create.create_foreign_table,
    "CreateRangeStmt": types.create_range,
    "CreateSchemaStmt": _schema,
    "CreateStmt": create.create_table,
    "CreateTableAsStmt": queries.create_table_as,
    "DiscardStmt": drop.discard,
    "DropStmt": drop.drop,
    "IndexStmt": indexes.create,
    "RenameStmt": rename.rename,
    "SelectStmt": _select,
    "VariableSetStmt": settings.set_variable,
    "ViewStmt": queries.create_view,
}
