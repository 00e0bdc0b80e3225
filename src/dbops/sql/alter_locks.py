"""Locks of ALTER TABLE, and of what PostgreSQL treats as it: ALTER INDEX, VIEW, SEQUENCE, MATERIALIZED VIEW.

The levels are those of AlterTableGetLockLevel in PostgreSQL 18's tablecmds.c (the same from 13 on): a statement
takes the strongest of its subcommands.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.sql.lock_modes import Fact, Mode, Unknown, on, on_unnamed
from dbops.sql.nodes import Node, choice, definition, inner, kind, named, relation

_SHARE_UPDATE_EXCLUSIVE = frozenset(
    {
        "AT_AttachPartition",
        "AT_ClusterOn",
        "AT_DetachPartitionFinalize",
        "AT_DropCluster",
        "AT_ResetOptions",
        "AT_SetOptions",
        "AT_SetStatistics",
        "AT_ValidateConstraint",
    }
)
_SHARE_ROW_EXCLUSIVE = frozenset(
    {
        "AT_DisableTrig",
        "AT_DisableTrigAll",
        "AT_DisableTrigUser",
        "AT_EnableAlwaysTrig",
        "AT_EnableReplicaTrig",
        "AT_EnableTrig",
        "AT_EnableTrigAll",
        "AT_EnableTrigUser",
    }
)
_STORAGE = frozenset({"AT_SetRelOptions", "AT_ResetRelOptions", "AT_ReplaceRelOptions"})

# reloptions.c: these need no more than SHARE UPDATE EXCLUSIVE, and so does every autovacuum_… option.
_LIGHT_OPTIONS = frozenset(
    {
        "deduplicate_items",
        "effective_io_concurrency",
        "fillfactor",
        "log_autovacuum_min_duration",
        "n_distinct",
        "n_distinct_inherited",
        "parallel_workers",
        "random_page_cost",
        "seq_page_cost",
        "toast_tuple_target",
        "vacuum_cleanup_index_scale_factor",
        "vacuum_index_cleanup",
        "vacuum_max_eager_freeze_failure_rate",
        "vacuum_truncate",
    }
)

# These drop or rebuild foreign keys, whose triggers sit on both tables.
_TOUCHES_FOREIGN_KEYS = frozenset({"AT_DropColumn", "AT_DropConstraint", "AT_AlterColumnType"})
_FOREIGN_KEY_SIDES = Unknown("tables at the other end of its foreign keys")
_DEFAULT_PARTITION = Unknown("the default partition")


def alter_table(node: Node) -> Iterator[Fact]:
    """Yield the locks on the relation itself and on those its subcommands name."""
    commands = [inner(command) for command in node.cmds]
    yield on(max((_mode(command) for command in commands), key=lambda mode: mode.strength), node.relation)
    for command in commands:
        yield from _others(command, node)


def _mode(command: Node) -> Mode:
    subtype = choice(command, "subtype")
    if subtype in _SHARE_UPDATE_EXCLUSIVE:
        return Mode.SHARE_UPDATE_EXCLUSIVE
    if subtype in _SHARE_ROW_EXCLUSIVE:
        return Mode.SHARE_ROW_EXCLUSIVE
    if subtype in _STORAGE:
        return _storage_mode(command)
    if subtype == "AT_AddConstraint" and _references(definition(command)):
        return Mode.SHARE_ROW_EXCLUSIVE
    if subtype == "AT_DetachPartition" and definition(command).concurrent:
        return Mode.SHARE_UPDATE_EXCLUSIVE
    return Mode.ACCESS_EXCLUSIVE


def _storage_mode(command: Node) -> Mode:
    names = [inner(item).defname for item in definition(command).items]
    light = all(name in _LIGHT_OPTIONS or name.startswith("autovacuum_") for name in names)
    return Mode.SHARE_UPDATE_EXCLUSIVE if light else Mode.ACCESS_EXCLUSIVE


def _others(command: Node, statement: Node) -> Iterator[Fact]:
    """Yield the locks of one subcommand on relations beside the altered one."""
    subtype = choice(command, "subtype")
    target = definition(command)
    match subtype:
        case "AT_AddConstraint" | "AT_AddColumn":
            yield from referenced(target, statement.relation)
        case "AT_AttachPartition" | "AT_DetachPartition":
            yield on(Mode.ACCESS_EXCLUSIVE, target.name)
            yield from _partition_siblings(statement)
        case "AT_DetachPartitionFinalize":
            yield on(Mode.ACCESS_EXCLUSIVE, target.name)
        case "AT_AddInherit":
            yield on(Mode.SHARE_UPDATE_EXCLUSIVE, target)
        case "AT_DropInherit":
            yield on(Mode.ACCESS_SHARE, target)
        case "AT_ClusterOn":
            yield on_unnamed(Mode.SHARE_UPDATE_EXCLUSIVE, f"index {command.name}")
        case "AT_ValidateConstraint":
            yield Unknown("the table it references (ROW SHARE), if it is a foreign key")
        case _ if subtype in _TOUCHES_FOREIGN_KEYS:
            yield _FOREIGN_KEY_SIDES
    if choice(command, "behavior") == "DROP_CASCADE":
        yield Unknown("what depends on it")


def _partition_siblings(statement: Node) -> Iterator[Fact]:
    if choice(statement, "objtype") == "OBJECT_INDEX":
        yield on_unnamed(Mode.ACCESS_SHARE, "the tables of both indexes")
    else:
        yield _DEFAULT_PARTITION
        yield _FOREIGN_KEY_SIDES


def _references(constraint: Node) -> bool:
    return choice(constraint, "contype") == "CONSTR_FOREIGN"


def referenced(element: Node, table: Node) -> Iterator[Fact]:
    """Yield the locks on the tables that foreign keys of a column or constraint reference, other than ``table``."""
    constraints = [element] if kind(element) == "Constraint" else [inner(item) for item in element.constraints]
    for constraint in constraints:
        if _references(constraint) and relation(constraint.pktable) != relation(table):
            yield on(Mode.SHARE_ROW_EXCLUSIVE, constraint.pktable)


def create_table(node: Node) -> Iterator[Fact]:
    """Yield the locks of CREATE TABLE on existing relations: parents, referenced tables, LIKE and OF."""
    partition = node.HasField("partbound")
    for parent in node.inh_relations:
        yield on(Mode.ACCESS_EXCLUSIVE if partition else Mode.SHARE_UPDATE_EXCLUSIVE, inner(parent))
    if partition:
        yield _DEFAULT_PARTITION
        yield _FOREIGN_KEY_SIDES
    if node.HasField("of_typename"):
        yield on(Mode.ACCESS_SHARE, named(node.of_typename.names))
    for element in (inner(item) for item in node.table_elts):
        if kind(element) == "TableLikeClause":
            yield on(Mode.ACCESS_SHARE, element.relation)
        else:
            yield from referenced(element, node.relation)
