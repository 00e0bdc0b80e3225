"""Which tables a statement goes through from end to end, so that its time grows with them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dbops.lint.changes.change import Change
from dbops.lint.changes.columns import (
    added_columns,
    added_constraints,
    constraints,
    is_stored,
    numbers_itself,
    volatile_default,
)
from dbops.lint.changes.retype import Cost, cost
from dbops.schema.typename import spelled
from dbops.sql.nodes import Node, Relation, choice, definition, inner, kind, relation, walk

_INDEXED = ("CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION")


@dataclass(frozen=True, slots=True)
class Pass:
    """``what`` is done to all of a table, as in "scans orders"."""

    what: str
    table: Relation

    def __str__(self) -> str:
        return f"{self.what} {self.table}"


def passes(change: Change) -> tuple[Pass, ...]:
    """Return the passes through tables that others use."""
    find = _PASSES.get(kind(change.node))
    found = () if find is None else find(change)
    return tuple(each for each in found if change.is_shared(each.table))


def proven_not_null(change: Change, column: str) -> bool:
    """Whether SET NOT NULL of the target's column needs no scan, because it can't be null already.

    A CHECK that the same ALTER TABLE drops is gone by then.
    """
    table = change.table()
    if table is None:
        return False
    known = table.column(column)
    dropped = {command.name for command in change.commands if choice(command, "subtype") == "AT_DropConstraint"}
    return (known is not None and known.nullable is False) or any(
        check.validated and check.not_null == column and check.name not in dropped for check in table.checks
    )


def retyping(change: Change, command: Node) -> Cost:
    """Return what an ALTER COLUMN … TYPE does to the table."""
    target = definition(command)
    new = spelled(target.type_name, change.schema)
    if target.HasField("raw_default") and not _is_plain_cast(change, target, command.name):
        return Cost.REWRITE
    table = change.table()
    column = None if table is None else table.column(command.name)
    if column is None:
        return Cost.UNKNOWN
    if column.type != new and (_is_enum(change, new) or _is_enum(change, column.type)):
        return Cost.REWRITE
    return cost(column.type, new)


def _is_enum(change: Change, spelling: str) -> bool:
    types = change.schema.types.items()
    return any(spelling in {str(name), str(Relation(None, name.name))} and what == "enum" for name, what in types)


def _is_plain_cast(change: Change, target: Node, column: str) -> bool:
    """Whether USING says what would be done without it: ``column``, or ``column`` cast to the new type."""
    node = inner(target.raw_default)
    if kind(node) == "TypeCast":
        if spelled(node.type_name, change.schema) != spelled(target.type_name, change.schema):
            return False
        node = inner(node.arg)
    return kind(node) == "ColumnRef" and [inner(field).sval for field in node.fields if field.HasField("string")] == [
        column
    ]


def _alter_table(change: Change) -> Iterator[Pass]:
    table = change.target
    for _, column in added_columns(change):
        if numbers_itself(column) or is_stored(column) or volatile_default(column):
            yield Pass("rewrites", table)
    yield from _constraints(change)
    for command in change.commands:
        yield from _subcommand(change, command)


def _constraints(change: Change) -> Iterator[Pass]:
    table = change.target
    for added in added_constraints(change, "CONSTR_CHECK"):
        if added.validated:
            yield Pass("scans", table)
    for added in added_constraints(change, "CONSTR_FOREIGN"):
        new = added.column is not None and not constraints(added.column, "CONSTR_DEFAULT")
        if added.validated and not new:
            yield Pass("scans", table)
    for added in added_constraints(change, "CONSTR_NOTNULL"):
        if added.validated and added.column is None:  # a new column's default is not looked at row by row
            yield Pass("scans", table)
    for added in added_constraints(change, *_INDEXED):
        if not added.constraint.indexname:
            yield Pass("builds an index on", table)


def _subcommand(change: Change, command: Node) -> Iterator[Pass]:
    match choice(command, "subtype"):
        case "AT_SetNotNull" if not proven_not_null(change, command.name):
            yield Pass("scans", change.target)
        case "AT_ValidateConstraint":
            yield Pass("scans", change.target)
        case "AT_AlterColumnType" if retyping(change, command) not in {Cost.NOTHING, Cost.UNKNOWN}:
            yield Pass("rewrites", change.target)
        case "AT_SetLogged" | "AT_SetUnLogged" | "AT_SetTableSpace" | "AT_SetAccessMethod":
            yield Pass("rewrites", change.target)


def _create_index(change: Change) -> Iterator[Pass]:
    if change.node.relation.inh or not change.is_partitioned():
        yield Pass("builds an index on", change.target)


def _write(change: Change) -> Iterator[Pass]:
    if not _names_a_row(change):
        yield Pass("writes to", change.target)


def _names_a_row(change: Change) -> bool:
    """Whether WHERE compares all columns of a key with values, so that at most one row is meant."""
    table = change.table()
    compared = {
        inner(inner(node.lexpr).fields[-1]).sval
        for node in walk(change.node.where_clause)
        if kind(node) == "A_Expr" and choice(node, "kind") == "AEXPR_OP" and _is_column_and_value(node)
    }
    has_or = any(kind(node) == "BoolExpr" for node in walk(change.node.where_clause))
    return table is not None and not has_or and any(key <= compared for key in table.keys)


def _is_column_and_value(node: Node) -> bool:
    left, right = inner(node.lexpr), inner(node.rexpr)
    return (
        [inner(part).sval for part in node.name] == ["="]
        and left is not None
        and kind(left) == "ColumnRef"
        and left.fields[-1].HasField("string")
        and kind(right) in {"A_Const", "ParamRef"}
    )


def _read(change: Change) -> Iterator[Pass]:
    """INSERT … SELECT, CREATE TABLE AS, CREATE MATERIALIZED VIEW: what the query reads."""
    if kind(change.node) == "InsertStmt" and change.node.select_stmt.select_stmt.values_lists:
        return  # which may be long
    nodes = list(walk(change.node.select_stmt if kind(change.node) == "InsertStmt" else change.node.query))
    nodes += walk(change.node.with_clause) if kind(change.node) == "InsertStmt" else ()
    ctes = {node.ctename for node in nodes if kind(node) == "CommonTableExpr"}
    for node in nodes:
        if kind(node) == "RangeVar" and node.relname not in ctes and not _is_catalog(node):
            yield Pass("reads", relation(node))


def _is_catalog(range_var: Node) -> bool:
    return range_var.schemaname in {"pg_catalog", "information_schema"} or range_var.relname.startswith("pg_")


def _whole(change: Change) -> Iterator[Pass]:
    if change.node.HasField("relation"):
        yield Pass("rewrites", change.target)


def _reindex(change: Change) -> Iterator[Pass]:
    if choice(change.node, "kind") == "REINDEX_OBJECT_TABLE":
        yield Pass("rebuilds the indexes of", change.target)


def _refresh(change: Change) -> Iterator[Pass]:
    if not change.node.skip_data:
        yield Pass("fills", change.target)


_PASSES: dict[str, Callable[[Change], Iterator[Pass]]] = {
    "AlterTableStmt": _alter_table,
    "ClusterStmt": _whole,
    "CreateTableAsStmt": _read,
    "DeleteStmt": _write,
    "IndexStmt": _create_index,
    "InsertStmt": _read,
    "RefreshMatViewStmt": _refresh,
    "ReindexStmt": _reindex,
    "UpdateStmt": _write,
}
