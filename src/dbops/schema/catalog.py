"""A database's catalog, as the server gives it, as a schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dbops.schema.model import Check, Column, ForeignKey, Index, Schema, Table
from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier


def schema_of(document: Mapping[str, Any]) -> Schema:
    """Return the schema of what ``postgres.catalog.read`` returns; it is complete."""
    tables = {table.name: table for table in map(_table, document["tables"])}
    return Schema(
        tables=dict(_with_children(tables)),
        types={Relation(each["schema"], each["name"]): each["kind"] for each in document["types"]},
        search_path=tuple(document["search_path"]),
        complete=True,
    )


def _table(said: Mapping[str, Any]) -> Table:
    checks = tuple(map(_check, said["checks"]))
    unsure = {check.not_null for check, each in zip(checks, said["checks"], strict=True) if each["not_null"]}
    queried = said["kind"] in {"view", "matview"}
    return Table(
        name=Relation(said["schema"], said["name"]),
        kind=said["kind"],
        columns=tuple(_column(each, unsure, queried=queried) for each in said["columns"]),
        indexes=tuple(map(_index, said["indexes"])),
        foreign_keys=tuple(map(_foreign_key, said["foreign_keys"])),
        checks=checks,
        rows=said["rows"],
        bytes=said["bytes"],
        parents=tuple(Relation(*each) for each in said["parents"]),
    )


def _column(said: Mapping[str, Any], unsure: Iterable[str | None], *, queried: bool) -> Column:
    """Read a column; of a view's nobody knows whether it may be null, and NOT VALID does not say it of old rows."""
    nullable = not said["not_null"] or said["name"] in unsure
    return Column(
        said["name"],
        said["type"],
        nullable=None if queried else nullable,
        default=said["default"],
        identity=said["identity"],
        generated=said["generated"],
    )


def _index(said: Mapping[str, Any]) -> Index:
    columns = said["columns"]
    return Index(
        said["name"],
        tuple(columns[: said["key_columns"]]),
        unique=said["unique"],
        primary=said["primary"],
        partial=said["partial"],
        constraint=said["constraint"],
        method=said["method"],
        valid=said["valid"],
        nulls_not_distinct=said["nulls_not_distinct"],
        expressions=tuple(map(_bare, said["expressions"])),
        included=tuple(columns[said["key_columns"] :]),
        predicate=said["predicate"],
    )


def _bare(expression: str) -> str:
    """Take off the parentheses that pg_get_indexdef puts around all but function calls."""
    return expression[1:-1] if expression.startswith("(") and expression.endswith(")") else expression


def _foreign_key(said: Mapping[str, Any]) -> ForeignKey:
    return ForeignKey(
        said["name"],
        tuple(said["columns"]),
        Relation(*said["referenced"]),
        tuple(said["referenced_columns"]),
        validated=said["validated"],
    )


def _check(said: Mapping[str, Any]) -> Check:
    column = said["columns"][0] if len(said["columns"] or ()) == 1 else None
    expression = said["expression"] or ""
    if said["not_null"]:
        expression = f"NOT NULL {Relation(None, column or '')}"
    elif column is not None and expression not in {f"{name} IS NOT NULL" for name in _spellings(column)}:
        column = None
    return Check(said["name"], expression, said["validated"], column, said["no_inherit"])


def _spellings(column: str) -> tuple[str, str]:
    """Return a column's name as PostgreSQL may spell it: quoted also where it is a key word."""
    return str(Relation(None, column)), identifier(column)


def _with_children(tables: Mapping[Relation, Table]) -> Iterator[tuple[Relation, Table]]:
    """Mark the parents, and give partitioned tables the size of their partitions."""
    children: dict[Relation, list[Table]] = {}
    for table in tables.values():
        for parent in table.parents:
            children.setdefault(parent, []).append(table)
    for name, table in tables.items():
        if name in children:
            table = replace(table, has_children=True)  # noqa: PLW2901
        if table.kind == "partitioned":
            table = _summed(table, list(_leaves(name, children)))  # noqa: PLW2901
        yield name, table


def _leaves(name: Relation, children: Mapping[Relation, list[Table]]) -> Iterator[Table]:
    for child in children.get(name, ()):
        if child.kind == "partitioned":
            yield from _leaves(child.name, children)
        else:
            yield child


def _summed(table: Table, leaves: list[Table]) -> Table:
    """Add up the partitions; what none of them knows stays unknown."""
    rows = [leaf.rows for leaf in leaves if leaf.rows is not None]
    sizes = [leaf.bytes for leaf in leaves if leaf.bytes is not None]
    return replace(
        table,
        rows=sum(rows) if rows or not leaves else None,
        bytes=sum(sizes) if sizes or not leaves else None,
    )
