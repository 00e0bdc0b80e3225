"""Locks of the utility statements but ALTER TABLE: each function yields those of one kind of statement."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.sql.lock_modes import Fact, Mode, Unknown, on, on_unnamed, without_unknown
from dbops.sql.nodes import Node, Relation, choice, definition, enabled, inner, named, options
from dbops.sql.query_locks import facts as query_facts

_RELATIONS = frozenset(
    {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE", "OBJECT_INDEX"}
)
_ON_A_TABLE = frozenset({"OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY", "OBJECT_TABCONSTRAINT"})
_DEPENDENTS = Unknown("what depends on it")
_COMPOSITE = Unknown("the type's own relation, if it is a composite type")


def create_index(node: Node) -> Iterator[Fact]:
    """CREATE INDEX."""
    yield on(Mode.SHARE_UPDATE_EXCLUSIVE if node.concurrent else Mode.SHARE, node.relation)


def drop(node: Node) -> Iterator[Fact]:
    """DROP of anything but databases, roles, tablespaces and subscriptions."""
    target = choice(node, "remove_type")
    mode = Mode.SHARE_UPDATE_EXCLUSIVE if node.concurrent else Mode.ACCESS_EXCLUSIVE
    for item in (inner(item) for item in node.objects):
        if target in _RELATIONS:
            yield on(mode, named(item.items))
        if target == "OBJECT_INDEX":
            yield on_unnamed(mode, f"the table of index {named(item.items)}")
        elif target in _ON_A_TABLE:
            yield on(mode, named(item.items[:-1]))
        elif target == "OBJECT_STATISTIC_EXT":
            yield on_unnamed(Mode.SHARE_UPDATE_EXCLUSIVE, f"the table of statistics {named(item.items)}")
    if target in {"OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"}:
        yield Unknown("tables at the other end of its foreign keys, and its parent if it is a partition")
    elif target == "OBJECT_TYPE":
        yield _COMPOSITE
    elif target == "OBJECT_EXTENSION":
        yield Unknown("what belongs to the extension")
    if choice(node, "behavior") == "DROP_CASCADE":
        yield _DEPENDENTS


def truncate(node: Node) -> Iterator[Fact]:
    """TRUNCATE."""
    for table in node.relations:
        yield on(Mode.ACCESS_EXCLUSIVE, inner(table))
    if node.restart_seqs:
        yield on_unnamed(Mode.ACCESS_EXCLUSIVE, "the sequences of its columns")
    if choice(node, "behavior") == "DROP_CASCADE":
        yield Unknown("tables that reference it")


def create_trigger(node: Node) -> Iterator[Fact]:
    """CREATE TRIGGER."""
    yield on(Mode.SHARE_ROW_EXCLUSIVE, node.relation)
    if node.HasField("constrrel"):
        yield on(Mode.ACCESS_SHARE, node.constrrel)


def policy(node: Node) -> Iterator[Fact]:
    """CREATE and ALTER POLICY."""
    yield on(Mode.ACCESS_EXCLUSIVE, node.table)
    for condition in (inner(node.qual), inner(node.with_check)):
        if condition is not None:
            yield from without_unknown(query_facts(condition))


def create_statistics(node: Node) -> Iterator[Fact]:
    """CREATE STATISTICS."""
    for table in node.relations:
        yield on(Mode.SHARE_UPDATE_EXCLUSIVE, inner(table))


def rename(node: Node) -> Iterator[Fact]:
    """RENAME of anything."""
    target = choice(node, "rename_type")
    if node.HasField("relation"):
        yield on(Mode.SHARE_UPDATE_EXCLUSIVE if target == "OBJECT_INDEX" else Mode.ACCESS_EXCLUSIVE, node.relation)
    elif target == "OBJECT_TYPE":
        yield _COMPOSITE
    if choice(node, "behavior") == "DROP_CASCADE":
        yield _DEPENDENTS


def set_schema(node: Node) -> Iterator[Fact]:
    """SET SCHEMA of anything."""
    if node.HasField("relation"):
        yield on(Mode.ACCESS_EXCLUSIVE, node.relation)


def set_owner(node: Node) -> Iterator[Fact]:
    """OWNER TO of anything that is no relation."""
    if choice(node, "object_type") == "OBJECT_TYPE":
        yield _COMPOSITE


def depends_on_extension(node: Node) -> Iterator[Fact]:
    """DEPENDS ON EXTENSION."""
    if node.HasField("relation"):
        trigger = choice(node, "object_type") == "OBJECT_TRIGGER"
        yield on(Mode.ACCESS_SHARE if trigger else Mode.ACCESS_EXCLUSIVE, node.relation)


def comment(node: Node) -> Iterator[Fact]:
    """COMMENT ON and SECURITY LABEL ON."""
    target = choice(node, "objtype")
    if target in _RELATIONS:
        yield on(Mode.SHARE_UPDATE_EXCLUSIVE, named(inner(node.object).items))
    elif target == "OBJECT_COLUMN":
        yield on(Mode.SHARE_UPDATE_EXCLUSIVE, named(inner(node.object).items[:-1]))
    elif target in _ON_A_TABLE:
        yield on(Mode.ACCESS_SHARE, named(inner(node.object).items[:-1]))


def grant(node: Node) -> Iterator[Fact]:
    """GRANT and REVOKE on relations named one by one: a lock of newer releases, 18.6 among them; 15 takes none."""
    target = choice(node, "objtype")
    if target in {"OBJECT_TABLE", "OBJECT_SEQUENCE"} and choice(node, "targtype") == "ACL_TARGET_OBJECT":
        for item in node.objects:
            yield on(Mode.ACCESS_SHARE, inner(item))


def create_sequence(node: Node) -> Iterator[Fact]:
    """CREATE SEQUENCE."""
    owner = options(node.options).get("owned_by")
    column = [] if owner is None else inner(owner.arg).items
    if len(column) > 1:  # else OWNED BY NONE
        yield on(Mode.ACCESS_SHARE, named(column[:-1]))


def alter_sequence(node: Node) -> Iterator[Fact]:
    """ALTER SEQUENCE."""
    yield on(Mode.SHARE_ROW_EXCLUSIVE, node.sequence)
    yield from create_sequence(node)


def vacuum(node: Node) -> Iterator[Fact]:
    """VACUUM and ANALYZE."""
    full = node.is_vacuumcmd and "full" in options(node.options)
    full = full and enabled(options(node.options)["full"], default=False)
    mode = Mode.ACCESS_EXCLUSIVE if full else Mode.SHARE_UPDATE_EXCLUSIVE
    for item in node.rels:
        yield on(mode, inner(item).relation)
    if not node.rels:
        yield on_unnamed(mode, "every table of the database")


def cluster(node: Node) -> Iterator[Fact]:
    """CLUSTER."""
    if node.HasField("relation"):
        yield on(Mode.ACCESS_EXCLUSIVE, node.relation)
    else:
        yield on_unnamed(Mode.ACCESS_EXCLUSIVE, "every table that was clustered before")


def reindex(node: Node) -> Iterator[Fact]:
    """REINDEX; the index's ACCESS EXCLUSIVE blocks reads of its table, because planning locks every index."""
    concurrently = enabled(options(node.params).get("concurrently"), default=False)
    on_table = Mode.SHARE_UPDATE_EXCLUSIVE if concurrently else Mode.SHARE
    on_index = Mode.SHARE_UPDATE_EXCLUSIVE if concurrently else Mode.ACCESS_EXCLUSIVE
    match choice(node, "kind").removeprefix("REINDEX_OBJECT_"):
        case "INDEX":
            yield on(on_index, node.relation)
            yield on_unnamed(on_table, f"the table of index {_name(node)}")
        case "TABLE":
            yield on(on_table, node.relation)
            yield on_unnamed(on_index, f"the indexes of {_name(node)}")
        case scope:
            yield on_unnamed(on_table, f"the tables of the {scope.lower()}")
            yield on_unnamed(on_index, f"the indexes of the {scope.lower()}")


def _name(node: Node) -> Relation:
    return Relation(node.relation.schemaname or None, node.relation.relname)


def refresh(node: Node) -> Iterator[Fact]:
    """REFRESH MATERIALIZED VIEW."""
    yield on(Mode.EXCLUSIVE if node.concurrent else Mode.ACCESS_EXCLUSIVE, node.relation)
    if not node.skip_data:
        yield Unknown("what its query reads")


def lock_table(node: Node) -> Iterator[Fact]:
    """LOCK TABLE."""
    mode = next(mode for mode in Mode if mode.strength == node.mode)
    for table in node.relations:
        yield on(mode, inner(table))


def publication(node: Node) -> Iterator[Fact]:
    """CREATE and ALTER PUBLICATION."""
    for item in (inner(item) for item in node.pubobjects):
        if item.HasField("pubtable"):
            yield on(Mode.SHARE_UPDATE_EXCLUSIVE, item.pubtable.relation)
    if "action" in node.DESCRIPTOR.fields_by_name and choice(node, "action") == "AP_SetObjects":
        yield Unknown("the tables it published before")


def alter_domain(node: Node) -> Iterator[Fact]:
    """ALTER DOMAIN: a new constraint is checked in every table with a column of the domain."""
    added = node.subtype == "C" and not definition(node).skip_validation
    if added or node.subtype in {"O", "V"}:  # SET NOT NULL, VALIDATE CONSTRAINT
        yield on_unnamed(Mode.SHARE, f"the tables with columns of domain {named(node.type_name)}")


def set_constraints(node: Node) -> Iterator[Fact]:
    """SET CONSTRAINTS: IMMEDIATE checks what was deferred."""
    if not node.deferred:
        yield Unknown("what the constraints' triggers lock")
