"""What the statements of a text read and write, and whether a server in recovery takes them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dbops.sql.lock_modes import Lock, Mode
from dbops.sql.locks import taken
from dbops.sql.nodes import Node, choice, enabled, inner, kind, options, relation
from dbops.sql.normalized import readable
from dbops.sql.purpose import Purpose, purpose_of
from dbops.sql.split import SqlSyntaxError, Statement, split
from dbops.sql.transactions import control

_HARMLESS = frozenset(
    {
        "VariableShowStmt", "FetchStmt", "ClosePortalStmt", "DeallocateStmt", "DiscardStmt",
        "ConstraintsSetStmt", "LoadStmt", "TransactionStmt",
    }
)  # fmt: skip
_AROUND_A_QUERY = frozenset({"DeclareCursorStmt", "ExplainStmt", "PrepareStmt"})
_RUNS_OTHERS = frozenset({"CallStmt", "DoStmt", "ExecuteStmt"})
_UNREADABLE = Purpose(None, "it can't be parsed")


class Access(NamedTuple):
    """What one statement does.

    ``text`` is its own. ``control`` is its command of transaction control, as :func:`dbops.sql.transactions.control`
    says it, ``chained`` that another transaction begins at once. ``writes`` are the relations that it names as those
    it writes or changes; ``runs_others`` says that it runs statements that its text doesn't show (CALL, DO, EXECUTE).
    ``purpose`` is that of the query that it is, or that it is about (DECLARE, EXPLAIN); None for what a standby takes
    without a query (SET, FETCH). A BEGIN has one where a standby takes no such transaction.
    """

    text: str
    control: str | None = None
    chained: bool = False
    writes: frozenset[str] = frozenset()
    runs_others: bool = False
    purpose: Purpose | None = None


def accesses(sql: str) -> tuple[Access, ...]:
    """Return what each statement of a text does, in order; what can't be parsed is one whose purpose is unreadable."""
    try:
        return tuple(map(_access, split(readable(sql), data_apart=True)))
    except (SqlSyntaxError, ValueError):
        return (Access(sql, purpose=_UNREADABLE),)


def _access(statement: Statement) -> Access:
    node = statement.node
    if node is None:
        return Access(statement.text, purpose=purpose_of(None))
    command = control(node)
    if command is not None:
        return Access(statement.text, command, chained=node.chain, purpose=_refused(node.options))
    if kind(node) == "VariableSetStmt":
        return Access(statement.text, purpose=_refused(node.args))
    if kind(node) in _HARMLESS and not _commits_another(node):
        return Access(statement.text)
    return Access(
        statement.text,
        writes=frozenset() if _only_plans(node) else _written(node),
        runs_others=kind(node) in _RUNS_OTHERS,
        purpose=_purpose(node),
    )


def read_by(sql: str) -> Purpose:
    """Return what a statement is for, also where its query is within DECLARE, EXPLAIN or COPY … TO STDOUT."""
    found = accesses(sql)
    if len(found) != 1:
        return _UNREADABLE
    return found[0].purpose or Purpose("it is no query", query=False)


def _refused(modes: Iterable[Node]) -> Purpose | None:
    """Return why a server in recovery refuses a transaction with these modes; None for one that it takes."""
    for mode in (inner(each) for each in modes):
        if kind(mode) != "DefElem":
            continue
        value = inner(mode.arg)
        if mode.defname == "transaction_isolation" and value.sval.sval == "serializable":
            return Purpose("it is serializable", query=False)
        if mode.defname == "transaction_read_only" and not value.ival.ival:
            return Purpose("it is read-write", query=False)
    return None


def _purpose(node: Node) -> Purpose:
    """Return what is run or would be: of DECLARE, EXPLAIN, PREPARE and COPY … TO STDOUT what is inside."""
    if kind(node) in _AROUND_A_QUERY:
        return purpose_of(inner(node.query))
    if kind(node) != "CopyStmt" or node.is_from or node.filename:
        return purpose_of(node)
    if node.HasField("query"):
        return purpose_of(inner(node.query))
    return Purpose(None, relations=frozenset({str(relation(node.relation))}))


def _only_plans(node: Node) -> bool:
    """Whether it is PREPARE, or EXPLAIN without ANALYZE, which run nothing."""
    if kind(node) == "ExplainStmt":
        return not enabled(options(node.options).get("analyze"), default=False)
    return kind(node) == "PrepareStmt"


def _commits_another(node: Node) -> bool:
    """Whether it is COMMIT PREPARED or ROLLBACK PREPARED."""
    return kind(node) == "TransactionStmt" and choice(node, "kind").endswith("_PREPARED")


def _written(node: Node) -> frozenset[str]:
    return frozenset(lock.relation for lock in taken(node).locks if _writes(lock))


def _writes(lock: Lock) -> bool:
    return lock.named and lock.mode.strength >= Mode.ROW_EXCLUSIVE.strength
