"""Disabled triggers let rows in that nothing has checked.

Why: Foreign keys are triggers: with `DISABLE TRIGGER ALL` or `session_replication_role = replica` rows may point to
nothing, and enabling them again checks no row that came in between. Audit and denormalising triggers miss their rows.
DISABLE TRIGGER holds for every session, also for those of the application.

Instead: A setting that the trigger function looks at (`current_setting('app.quiet', true)`), set with SET LOCAL. For
foreign keys: load in the right order, or declare them DEFERRABLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Node, Relation, choice, inner, kind

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt", "VariableSetStmt")
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders DISABLE TRIGGER ALL",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders DISABLE TRIGGER USER",
    "SET session_replication_role = replica",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders ENABLE TRIGGER ALL",
    "SET session_replication_role = origin",
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nALTER TABLE orders DISABLE TRIGGER USER",
)


def check(change: Change) -> Iterator[Found]:
    """Find triggers that are switched off."""
    if kind(change.node) == "VariableSetStmt":
        if _is_replica(change.node):
            yield change.found(
                "foreign keys and triggers don't run in this session: rows may point to nothing unnoticed",
                "load in the order of the foreign keys, or declare them DEFERRABLE",
            )
    elif change.is_shared():
        for command in change.commands:
            if choice(command, "subtype").startswith("AT_DisableTrig"):
                yield _found(change, command)


def _is_replica(node: Node) -> bool:
    if node.name.lower() != "session_replication_role" or choice(node, "kind") != "VAR_SET_VALUE":
        return False
    value = inner(node.args[0])
    return kind(value) == "A_Const" and value.sval.sval.lower() == "replica"


def _found(change: Change, command: Node) -> Found:
    match choice(command, "subtype"):
        case "AT_DisableTrigAll":
            what = "foreign keys and triggers"
        case "AT_DisableTrigUser":
            what = "triggers"
        case _:
            what = f"trigger {Relation(None, command.name)}"
    verb = "does not" if command.name else "don't"
    return change.found(
        f"{what} of {change.target} {verb} run, for nobody: rows that come in are not looked at later either",
        "let the trigger function look at a setting instead, set with SET LOCAL for this session only",
    )
