"""What a statement has to do with transactions, by its syntax.

What only the catalog or the run can tell is not here: CLUSTER and REINDEX of a partitioned table cannot run inside
a transaction block either, and DROP SUBSCRIPTION can when the subscription has no slot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dbops.sql.lexer import code
from dbops.sql.nodes import Node, choice, definition, enabled, inner, kind, named, options
from dbops.sql.quote import literal
from dbops.sql.split import Statement

_CONTROL = {
    "TRANS_STMT_BEGIN": "BEGIN",
    "TRANS_STMT_START": "START TRANSACTION",
    "TRANS_STMT_COMMIT": "COMMIT",
    "TRANS_STMT_ROLLBACK": "ROLLBACK",
    "TRANS_STMT_SAVEPOINT": "SAVEPOINT",
    "TRANS_STMT_RELEASE": "RELEASE SAVEPOINT",
    "TRANS_STMT_ROLLBACK_TO": "ROLLBACK TO SAVEPOINT",
    "TRANS_STMT_PREPARE": "PREPARE TRANSACTION",
}
_PREPARED = {
    "TRANS_STMT_COMMIT_PREPARED": "COMMIT PREPARED",
    "TRANS_STMT_ROLLBACK_PREPARED": "ROLLBACK PREPARED",
}


def control(node: Node | None) -> str | None:
    """Return which command of transaction control the statement is, with END as COMMIT and ABORT as ROLLBACK.

    COMMIT PREPARED and ROLLBACK PREPARED end another transaction than the current one: they are None here.
    """
    if node is None or kind(node) != "TransactionStmt":
        return None
    return _CONTROL.get(choice(node, "kind"))


def may_commit(node: Node | None) -> bool:
    """Whether the statement may end the transaction it runs in, which is known only when it runs: CALL and DO."""
    return node is not None and kind(node) in {"CallStmt", "DoStmt"}


def enum_value_added(node: Node | None) -> tuple[str, str] | None:
    """Return type and value of ALTER TYPE … ADD VALUE; the value cannot be used before its transaction commits."""
    if node is None or kind(node) != "AlterEnumStmt" or node.old_val:
        return None
    return str(named(node.type_name)), node.new_val


def outside_transaction(node: Node | None) -> str | None:
    """Return the command, such as CREATE INDEX CONCURRENTLY, if it is one that refuses a transaction block.

    A message of several statements is a transaction block, too.
    """
    if node is None:
        return None
    name = kind(node)
    if name in _ALWAYS:
        return _ALWAYS[name]
    refusal = _SOMETIMES.get(name)
    return None if refusal is None else refusal(node)


_ALWAYS = {
    "AlterSystemStmt": "ALTER SYSTEM",
    "CreateTableSpaceStmt": "CREATE TABLESPACE",
    "CreatedbStmt": "CREATE DATABASE",
    "DropSubscriptionStmt": "DROP SUBSCRIPTION",
    "DropTableSpaceStmt": "DROP TABLESPACE",
    "DropdbStmt": "DROP DATABASE",
}


def _transaction(node: Node) -> str | None:
    return _PREPARED.get(choice(node, "kind"))


def _create_index(node: Node) -> str | None:
    return "CREATE INDEX CONCURRENTLY" if node.concurrent else None


def _drop(node: Node) -> str | None:
    return "DROP INDEX CONCURRENTLY" if node.concurrent else None


def _reindex(node: Node) -> str | None:
    target = choice(node, "kind").removeprefix("REINDEX_OBJECT_")
    if target not in {"INDEX", "TABLE"}:
        return f"REINDEX {target}"
    concurrently = enabled(options(node.params).get("concurrently"), default=False)
    return "REINDEX CONCURRENTLY" if concurrently else None


def _alter_table(node: Node) -> str | None:
    commands = (inner(command) for command in node.cmds)
    concurrently = any(
        choice(command, "subtype") == "AT_DetachPartition" and definition(command).concurrent for command in commands
    )
    return "ALTER TABLE … DETACH PARTITION CONCURRENTLY" if concurrently else None


def _alter_database(node: Node) -> str | None:
    return "ALTER DATABASE … SET TABLESPACE" if "tablespace" in options(node.options) else None


def _cluster(node: Node) -> str | None:
    return None if node.HasField("relation") else "CLUSTER of every table"


def _vacuum(node: Node) -> str | None:
    return "VACUUM" if node.is_vacuumcmd else None


def _discard(node: Node) -> str | None:
    return "DISCARD ALL" if choice(node, "target") == "DISCARD_ALL" else None


def _create_subscription(node: Node) -> str | None:
    given = options(node.options)
    connect = enabled(given.get("connect"), default=True)
    return "CREATE SUBSCRIPTION with a slot" if enabled(given.get("create_slot"), default=connect) else None


def _alter_subscription(node: Node) -> str | None:
    given = options(node.options)
    match choice(node, "kind"):
        case "ALTER_SUBSCRIPTION_REFRESH":
            return "ALTER SUBSCRIPTION … REFRESH PUBLICATION"
        case (
            "ALTER_SUBSCRIPTION_SET_PUBLICATION"
            | "ALTER_SUBSCRIPTION_ADD_PUBLICATION"
            | "ALTER_SUBSCRIPTION_DROP_PUBLICATION"
        ) if enabled(given.get("refresh"), default=True):
            return "ALTER SUBSCRIPTION … PUBLICATION with refresh"
        case "ALTER_SUBSCRIPTION_OPTIONS" if "failover" in given or not enabled(given.get("two_phase"), default=True):
            return "ALTER SUBSCRIPTION … SET (failover or two_phase)"  # these change the slot, since 17 and 18
    return None


_SOMETIMES: dict[str, Callable[[Node], str | None]] = {
    "AlterDatabaseStmt": _alter_database,
    "AlterSubscriptionStmt": _alter_subscription,
    "AlterTableStmt": _alter_table,
    "ClusterStmt": _cluster,
    "CreateSubscriptionStmt": _create_subscription,
    "DiscardStmt": _discard,
    "DropStmt": _drop,
    "IndexStmt": _create_index,
    "ReindexStmt": _reindex,
    "TransactionStmt": _transaction,
    "VacuumStmt": _vacuum,
}


def alone(statements: tuple[Statement, ...]) -> dict[int, str]:
    """Return why statements can't be in one transaction with the others, by their index."""
    reasons = {s.index: reason for s in statements if (reason := outside_transaction(s.node)) is not None}
    for statement in statements:
        added = enum_value_added(statement.node)
        if added is None:
            continue
        _, value = added
        written = literal(value)
        if any(written in later.text for later in statements[statement.index + 1 :]):
            reasons[statement.index] = f"ALTER TYPE … ADD VALUE '{value}', which a later statement uses,"
    return reasons


def unwrap(sql: str, statements: tuple[Statement, ...]) -> tuple[str, tuple[Statement, ...]]:
    """Take off the one BEGIN … COMMIT that a whole text may be wrapped in.

    Where the first statement is BEGIN (or START TRANSACTION) without a mode, the last one COMMIT (or END) without
    AND CHAIN, and no other transaction control stands between: return the text with spaces in place of the two and
    of their semicolons, so that every offset still holds, and the statements between, counted anew. Otherwise
    return both as they are.
    """
    if len(statements) < 2:
        return sql, statements
    first, *body, last = statements
    if not (_plain_begin(first.node) and _plain_commit(last.node)) or any(control(item.node) for item in body):
        return sql, statements
    bare = _erased(_erased(sql, first), last)
    return bare, tuple(replace(statement, index=index) for index, statement in enumerate(body))


def _plain_begin(node: Node | None) -> bool:
    return node is not None and control(node) in {"BEGIN", "START TRANSACTION"} and not node.options


def _plain_commit(node: Node | None) -> bool:
    return node is not None and control(node) == "COMMIT" and not node.chain


def _erased(sql: str, statement: Statement) -> str:
    """Return the text with the statement, its inner comments and its semicolon replaced by spaces, lines kept."""
    end = statement.start + len(statement.text)
    following = next(code(sql, end), None)
    if following is not None:  # between two statements stands a semicolon; after the last one it may
        sql = sql[: following.start] + " " + sql[following.end :]
    blanks = "".join(character if character == "\n" else " " for character in statement.text)
    return sql[: statement.start] + blanks + sql[end:]
