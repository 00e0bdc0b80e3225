"""A foreign key whose columns begin no index.

Why: PostgreSQL indexes the referenced columns, not the referencing ones. Each row that is deleted from the referenced
table (or whose key changes) then reads the whole referencing table, holding its locks; joins do the same.

Instead: An index that begins with the foreign key's columns: on an existing table CONCURRENTLY, in a migration before.
Told only where the table's indexes are known: it is made in the script, or the schema is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import is_down
from dbops.lint.changes.references import Reference, references
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.model import Index
from dbops.sql.nodes import Relation, kind

SEVERITY = Severity.WARNING
NODES = ("CreateStmt", "AlterTableStmt")
BAD = (
    "-- schema: CREATE TABLE shops (id bigint PRIMARY KEY)\n"
    "CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint NOT NULL REFERENCES shops)",
    "-- schema: CREATE TABLE shops (id bigint PRIMARY KEY)\n"
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint)\n"
    "ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID",
)
GOOD = (
    "-- schema: CREATE TABLE shops (id bigint PRIMARY KEY)\n"
    "CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint NOT NULL REFERENCES shops);\n"
    "CREATE INDEX orders_shop_id ON orders (shop_id, id)",
    "-- schema: CREATE TABLE shops (id bigint PRIMARY KEY)\n"
    "CREATE TABLE openings (shop_id bigint REFERENCES shops, day date, PRIMARY KEY (shop_id, day))",
    "-- schema: CREATE TABLE shops (id bigint PRIMARY KEY, mode text, UNIQUE (id, mode))\n"
    "CREATE TABLE locks (id bigint PRIMARY KEY, mode text, FOREIGN KEY (id, mode) REFERENCES shops (id, mode))",
    "-- schema: CREATE TABLE shops (id bigint PRIMARY KEY)\n"
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint)\n"
    "-- schema: CREATE INDEX orders_shop_id ON orders (shop_id) WHERE shop_id IS NOT NULL\n"
    "ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID",
)


def check(change: Change) -> Iterator[Found]:
    """Find foreign keys that no index serves at the end of the script."""
    if is_down(change) or change.target.schema == "pg_temp" or change.node.relation.relpersistence == "t":
        return
    found = list(references(change))
    table = change.script.after.table(change.target) if found else None
    if table is None or not table.complete:
        return
    for reference in found:
        if not any(_serves(index, reference.columns) for index in table.indexes):
            yield _found(change, reference)


def _serves(index: Index, columns: tuple[str, ...]) -> bool:
    """Whether the index finds rows by the columns, in any order; one of what is NOT NULL does, too.

    A unique one of some of the columns leads to one row, so that the others need no index.
    """
    if not index.valid or not index.columns:
        return False
    leading = set(index.columns[: len(columns)])
    if leading != set(columns) and not (index.unique and set(index.columns) <= set(columns)):
        return False
    return not index.partial or "is not null" in (index.predicate or "").lower()


def _found(change: Change, reference: Reference) -> Found:
    names = [str(Relation(None, column)) for column in reference.columns]
    index = Relation(None, "_".join((change.target.name, *reference.columns, "idx")))
    concurrently = "" if change.is_new() or kind(change.node) == "CreateStmt" else " CONCURRENTLY"
    place = "" if not concurrently else "-- in a migration before:\n"
    return change.found(
        f"deleting a row of {reference.table} reads all of {change.sized()}: no index begins with {', '.join(names)}",
        f"{place}CREATE INDEX{concurrently} {index} ON {change.target} ({', '.join(names)});",
        location=reference.location,
        words=reference.words,
        severity=weighed(change.table(), SEVERITY),
    )
