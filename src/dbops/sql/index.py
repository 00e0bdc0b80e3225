"""Index statements that run CONCURRENTLY: what one has to know to resume after a failure half-way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dbops.sql.nodes import Node, Relation, choice, enabled, inner, kind, named, options, relation

Target = Literal["INDEX", "TABLE", "SCHEMA", "DATABASE"]


@dataclass(frozen=True, slots=True)
class ConcurrentIndex:
    """A CREATE INDEX, DROP INDEX or REINDEX that runs CONCURRENTLY.

    ``names`` are those of ``target``: the indexes, or what REINDEX works on. They are empty where the server chooses:
    CREATE INDEX without a name, REINDEX DATABASE of the current one. PostgreSQL refuses DROP INDEX CONCURRENTLY of
    several. A new index gets its table's schema; only CREATE names the ``table``.
    ``conditional`` is IF NOT EXISTS or IF EXISTS.
    """

    action: Literal["create", "drop", "reindex"]
    target: Target
    names: tuple[Relation, ...]
    table: Relation | None = None
    conditional: bool = False


def concurrent_index(node: Node | None) -> ConcurrentIndex | None:
    """Return what the statement does to indexes concurrently, or None if it does not."""
    if node is None:
        return None
    match kind(node):
        case "IndexStmt" if node.concurrent:
            return _create(node)
        case "DropStmt" if node.concurrent:
            return ConcurrentIndex("drop", "INDEX", tuple(_objects(node.objects)), conditional=node.missing_ok)
        case "ReindexStmt" if enabled(options(node.params).get("concurrently"), default=False):
            return _reindex(node)
    return None


def _create(node: Node) -> ConcurrentIndex:
    table = relation(node.relation)
    names = (Relation(table.schema, node.idxname),) if node.idxname else ()
    return ConcurrentIndex("create", "INDEX", names, table, conditional=node.if_not_exists)


def _objects(objects: Iterable[Node]) -> Iterable[Relation]:
    return (named(inner(item).items) for item in objects)


def _reindex(node: Node) -> ConcurrentIndex | None:
    if node.HasField("relation"):
        target: Target = "INDEX" if choice(node, "kind") == "REINDEX_OBJECT_INDEX" else "TABLE"
        return ConcurrentIndex("reindex", target, (relation(node.relation),))
    match choice(node, "kind"):
        case "REINDEX_OBJECT_SCHEMA":
            return ConcurrentIndex("reindex", "SCHEMA", (Relation(None, node.name),))
        case "REINDEX_OBJECT_DATABASE":
            return ConcurrentIndex("reindex", "DATABASE", (Relation(None, node.name),) if node.name else ())
    return None  # REINDEX SYSTEM CONCURRENTLY, which PostgreSQL refuses
