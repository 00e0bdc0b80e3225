"""Several ALTER TABLE of one table, one after the other, that could be one statement.

Why: Each takes its lock anew and, where it scans or rewrites, goes through the table once more. One ALTER TABLE with
several subcommands goes through it once.

Instead: Join them: `ALTER TABLE t ADD COLUMN a …, ADD COLUMN b …`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import behind_target
from dbops.lint.changes.passes import passes
from dbops.lint.rule import Found
from dbops.lint.script import State
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.nodes import choice, definition, inner, kind, relation
from dbops.sql.split import Statement

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
_TABLE = "-- schema: CREATE TABLE orders (id int PRIMARY KEY, total int)\n"
BAD = (
    f"{_TABLE}ALTER TABLE orders ADD COLUMN paid boolean;\nALTER TABLE orders ADD COLUMN note text",
    f"{_TABLE}ALTER TABLE orders ALTER id TYPE bigint;\nALTER TABLE orders ALTER total TYPE bigint",
)
GOOD = (
    f"{_TABLE}ALTER TABLE orders ADD COLUMN paid boolean, ADD COLUMN note text",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN token uuid;\n"
    "ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid()",
    "-- schema: CREATE TYPE pair AS (a int, b int)\n"
    "ALTER TYPE pair ALTER ATTRIBUTE a TYPE bigint;\nALTER TYPE pair ALTER ATTRIBUTE b TYPE bigint",
    f"{_TABLE}-- schema: CREATE TABLE lines (id int PRIMARY KEY)\n"
    "ALTER TABLE orders ADD COLUMN paid boolean;\nALTER TABLE lines ADD COLUMN paid boolean",
    f"{_TABLE}CREATE TABLE lines (id int);\nALTER TABLE lines ADD COLUMN a int;\nALTER TABLE lines ADD COLUMN b int",
)
# A CHECK that proves SET NOT NULL must be dropped after it; the others can't be joined, or should not.
_ALONE = frozenset(
    {
        "AT_AttachPartition",
        "AT_DetachPartition",
        "AT_DetachPartitionFinalize",
        "AT_SetNotNull",
        "AT_ValidateConstraint",
    }
)


def check(change: Change) -> Iterator[Found]:
    """Find the second of a run of statements that could be one."""
    run = _run(change)
    if run is None:
        return
    through = [each for each in run if passes(_before(change, each))]
    first, *_ = run
    if len(through) > 1:
        yield change.found(
            f"{len(through)} ALTER TABLE in a row, from line {change.line(first)} on, each go through {change.sized()}",
            f"-- in one statement, which goes through it once:\n{_joined(change, run)};",
            severity=weighed(change.table(), SEVERITY),
        )
        return
    yield change.found(
        f"{len(run)} ALTER TABLE of {change.target} in a row, from line {change.line(first)} on, could be one",
        f"{_joined(change, run)};",
        severity=Severity.INFO,
    )


def _run(change: Change) -> list[Statement] | None:
    """Return the statements in a row of which the change is the second, None where it isn't."""
    before = change.earlier
    if not before or not _joinable(change, before[-1]) or not _joinable(change, change.statement):
        return None
    if (len(before) > 1 and _joinable(change, before[-2])) or not change.is_shared() or _follows(change, before[-1]):
        return None
    run = [before[-1], change.statement]
    for statement in change.later:
        if not _joinable(change, statement):
            break
        run.append(statement)
    return run


def _joined(change: Change, run: list[Statement]) -> str:
    """Return the statements of the run as one."""
    parts = [_behind_name(_before(change, each)) for each in run]
    return f"ALTER TABLE {change.target} " + ",\n  ".join(parts)


def _behind_name(change: Change) -> str:
    end = change.statement.start + len(change.statement.text)
    return change.script.sql[behind_target(change) : end].strip()


def _joinable(change: Change, statement: Statement) -> bool:
    """Whether it is an ALTER TABLE of the change's table that can be one with others."""
    node = statement.node
    if node is None or kind(node) != "AlterTableStmt" or relation(node.relation) != change.target:
        return False
    table = choice(node, "objtype") == "OBJECT_TABLE"  # rather than a composite type
    return table and all(choice(inner(command), "subtype") not in _ALONE for command in node.cmds)


def _follows(change: Change, before: Statement) -> bool:
    """Whether the change is about a column that the statement before adds, and so may need to come after it."""
    commands = [inner(command) for command in before.node.cmds] if before.node is not None else []
    added = {definition(each).colname for each in commands if choice(each, "subtype") == "AT_AddColumn"}
    return any(command.name in added for command in change.commands)


def _before(change: Change, statement: Statement) -> Change:
    """Return a statement of the run as a change of the schema that was there before the script."""
    state = State(change.script.schema, change.state.made, change.state.opened)
    return replace(change, statement=statement, node=statement.node, state=state)
