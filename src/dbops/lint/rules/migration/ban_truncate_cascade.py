"""TRUNCATE … CASCADE empties every table that references this one.

Why: It follows foreign keys, and the foreign keys of what it finds, and empties all of that without naming it, whatever
ON DELETE says. No down brings the rows back.

Instead: Name each table that is to be emptied: `TRUNCATE a, b`. It fails when another one references them.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation, choice, inner, relation

SEVERITY = Severity.ERROR
NODES = ("TruncateStmt",)
BAD = (
    "-- schema: CREATE TABLE shops (id bigint PRIMARY KEY)\n"
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint REFERENCES shops)\nTRUNCATE shops CASCADE",
)
GOOD = (
    "-- schema: CREATE TABLE shops (id bigint PRIMARY KEY)\n"
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint REFERENCES shops)\nTRUNCATE shops, orders",
    "CREATE TABLE shops (id bigint PRIMARY KEY);\nTRUNCATE shops CASCADE",
)


def check(change: Change) -> Iterator[Found]:
    """Find TRUNCATE … CASCADE."""
    tables = [relation(inner(each)) for each in change.node.relations]
    if choice(change.node, "behavior") != "DROP_CASCADE" or not any(map(change.is_shared, tables)):
        return
    names = ", ".join(map(str, tables))
    others = _followed(change, tables)
    also = f": {', '.join(map(str, others))}" if others else ""
    word = change.word("CASCADE")
    assert word is not None  # its behaviour says that it stands there
    yield Found(
        f"every table that references {names}, and those that reference these, are emptied, too{also}",
        f"TRUNCATE {', '.join(map(str, [*tables, *others]))}; -- all that is to be emptied, by name",
        word.start,
        word.end,
    )


def _followed(change: Change, tables: list[Relation]) -> list[Relation]:
    """Return the known tables that the foreign keys lead to."""
    emptied = {change.schema.qualified(table) for table in tables}
    found: list[Relation] = []
    for _ in change.schema.tables:
        more = [
            name
            for name, table in change.schema.tables.items()
            if name not in emptied and any(key.referenced in emptied for key in table.foreign_keys)
        ]
        if not more:
            break
        emptied.update(more)
        found += more
    return found
