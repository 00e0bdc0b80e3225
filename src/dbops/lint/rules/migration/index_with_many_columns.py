"""An index of more than three columns is rarely worth its size.

Why: A B-tree is searched by its first columns; what follows only narrows down and makes the index wider, every write
slower and HOT updates rarer (any of the columns that changes prevents one).

Instead: The two or three columns that narrow down most, in the order equality before range; others that are only read
go to INCLUDE. Unique indexes are left alone: their columns are what they promise.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity

SEVERITY = Severity.INFO
NODES = ("IndexStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, a int, b int, c int, d int)\n"
    "CREATE INDEX CONCURRENTLY orders_a_b_c_d ON orders (a, b, c, d)",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, a int, b int, c int, d int)\n"
    "CREATE INDEX CONCURRENTLY orders_a_b ON orders (a, b) INCLUDE (c, d)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, a int, b int, c int, d int)\n"
    "CREATE UNIQUE INDEX CONCURRENTLY orders_a_b_c_d ON orders (a, b, c, d)",
)
_MOST = 3


def check(change: Change) -> Iterator[Found]:
    """Find B-tree indexes of many columns."""
    index = change.node
    count = len(index.index_params)
    if count > _MOST and not index.unique and index.access_method == "btree":
        yield change.found(
            f"the index has {count} columns: it is searched by the first ones, and each write maintains all",
            f"keep the {_MOST} that narrow down most, and put columns that are only read into INCLUDE (…)",
        )
