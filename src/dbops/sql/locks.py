"""Which relations a statement locks, how strongly, and what that blocks.

Counted are the locks that a statement takes itself on relations that exist before it. Left out, because no text can
tell: partitions and inheritance children (locked as their parent), the tables under a view, indexes that the planner
opens or that go with their table, and what triggers, rules, foreign-key checks and event triggers lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dbops.sql import alter_locks, query_locks, utility_locks
from dbops.sql.lock_modes import Fact, Lock, Mode, Unknown, on, without_unknown
from dbops.sql.nodes import Node, inner, kind, options

__all__ = ["Lock", "Locks", "Mode", "taken"]


@dataclass(frozen=True, slots=True)
class Locks:
    """What a statement locks: one lock a relation, the strongest first.

    ``unknown`` is None when these are all that this module counts. Otherwise it says in a phrase what else the
    statement may lock; then no locks does not mean none.
    """

    locks: tuple[Lock, ...]
    unknown: str | None = None

    @property
    def strongest(self) -> Lock | None:
        """The strongest lock that is known."""
        return self.locks[0] if self.locks else None


def taken(node: Node | None) -> Locks:
    """Return the locks of a statement; None, a statement too deep to be read, has unknown ones."""
    facts = [Unknown("anything: it is too deep to be analysed")] if node is None else list(_facts(node))
    unknown = dict.fromkeys(fact.what for fact in facts if isinstance(fact, Unknown))
    return Locks(_merged(fact for fact in facts if isinstance(fact, Lock)), "; ".join(unknown) or None)


def _merged(locks: Iterable[Lock]) -> tuple[Lock, ...]:
    """Keep the strongest lock on each relation, in the statement's order where two are as strong."""
    strongest: dict[str, Lock] = {}
    for lock in locks:
        known = strongest.get(lock.relation)
        if known is None or lock.mode.strength > known.mode.strength:
            strongest[lock.relation] = lock
    return tuple(sorted(strongest.values(), key=lambda lock: -lock.mode.strength))


def _facts(node: Node) -> Iterator[Fact]:
    name = kind(node)
    if name in _HANDLERS:
        yield from _HANDLERS[name](node)
    elif name not in _NO_RELATION:
        yield Unknown(_WHY_UNKNOWN.get(name, f"anything: {name} is not analysed"))


def _query(node: Node) -> Iterator[Fact]:
    """EXPLAIN, CREATE TABLE AS, DECLARE CURSOR: the locks of the statement inside."""
    yield from _facts(inner(node.query))


def _prepare(node: Node) -> Iterator[Fact]:
    yield from without_unknown(_query(node))


def _copy(node: Node) -> Iterator[Fact]:
    if node.HasField("relation"):
        yield on(Mode.ROW_EXCLUSIVE if node.is_from else Mode.ACCESS_SHARE, node.relation)
    else:
        yield from _query(node)


def _view(node: Node) -> Iterator[Fact]:
    if node.replace:  # if it exists
        yield on(Mode.ACCESS_EXCLUSIVE, node.view)
    yield from without_unknown(_query(node))


def _rule(node: Node) -> Iterator[Fact]:
    yield on(Mode.ACCESS_EXCLUSIVE, node.relation)
    for action in node.actions:
        yield from without_unknown(_facts(inner(action)))


def _schema(node: Node) -> Iterator[Fact]:
    for element in node.schema_elts:
        yield from _facts(inner(element))


def _foreign_table(node: Node) -> Iterator[Fact]:
    yield from alter_locks.create_table(node.base_stmt)


def _function(node: Node) -> Iterator[Fact]:
    """CREATE FUNCTION: PostgreSQL analyses a body in SQL, and so locks what it names."""
    language = options(node.options).get("language")
    if node.HasField("sql_body"):
        yield from without_unknown(query_locks.facts(node.sql_body))
    elif language is not None and inner(language.arg).sval == "sql":
        yield Unknown("relations that its body names")


_HANDLERS: dict[str, Callable[[Node], Iterator[Fact]]] = {
    "AlterDomainStmt": utility_locks.alter_domain,
    "AlterObjectDependsStmt": utility_locks.depends_on_extension,
    "AlterObjectSchemaStmt": utility_locks.set_schema,
    "AlterOwnerStmt": utility_locks.set_owner,
    "AlterPolicyStmt": utility_locks.policy,
    "AlterPublicationStmt": utility_locks.publication,
    "AlterSeqStmt": utility_locks.alter_sequence,
    "AlterTableStmt": alter_locks.alter_table,
    "ClusterStmt": utility_locks.cluster,
    "CommentStmt": utility_locks.comment,
    "ConstraintsSetStmt": utility_locks.set_constraints,
    "CopyStmt": _copy,
    "CreateForeignTableStmt": _foreign_table,
    "CreateFunctionStmt": _function,
    "CreatePolicyStmt": utility_locks.policy,
    "CreatePublicationStmt": utility_locks.publication,
    "CreateSchemaStmt": _schema,
    "CreateSeqStmt": utility_locks.create_sequence,
    "CreateStatsStmt": utility_locks.create_statistics,
    "CreateStmt": alter_locks.create_table,
    "CreateTableAsStmt": _query,
    "CreateTrigStmt": utility_locks.create_trigger,
    "DeclareCursorStmt": _query,
    "DeleteStmt": query_locks.facts,
    "DropStmt": utility_locks.drop,
    "ExplainStmt": _query,
    "GrantStmt": utility_locks.grant,
    "IndexStmt": utility_locks.create_index,
    "InsertStmt": query_locks.facts,
    "LockStmt": utility_locks.lock_table,
    "MergeStmt": query_locks.facts,
    "PrepareStmt": _prepare,
    "RefreshMatViewStmt": utility_locks.refresh,
    "ReindexStmt": utility_locks.reindex,
    "RenameStmt": utility_locks.rename,
    "RuleStmt": _rule,
    "SecLabelStmt": utility_locks.comment,
    "SelectStmt": query_locks.facts,
    "TruncateStmt": utility_locks.truncate,
    "UpdateStmt": query_locks.facts,
    "VacuumStmt": utility_locks.vacuum,
    "ViewStmt": _view,
}

_WHY_UNKNOWN = {
    "AlterExtensionStmt": "what the extension's script locks",
    "AlterSubscriptionStmt": "the tables it subscribes to",
    "AlterTableMoveAllStmt": "every table, index or materialized view of the tablespace",
    "CallStmt": "what the procedure locks",
    "CreateExtensionStmt": "what the extension's script locks",
    "CreateSubscriptionStmt": "the tables it subscribes to",
    "DoStmt": "what the block locks",
    "DropOwnedStmt": "what the role owns or has privileges on",
    "ExecuteStmt": "what the prepared statement locks",
    "FetchStmt": "what the cursor's query locks",
    "ReassignOwnedStmt": "what the role owns",
}

# fmt: off
_NO_RELATION = frozenset({
    "AlterCollationStmt", "AlterDatabaseRefreshCollStmt", "AlterDatabaseSetStmt", "AlterDatabaseStmt",
    "AlterDefaultPrivilegesStmt", "AlterEnumStmt", "AlterEventTrigStmt", "AlterExtensionContentsStmt",
    "AlterFdwStmt", "AlterForeignServerStmt", "AlterFunctionStmt", "AlterOpFamilyStmt", "AlterOperatorStmt",
    "AlterRoleSetStmt", "AlterRoleStmt", "AlterStatsStmt", "AlterSystemStmt", "AlterTSConfigurationStmt",
    "AlterTSDictionaryStmt", "AlterTableSpaceOptionsStmt", "AlterTypeStmt", "AlterUserMappingStmt",
    "CheckPointStmt", "ClosePortalStmt", "CompositeTypeStmt", "CreateAmStmt", "CreateCastStmt",
    "CreateConversionStmt", "CreateDomainStmt", "CreateEnumStmt", "CreateEventTrigStmt", "CreateFdwStmt",
    "CreateForeignServerStmt", "CreateOpClassStmt", "CreateOpFamilyStmt", "CreatePLangStmt", "CreateRangeStmt",
    "CreateRoleStmt", "CreateTableSpaceStmt", "CreateTransformStmt", "CreateUserMappingStmt", "CreatedbStmt",
    "DeallocateStmt", "DefineStmt", "DiscardStmt", "DropRoleStmt", "DropSubscriptionStmt", "DropTableSpaceStmt",
    "DropUserMappingStmt", "DropdbStmt", "GrantRoleStmt", "ImportForeignSchemaStmt", "ListenStmt", "LoadStmt",
    "NotifyStmt", "TransactionStmt", "UnlistenStmt", "VariableSetStmt", "VariableShowStmt",
})
# fmt: on
