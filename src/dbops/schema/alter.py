"""ALTER TABLE, and what PostgreSQL treats as it: ALTER INDEX, VIEW, MATERIALIZED VIEW and FOREIGN TABLE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dbops.schema import children, columns, constraints, expression, indexes, inheritance
from dbops.schema.model import Column, Schema, Table
from dbops.schema.typename import spelled
from dbops.schema.written import of_column, of_table
from dbops.sql.nodes import Node, Relation, choice, definition, inner, relation

# PostgreSQL runs the subcommands of one ALTER TABLE in passes, whatever their order in the text.
_PASSES = {
    "AT_DropColumn": 0,
    "AT_DropConstraint": 0,
    "AT_DropNotNull": 0,
    "AT_DropIdentity": 0,
    "AT_AlterColumnType": 1,
    "AT_AddColumn": 2,
    "AT_SetNotNull": 3,
    "AT_AddIdentity": 3,
}
_LAST_PASS = 5


def alter_table(schema: Schema, node: Node) -> Schema:
    """ALTER of a relation, subcommand by subcommand; those of inherited things reach the children, too."""
    name = relation(node.relation)
    if choice(node, "objtype") == "OBJECT_INDEX":
        return _alter_index(schema, name, node)
    table = schema.table(name)
    if table is None:
        return schema
    for command in sorted((inner(each) for each in node.cmds), key=_pass):
        schema = _apply(schema, table.name, command, recurse=node.relation.inh)
    return schema


def _pass(command: Node) -> int:
    subtype = choice(command, "subtype")
    if subtype == "AT_AddConstraint":
        return _LAST_PASS if choice(definition(command), "contype") == "CONSTR_FOREIGN" else _LAST_PASS - 1
    return _PASSES.get(subtype, _LAST_PASS - 1)


def _apply(schema: Schema, name: Relation, command: Node, *, recurse: bool) -> Schema:
    table = schema.tables[name]
    subtype = choice(command, "subtype")
    if subtype in _BETWEEN_TABLES:
        return _BETWEEN_TABLES[subtype](schema, table, command)
    if subtype not in _COMMANDS:
        return schema
    after = _COMMANDS[subtype](schema, table, command)
    schema = children.changed(schema, table, after)
    if choice(command, "behavior") == "DROP_CASCADE" and subtype in {"AT_DropColumn", "AT_DropConstraint"}:
        schema = inheritance.without_references(schema, table, after)
    return inheritance.handed_down(schema, table, after) if recurse else schema


def _alter_index(schema: Schema, name: Relation, node: Node) -> Schema:
    table = schema.owner(name)
    index = None if table is None else next(each for each in table.indexes if each.name == name.name)
    for command in (inner(each) for each in node.cmds):
        if table is not None and index is not None and choice(command, "subtype") == "AT_AttachPartition":
            schema = indexes.attach(schema, table, index)
    return schema


def _add_column(schema: Schema, table: Table, command: Node) -> Table:
    written = definition(command)
    if table.column(written.colname) is not None:
        return table
    beside = of_column(written)
    table = columns.with_column(table, columns.defined(schema, table.name, written, beside))
    for constraint in beside:
        table = constraints.add(schema, table, constraint, new=True)
    return table


def _drop_column(_schema: Schema, table: Table, command: Node) -> Table:
    return columns.without_column(table, command.name)


def _column_type(schema: Schema, table: Table, command: Node) -> Table:
    return _with(table, command, lambda column: replace(column, type=spelled(definition(command).type_name, schema)))


def _default(_schema: Schema, table: Table, command: Node) -> Table:
    wrapper = getattr(command, "def")
    default = None if inner(wrapper) is None else expression.sql(wrapper)
    return _with(table, command, lambda column: replace(column, default=default))


def _add_identity(_schema: Schema, table: Table, command: Node) -> Table:
    return _with(table, command, lambda column: replace(column, identity=True))


def _drop_identity(_schema: Schema, table: Table, command: Node) -> Table:
    return _with(table, command, lambda column: replace(column, identity=False))


def _drop_expression(_schema: Schema, table: Table, command: Node) -> Table:
    return _with(table, command, lambda column: replace(column, generated=False))


def _with(table: Table, command: Node, change: Callable[[Column], Column]) -> Table:
    column = table.column(command.name)
    return table if column is None else columns.with_column(table, change(column))


def _set_not_null(_schema: Schema, table: Table, command: Node) -> Table:
    return constraints.set_not_null(table, command.name)


def _drop_not_null(_schema: Schema, table: Table, command: Node) -> Table:
    return constraints.drop_not_null(table, command.name)


def _add_constraint(schema: Schema, table: Table, command: Node) -> Table:
    return constraints.add(schema, table, of_table(definition(command)))


def _drop_constraint(_schema: Schema, table: Table, command: Node) -> Table:
    return constraints.drop(table, command.name)


def _validate_constraint(_schema: Schema, table: Table, command: Node) -> Table:
    return constraints.validate(table, command.name)


def _alter_constraint(_schema: Schema, table: Table, command: Node) -> Table:
    change = definition(command)
    if not change.alter_enforceability:
        return table
    return constraints.set_validated(table, change.conname, validated=change.is_enforced)


def _attach(schema: Schema, table: Table, command: Node) -> Schema:
    return inheritance.attach(schema, table, schema.table(relation(definition(command).name)))


def _detach(schema: Schema, table: Table, command: Node) -> Schema:
    return inheritance.disown(schema, table, schema.table(relation(definition(command).name)))


def _add_parent(schema: Schema, table: Table, command: Node) -> Schema:
    return inheritance.inherit(schema, table, schema.qualified(relation(definition(command))))


def _drop_parent(schema: Schema, table: Table, command: Node) -> Schema:
    parent = schema.table(relation(definition(command)))
    return schema if parent is None else inheritance.disown(schema, parent, table)


_COMMANDS: dict[str, Callable[[Schema, Table, Node], Table]] = {
    "AT_AddColumn": _add_column,
    "AT_AddConstraint": _add_constraint,
    "AT_AddIdentity": _add_identity,
    "AT_AlterColumnType": _column_type,
    "AT_AlterConstraint": _alter_constraint,
    "AT_ColumnDefault": _default,
    "AT_DropColumn": _drop_column,
    "AT_DropConstraint": _drop_constraint,
    "AT_DropExpression": _drop_expression,
    "AT_DropIdentity": _drop_identity,
    "AT_DropNotNull": _drop_not_null,
    "AT_SetNotNull": _set_not_null,
    "AT_ValidateConstraint": _validate_constraint,
}
_BETWEEN_TABLES: dict[str, Callable[[Schema, Table, Node], Schema]] = {
    "AT_AddInherit": _add_parent,
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
    "AT_DropInherit": _drop_parent,
}
