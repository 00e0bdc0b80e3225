"""`DROP INDEX` without CONCURRENTLY blocks reads and writes of the table.

Why: It takes an ACCESS EXCLUSIVE lock on the table. The drop itself is quick, but it waits for every running query on
the table, and everything that comes after it waits behind it.

Instead: `DROP INDEX CONCURRENTLY`, one index a statement, outside of a transaction. The index of a partitioned table
can't be dropped so, and a constraint's goes with its constraint.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.schema.model import Table
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Relation, choice, inner, named

SEVERITY = Severity.WARNING
NODES = ("DropStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
FIXABLE = True
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "-- schema: CREATE INDEX orders_total ON orders (total)\n"
    "DROP INDEX orders_total",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "-- schema: CREATE INDEX orders_total ON orders (total)\n"
    "-- schema: CREATE INDEX orders_id_total ON orders (id, total)\n"
    "DROP INDEX IF EXISTS orders_total, orders_id_total",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "-- schema: CREATE INDEX orders_total ON orders (total)\n"
    "DROP INDEX CONCURRENTLY orders_total",
    "CREATE TABLE orders (id bigint PRIMARY KEY, total bigint);\n"
    "CREATE INDEX orders_total ON orders (total);\n"
    "DROP INDEX orders_total",
)


def check(change: Change) -> Iterator[Found]:
    """Find indexes dropped under a lock that stops everything."""
    drop = change.node
    if choice(drop, "remove_type") != "OBJECT_INDEX" or drop.concurrent:
        return
    names = [named(inner(item).items) for item in drop.objects]
    owners = {name: change.schema.owner(name) for name in names}
    blocked = [name for name in names if _matters(change, name, owners[name])]
    if not blocked:
        return
    first, owner = blocked[0], owners[blocked[0]]
    table = f"the table of {first}" if owner is None else str(owner.name.name)
    partitioned = owner is not None and owner.kind == "partitioned"
    alone = len(names) == 1 and choice(drop, "behavior") != "DROP_CASCADE"
    yield change.found(
        f"dropping the index takes an {change.locks[0].mode} lock on {table}: reads and writes wait, also while it "
        "waits itself",
        _for_partitioned(change) if partitioned else _concurrently(change, blocked),
        severity=Severity.INFO if partitioned or _undoes(change, blocked) else None,
        edits=change.inserted(change.word("INDEX"), " CONCURRENTLY")
        if alone and change.may_stand_alone and not partitioned
        else (),
    )


def _undoes(change: Change, names: list[Relation]) -> bool:
    """Whether this is a down, and its up made the indexes: the lock is taken for an instant, and the way back rare."""
    base = change.script.base
    return base is not None and all(base.owner(name) is None for name in names)


def _matters(change: Change, name: Relation, owner: Table | None) -> bool:
    if owner is None:  # the index may be what the up of this down made
        return not (change.script.direction == "down" and change.script.base is None)
    of_constraint = any(index.name == name.name and index.constraint for index in owner.indexes)
    return change.is_shared(owner.name) and not of_constraint  # PostgreSQL refuses to drop a constraint's


def _concurrently(change: Change, names: list[Relation]) -> str:
    exists = "IF EXISTS " if change.node.missing_ok else ""
    drops = [f"DROP INDEX CONCURRENTLY {exists}{name};" for name in names]
    shown = [*drops[:3], *(["-- …"] if len(drops) > 3 else [])]
    return "\n".join([f"-- {'each ' if len(drops) > 1 else ''}in a migration of its own (no transaction):", *shown])


def _for_partitioned(change: Change) -> str:
    wait = "dbops waits for it with a short lock_timeout" if change.script.bounded else "SET lock_timeout = '2s' before"
    return f"a partitioned index can't be dropped concurrently: keep it the only statement; {wait}"
