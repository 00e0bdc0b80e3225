"""CREATE TABLE and CREATE FOREIGN TABLE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from dbops.schema import children, columns, constraints
from dbops.schema.indexes import with_cloned
from dbops.schema.model import TEMPORARY_SCHEMA, Check, Column, Index, Schema, Table
from dbops.schema.written import Written, of_column, of_table, strings
from dbops.sql.nodes import Node, Relation, inner, kind, relation

_COPY_CONSTRAINTS, _COPY_DEFAULTS, _COPY_GENERATED, _COPY_IDENTITY, _COPY_INDEXES = (1 << bit for bit in range(2, 7))
_ORDER = {"CONSTR_PRIMARY": 0, "CONSTR_UNIQUE": 1, "CONSTR_EXCLUSION": 1}


@dataclass
class _Body:
    """What stands between the parentheses, and what comes from parents and LIKE."""

    columns: dict[str, Column] = field(default_factory=dict)
    constraints: list[Written] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    complete: bool = True


def made_name(schema: Schema, range_var: Node) -> Relation:
    """Return the qualified name of a relation that a statement makes."""
    name = relation(range_var)
    if range_var.relpersistence == "t":
        return Relation(TEMPORARY_SCHEMA, name.name)
    return name if name.schema is not None else Relation(schema.creation_schema, name.name)


def create_table(schema: Schema, node: Node, *, which: str = "table") -> Schema:
    """CREATE TABLE in all its forms."""
    name = made_name(schema, node.relation)
    if node.if_not_exists and name in schema.tables:
        return schema
    parents = tuple(schema.qualified(relation(inner(each))) for each in node.inh_relations)
    if name in parents:
        return schema
    body = _body(schema, name, node, parents)
    table = Table(
        name,
        _kind(node, which),
        tuple(body.columns.values()),
        checks=tuple(body.checks),
        complete=body.complete,
        parents=parents,
    )
    return _constrained(schema, table, body, partition=node.HasField("partbound"))


def create_foreign_table(schema: Schema, node: Node) -> Schema:
    """CREATE FOREIGN TABLE."""
    return create_table(schema, node.base_stmt, which="foreign")


def _kind(node: Node, which: str) -> str:
    if node.HasField("partspec"):
        return "partitioned"
    return "partition" if which == "table" and node.HasField("partbound") else which


def _body(schema: Schema, name: Relation, node: Node, parents: Iterable[Relation]) -> _Body:
    body = _Body(complete=not node.HasField("of_typename"))
    for parent in parents:
        _inherit(body, schema.tables.get(parent), identity=node.HasField("partbound"))
    for element in (inner(each) for each in (*node.table_elts, *node.constraints)):
        match kind(element):
            case "ColumnDef":
                _column(body, schema, name, element)
            case "Constraint":
                body.constraints.append(of_table(element))
            case "TableLikeClause":
                _like(body, schema.table(relation(element.relation)), element.options)
    return body


def _inherit(body: _Body, parent: Table | None, *, identity: bool) -> None:
    """Add what a parent hands down; identity only to partitions, and to them since PostgreSQL 17."""
    if parent is None or not parent.complete:
        body.complete = False
    for column in () if parent is None else parent.columns:
        merged = body.columns.setdefault(column.name, replace(column, identity=identity and column.identity))
        if column.nullable is False:
            body.columns[column.name] = replace(merged, nullable=False)
    known = {check.name for check in body.checks}
    if parent is not None:
        body.checks += [each for each in parent.checks if not each.no_inherit and each.name not in known]


def _column(body: _Body, schema: Schema, table: Relation, element: Node) -> None:
    written = of_column(element)
    inherited = body.columns.get(element.colname)
    if inherited is None:
        body.columns[element.colname] = columns.defined(schema, table, element, written)
    else:
        body.columns[element.colname] = columns.constrained(inherited, written)
    body.constraints += written


def _like(body: _Body, source: Table | None, copied: int) -> None:
    if source is None or not source.complete:
        body.complete = False
    if source is None:
        return
    for column in source.columns:
        generated = column.generated and bool(copied & _COPY_GENERATED)
        body.columns[column.name] = replace(
            column,
            nullable=column.nullable is not False,
            default=column.default if copied & _COPY_DEFAULTS else None,
            identity=column.identity and bool(copied & _COPY_IDENTITY),
            generated=generated,
        )
    if copied & _COPY_CONSTRAINTS:
        body.checks += source.checks
    if copied & _COPY_INDEXES:
        body.indexes += source.indexes


def _constrained(schema: Schema, table: Table, body: _Body, *, partition: bool) -> Schema:
    """Return the schema with the table and its keys, checks and foreign keys, in PostgreSQL's order."""
    for written in _keys_first(body.constraints):
        table = constraints.add(schema, table, written, new=True)
    table = with_cloned(schema, table, body.indexes, reuse=False)
    for index in body.indexes:
        if index.primary:
            table = columns.not_null(table, tuple(filter(None, index.columns)))
    if partition:
        for parent in table.parents:
            table = as_partition(schema, table, schema.tables.get(parent))
    for written in body.constraints:
        if written.type == "CONSTR_FOREIGN":
            table = constraints.add(schema, table, written, new=True)
    for parent in table.parents:
        schema = children.adopted(schema, parent)
    return schema.with_table(table)


def _keys_first(written: Iterable[Written]) -> Iterator[Written]:
    """Yield all but foreign keys: the primary key, other keys without those that are written twice, the rest."""
    seen = set()
    for each in sorted(written, key=lambda each: _ORDER.get(each.type, len(_ORDER))):
        if each.type in {"CONSTR_PRIMARY", "CONSTR_UNIQUE"}:
            key = (each.columns, strings(each.node.including))
            if key in seen:
                continue
            seen.add(key)
        if each.type != "CONSTR_FOREIGN":
            yield each


def as_partition(schema: Schema, table: Table, parent: Table | None) -> Table:
    """Return the table with what a partition gets from its parent beside columns and checks."""
    if parent is None:
        return table
    table = with_cloned(schema, table, parent.indexes)
    known = {(each.columns, each.referenced) for each in table.foreign_keys}
    missing = tuple(each for each in parent.foreign_keys if (each.columns, each.referenced) not in known)
    return replace(table, foreign_keys=(*table.foreign_keys, *missing)) if missing else table
