"""Whether a script sets a timeout before a statement that waits for a lock. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from dbops.lint.changes.change import Change
from dbops.lint.script import Origin
from dbops.sql.lock_modes import Lock, Mode
from dbops.sql.nodes import Node, choice, inner, kind, named
from dbops.sql.split import Statement
from dbops.sql.transactions import control

LOCKING = (
    "AlterTableStmt", "AlterObjectSchemaStmt", "ClusterStmt", "CreatePolicyStmt", "AlterPolicyStmt", "CreateStmt",
    "CreateTrigStmt", "DropStmt", "IndexStmt", "LockStmt", "RefreshMatViewStmt", "ReindexStmt", "RenameStmt",
    "RuleStmt", "TruncateStmt", "VacuumStmt", "ViewStmt",
)  # fmt: skip
_BORDERS = frozenset({"BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "PREPARE TRANSACTION"})
_OFF = frozenset({"", "0", "0ms", "0s", "default"})


class _Event(Enum):
    BORDER = "a transaction begins or ends"
    WAITS = "a statement takes a strong lock on something that exists"


@dataclass(frozen=True, slots=True)
class _Set:
    """A statement sets the timeout, for its transaction only when ``local``; ``bounds`` is false for "no timeout"."""

    local: bool
    bounds: bool


def unbounded(change: Change, setting: str) -> Lock | None:
    """Return the lock that a statement of a plain script may wait for without end, None when there is none.

    That is a SHARE lock or a stronger one on something that exists, while nothing before in the script has set the
    timeout. Of several such statements only the first is told.
    """
    if change.script.origin is not Origin.SQL or change.script.bounded:
        return None
    lock = _awaited(change, change.statement)
    return lock if lock is not None and not _known_before(change, setting) else None


def _known_before(change: Change, setting: str) -> bool:
    """Whether the timeout is set before the statement, or its absence has been told of an earlier one.

    Walks back, and no farther than to the transaction of the last statement that waits too.
    """
    crossed = told = False
    for event in _events(change, setting):
        if isinstance(event, _Set):
            if not event.local:
                return event.bounds
            if told:  # the earlier statement was bounded, by what ended with its transaction
                return False
            if not crossed and change.in_transaction:
                return event.bounds
        elif event is _Event.BORDER:
            if told:
                return True
            crossed = True
        elif not crossed:
            return True
        else:
            told = True
    return told


def _events(change: Change, setting: str) -> Iterator[_Set | _Event]:
    """Yield what matters before the statement, the last first."""
    for statement in reversed(change.script.statements[: change.statement.index]):
        if statement.node is None:
            continue
        done = _sets(statement.node, setting)
        if done is not None:
            yield done
        elif control(statement.node) in _BORDERS:
            yield _Event.BORDER
        elif _awaited(change, statement) is not None:
            yield _Event.WAITS


def _awaited(change: Change, statement: Statement) -> Lock | None:
    """Return the strong lock that a statement takes on what the script did not make."""
    locks = change.script.locks[statement.index]
    strong = (lock for lock in locks if lock.mode.strength >= Mode.SHARE.strength and not change.made(lock))
    return next(strong, None) if kind(statement.node) in LOCKING else None


def _sets(node: Node, setting: str) -> _Set | None:
    match kind(node):
        case "VariableSetStmt" if choice(node, "kind") == "VAR_RESET_ALL":
            return _Set(local=False, bounds=False)
        case "VariableSetStmt" if node.name.lower() == setting:
            bounds = choice(node, "kind") == "VAR_SET_VALUE" and _bounds(inner(node.args[0]))
            return _Set(local=node.is_local, bounds=bounds)
        case "SelectStmt":
            done = (_set_config(call, setting) for call in _calls(node))
            return next((each for each in done if each is not None), None)
    return None


def _calls(node: Node) -> Iterator[Node]:
    for target in node.target_list:
        value = inner(inner(target).val)
        if value is not None and kind(value) == "FuncCall":
            yield value


def _set_config(call: Node, setting: str) -> _Set | None:
    if named(call.funcname).name != "set_config" or len(call.args) != 3:
        return None
    name, value, local = map(inner, call.args)
    if kind(name) != "A_Const" or name.sval.sval.lower() != setting:
        return None
    return _Set(local=kind(local) == "A_Const" and local.boolval.boolval, bounds=_bounds(value))


def _bounds(value: Node) -> bool:
    """Whether a timeout's value is one: 0 means none. What is no constant is taken to be one."""
    if kind(value) != "A_Const":
        return True
    if value.HasField("ival"):
        return bool(value.ival.ival)
    return value.sval.sval.strip().lower() not in _OFF
