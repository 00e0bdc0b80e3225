"""CREATE TYPE and CREATE DOMAIN."""

from __future__ import annotations

from dataclasses import replace

from dbops.schema.create import made_name
from dbops.schema.model import Schema
from dbops.sql.nodes import Node, Relation, named


def create_enum(schema: Schema, node: Node) -> Schema:
    """CREATE TYPE … AS ENUM."""
    return _made(schema, named(node.type_name), "enum")


def create_range(schema: Schema, node: Node) -> Schema:
    """CREATE TYPE … AS RANGE."""
    return _made(schema, named(node.type_name), "range")


def create_domain(schema: Schema, node: Node) -> Schema:
    """CREATE DOMAIN."""
    return _made(schema, named(node.domainname), "domain")


def create_composite(schema: Schema, node: Node) -> Schema:
    """CREATE TYPE … AS (…)."""
    return _made(schema, made_name(schema, node.typevar), "composite")


def _made(schema: Schema, name: Relation, which: str) -> Schema:
    qualified = name if name.schema is not None else Relation(schema.creation_schema, name.name)
    return replace(schema, types={**schema.types, qualified: which})
