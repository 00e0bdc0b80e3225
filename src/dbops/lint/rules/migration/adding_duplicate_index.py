"""A new index has the columns with which another one begins.

Why: The other index answers the same queries. The new one takes space, memory and time of every write, and no query
gets faster.

Instead: Leave it out. Told only for plain B-tree indexes of columns, and only where the table's indexes are known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.schema.model import Index
from dbops.sql.nodes import Node, Relation, choice, inner

SEVERITY = Severity.WARNING
NODES = ("IndexStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint, day date)\n"
    "-- schema: CREATE INDEX orders_shop_id_day ON orders (shop_id, day)\n"
    "CREATE INDEX CONCURRENTLY orders_shop_id ON orders (shop_id)",
    "CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint);\nCREATE UNIQUE INDEX orders_id ON orders (id)",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint, day date)\n"
    "-- schema: CREATE INDEX orders_shop_id_day ON orders (shop_id, day)\n"
    "CREATE INDEX CONCURRENTLY orders_day ON orders (day)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint, day date)\n"
    "-- schema: CREATE INDEX orders_shop_id_day ON orders (shop_id, day)\n"
    "CREATE UNIQUE INDEX CONCURRENTLY orders_shop_id ON orders (shop_id)",
    "-- schema: CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE)\n"
    "CREATE INDEX CONCURRENTLY users_email_like ON users (email text_pattern_ops)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint)\n"
    "-- schema: CREATE INDEX orders_shop_id ON orders (shop_id)\n"
    "DROP INDEX CONCURRENTLY orders_shop_id;\nCREATE INDEX CONCURRENTLY orders_shop_id ON orders (shop_id)",
)


def check(change: Change) -> Iterator[Found]:
    """Find new indexes that an existing one makes superfluous."""
    table, columns = change.table(), _columns(change.node)
    if table is None or not columns:
        return
    for index in table.indexes:
        if index.name == change.node.idxname or not _covers(index, columns, unique=change.node.unique):
            continue
        if _outlives_script(change, index):
            name = f"the index {Relation(None, index.name)} ({', '.join(map(str, index.columns))})"
            yield change.found(f"{name} answers the same queries, and each write maintains both", "leave it out")
            return


def _outlives_script(change: Change, index: Index) -> bool:
    """Whether the script leaves the index: one that it drops further on is replaced by the new one."""
    table = change.script.after.table(change.target)
    return table is None or any(each.name == index.name for each in table.indexes)


def _columns(node: Node) -> tuple[str, ...]:
    """Return the columns of a plain B-tree index; nothing for one with an expression, a class, an order, a WHERE."""
    elements = [inner(each) for each in node.index_params]
    plain = not (node.HasField("where_clause") or node.index_including_params) and node.access_method == "btree"
    return tuple(each.name for each in elements) if plain and all(map(_is_plain, elements)) else ()


def _is_plain(element: Node) -> bool:
    ordered = (
        choice(element, "ordering") == "SORTBY_DESC" or choice(element, "nulls_ordering") != "SORTBY_NULLS_DEFAULT"
    )
    return bool(element.name) and not (element.opclass or element.collation or ordered)


def _covers(index: Index, columns: tuple[str, ...], *, unique: bool) -> bool:
    if index.method != "btree" or index.partial or not index.valid:
        return False
    if unique:  # what it promises, too, has to be promised already
        return index.unique and index.columns == columns
    return index.columns[: len(columns)] == columns
