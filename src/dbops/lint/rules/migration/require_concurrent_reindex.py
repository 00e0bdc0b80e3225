"""`REINDEX` without CONCURRENTLY blocks writes to the table, and most reads.

Why: It holds a SHARE lock on the table and an ACCESS EXCLUSIVE lock on the index while it builds that anew. Planning a
query locks every index of its tables, so reads wait, too.

Instead: `REINDEX … CONCURRENTLY`, outside of a transaction. A build that fails leaves an invalid index whose name ends
in `_ccnew`: drop it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.lint.size import described, weighed
from dbops.results.lint import Severity
from dbops.schema.model import Table
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Relation, choice, enabled, options, relation

SEVERITY = Severity.WARNING
NODES = ("ReindexStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
FIXABLE = True
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nREINDEX TABLE orders",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nREINDEX (VERBOSE) INDEX orders_pkey",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nREINDEX SCHEMA public",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nREINDEX TABLE CONCURRENTLY orders",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n-- pg: 14\nREINDEX (CONCURRENTLY) INDEX orders_pkey",
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nREINDEX TABLE orders",
)


def check(change: Change) -> Iterator[Found]:
    """Find indexes built anew under locks that stop reads and writes."""
    reindex = change.node
    what = choice(reindex, "kind").removeprefix("REINDEX_OBJECT_")
    if what == "SYSTEM" or enabled(options(reindex.params).get("concurrently"), default=False):
        return  # the catalogs can't be reindexed concurrently
    name = relation(reindex.relation) if what in {"INDEX", "TABLE"} else None
    table = _table(change, what, name)
    if table is not None and not change.is_shared(table.name):
        return
    yield change.found(
        f"rebuilding takes an {LOCK} lock on {_indexes(what, name)}{_size(table)}: {LOCK.blocks} wait until it is done",
        "-- in a migration of its own (no transaction):\n"
        + f"REINDEX {what} CONCURRENTLY {name or reindex.name or ''}".rstrip()
        + ";",
        severity=weighed(table, SEVERITY),
        edits=change.inserted(change.word(what), " CONCURRENTLY") if change.may_stand_alone else (),
    )


def _indexes(what: str, name: Relation | None) -> str:
    if name is None:
        return f"each index of the {what.lower()}"
    return str(name) if what == "INDEX" else f"each index of {name}"


def _size(table: Table | None) -> str:
    size = described(table)
    return f" ({size})" if size else ""


def _table(change: Change, what: str, name: Relation | None) -> Table | None:
    if name is None:
        return None
    return change.schema.owner(name) if what == "INDEX" else change.table(name)
