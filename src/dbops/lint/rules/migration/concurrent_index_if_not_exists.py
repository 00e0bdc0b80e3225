"""`CREATE INDEX CONCURRENTLY IF NOT EXISTS` takes an invalid index for a good one.

Why: A build that fails (a duplicate, a deadlock, a timeout) leaves an index of that name behind, which no query uses
and every write maintains. The next try finds the name, says that the index exists, and does nothing: all looks well.

Instead: `DROP INDEX CONCURRENTLY IF EXISTS` first, then create it without IF NOT EXISTS. dbops journals the statement
and drops the invalid index itself when it resumes.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change, Word
from dbops.lint.changes.clauses import in_turn
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.index import concurrent_index
from dbops.sql.nodes import Relation

SEVERITY = Severity.WARNING
NODES = ("IndexStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint)\n"
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_shop_id ON orders (shop_id)",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint)\n"
    "CREATE INDEX CONCURRENTLY orders_shop_id ON orders (shop_id)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint)\n"
    "DROP INDEX CONCURRENTLY IF EXISTS orders_shop_id;\n"
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_shop_id ON orders (shop_id)",
)


def check(change: Change) -> Iterator[Found]:
    """Find indexes that are built concurrently unless their name is taken."""
    node = change.node
    if not (node.concurrent and node.if_not_exists) or _dropped_before(change):
        return
    index = Relation(change.target.schema, node.idxname)
    first, last = change.word("IF"), change.word("IF", "NOT", "EXISTS")
    yield Found(
        f"if an earlier try failed, {index} exists, is invalid, and this statement does nothing",
        in_turn(f"DROP INDEX CONCURRENTLY IF EXISTS {index};", f"{_without(change, first, last)};"),
        first.start if first else None,
        last.end if last else None,
    )


def _without(change: Change, first: Word | None, last: Word | None) -> str:
    """Return the statement without IF NOT EXISTS."""
    text, begin = change.statement.text, change.statement.start
    if first is None or last is None:
        return text
    return text[: first.start - begin] + text[last.end - begin :].lstrip()


def _dropped_before(change: Change) -> bool:
    for statement in change.script.statements[: change.statement.index]:
        done = concurrent_index(statement.node)
        if done is not None and done.action == "drop" and change.node.idxname in {each.name for each in done.names}:
            return True
    return False
