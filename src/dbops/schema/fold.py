"""How DDL changes a schema, by PostgreSQL's own grammar: one function a statement, found by the parse node's name."""

from __future__ import annotations

from dbops.schema.model import Schema
from dbops.sql.nodes import Node


def fold(schema: Schema, node: Node | None) -> Schema:
    """Return the schema after a statement has run; the same object when it changes nothing that is modelled."""
    return schema
