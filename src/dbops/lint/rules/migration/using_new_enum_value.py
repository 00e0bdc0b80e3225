"""A value is added to an enum and used in the same transaction, which PostgreSQL refuses.

Why: The new value may be written and compared with only after the transaction that adds it has committed ("unsafe use
of new value"): the migration fails, and all of it is undone. It works only where the type itself was made in the same
transaction. dbops runs ADD VALUE outside of a transaction, unless the file has BEGIN and COMMIT.

Instead: Add the value in a migration of its own, and use it in the next one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import made_here
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Node, Relation, kind, named, relation, walk
from dbops.sql.quote import literal
from dbops.sql.split import Statement

SEVERITY = Severity.ERROR
NODES = ("AlterEnumStmt",)
FAILS = True
_TYPE = (
    "-- schema: CREATE TYPE state AS ENUM ('new', 'done')\n"
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state state)\n"
    "-- schema: INSERT INTO orders VALUES (1, 'new')\n"
)
_ADD = "BEGIN;\nALTER TYPE state ADD VALUE 'paid' BEFORE 'done';\n"
BAD = tuple(
    f"{_TYPE}{runner}{_ADD}{text};\nCOMMIT"
    for runner in ("", "-- plain\n")
    for text in (
        "UPDATE orders SET state = 'paid' WHERE id = 1",
        "ALTER TABLE orders ALTER state SET DEFAULT 'paid'",
        "CREATE VIEW paid AS SELECT 'paid'::state AS s",
    )
)
GOOD = (
    f"{_TYPE}ALTER TYPE state ADD VALUE 'paid' BEFORE 'done'",
    f"{_TYPE}{_ADD}COMMENT ON TYPE state IS 'paid';\nCOMMIT",
    f"{_TYPE}{_ADD}VALUES ('paid');\nCOMMIT",
    "CREATE TYPE mood AS ENUM ('good');\nALTER TYPE mood ADD VALUE 'bad' AFTER 'good';\nSELECT 'bad'::mood",
    f"{_TYPE}{_ADD}COMMIT;\nUPDATE orders SET state = 'paid' WHERE id = 1".replace("BEGIN", "-- plain\nBEGIN"),
)
_USES = frozenset(
    {"AlterTableStmt", "CreateStmt", "CreateTableAsStmt", "DeleteStmt", "IndexStmt", "InsertStmt", "SelectStmt"}
    | {"UpdateStmt", "ViewStmt"}
)


def check(change: Change) -> Iterator[Found]:
    """Find values that a later statement of the transaction uses."""
    enum = named(change.node.type_name)
    if not change.in_transaction or change.node.old_val or made_here(change, enum):
        return
    used = next((each for each in _together(change) if _uses(change, each, enum)), None)
    if used is not None:
        value = literal(change.node.new_val)
        yield change.found(
            f"line {change.line(used)} uses {value} in the transaction that adds it to {enum}: PostgreSQL refuses it,"
            " and the migration fails",
            f"-- in a migration before:\n{change.statement.text};",
        )


def _together(change: Change) -> Iterator[Statement]:
    """Yield the statements that follow in the same transaction."""
    for statement in change.later:
        if statement.node is None:
            continue
        if kind(statement.node) == "TransactionStmt":
            return
        yield statement


def _uses(change: Change, statement: Statement, enum: Relation) -> bool:
    """Whether the statement has the value as a literal, and is about a table or type that makes it one of the enum."""
    if kind(statement.node) not in _USES:
        return False
    nodes = list(walk(statement.node))
    constants = [node for node in nodes if kind(node) == "A_Const" and node.sval.sval == change.node.new_val]
    if not constants:
        return False
    types = [named(node.names) for node in nodes if kind(node) == "TypeName"]
    return any(each.name == enum.name for each in types) or any(_holds(change, node, enum) for node in nodes)


def _holds(change: Change, node: Node, enum: Relation) -> bool:
    """Whether a node names a table that is known to have a column of the enum."""
    table = change.script.schema.table(relation(node)) if kind(node) == "RangeVar" else None
    return table is not None and any(column.type.rsplit(".", 1)[-1] == enum.name for column in table.columns)
