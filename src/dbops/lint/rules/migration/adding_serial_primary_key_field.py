"""A PRIMARY KEY added without USING INDEX builds its index under a lock that stops reads and writes.

Why: The ACCESS EXCLUSIVE lock of ALTER TABLE is held until the index is built, and until every row was read to see that
the key is not null.

Instead: Build the unique index first, with `CREATE UNIQUE INDEX CONCURRENTLY`, make the columns NOT NULL without a scan
(see adding-not-nullable-field), then add the constraint `USING INDEX`. A partitioned table can't take an index so: each
partition needs one, attached to one that was made ON ONLY the parent.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import in_turn
from dbops.lint.changes.columns import Added, added_constraints
from dbops.lint.changes.indexing import concurrent_form
from dbops.lint.changes.passes import proven_not_null
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.naming import object_name
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Relation

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
SCANS = True
BAD = (
    "-- schema: CREATE TABLE orders (id bigint NOT NULL, total bigint)\nALTER TABLE orders ADD PRIMARY KEY (id)",
    "-- schema: CREATE TABLE orders (id bigint NOT NULL)\nALTER TABLE orders ADD COLUMN number bigserial PRIMARY KEY",
    "-- schema: CREATE TABLE orders (id bigint, total bigint)\n"
    "-- schema: CREATE UNIQUE INDEX orders_id ON orders (id)\n"
    "ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_id",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint NOT NULL, total bigint)\n"
    "-- schema: CREATE UNIQUE INDEX orders_id ON orders (id)\n"
    "ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_id",
    "-- schema: CREATE TABLE orders (id bigint CHECK (id IS NOT NULL), total bigint)\n"
    "-- schema: CREATE UNIQUE INDEX orders_id ON orders (id)\n"
    "ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_id",
    "CREATE TABLE orders (id bigint);\nALTER TABLE orders ADD PRIMARY KEY (id)",
)


def check(change: Change) -> Iterator[Found]:
    """Find primary keys that are built, or whose columns are scanned, while everything waits."""
    if not change.is_shared():
        return
    for added in added_constraints(change, "CONSTR_PRIMARY"):
        if not added.constraint.indexname:
            yield _built(change, added)
        else:
            yield from _scanned(change, added)


def _built(change: Change, added: Added) -> Found:
    mode = change.locks[0].mode
    return change.found(
        f"adding the primary key builds its index under an {mode} lock on {change.sized()}: {mode.blocks} wait",
        concurrent_form(change, added, "PRIMARY KEY", "pkey"),
        location=added.constraint.location,
        severity=weighed(change.table(), SEVERITY),
    )


def _scanned(change: Change, added: Added) -> Iterator[Found]:
    table, mode = change.table(), change.locks[0].mode
    index = None if table is None else next((e for e in table.indexes if e.name == added.constraint.indexname), None)
    if index is None:
        return
    for column in index.columns:
        if column is not None and not proven_not_null(change, column):
            proof = Relation(None, object_name(change.target.name, column, "not_null"))
            yield change.found(
                f"{column} may hold nulls, so that the primary key scans {change.sized()} under an {mode} lock: "
                f"{mode.blocks} wait",
                in_turn(
                    f"ALTER TABLE {change.target} ADD CONSTRAINT {proof} CHECK ({Relation(None, column)} IS NOT NULL) "
                    "NOT VALID;",
                    f"ALTER TABLE {change.target} VALIDATE CONSTRAINT {proof};",
                    change.statement.text + ";",
                ),
                location=added.constraint.location,
                severity=weighed(table, SEVERITY),
            )
