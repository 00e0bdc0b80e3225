"""`SELECT … FOR UPDATE` of several rows without ORDER BY invites deadlocks.

Why: Two sessions that lock the same rows in different orders wait for each other, until PostgreSQL ends one of them
with a deadlock error. Without ORDER BY the order is the plan's: it changes with statistics, with updates of the rows,
and between two queries.

Instead: Lock in the order of a key, `ORDER BY id FOR UPDATE`, in all places alike. SKIP LOCKED and NOWAIT wait for
nobody and can't deadlock, and neither can a query for one row.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.paging import key
from dbops.lint.queries.predicates import limit, single_rows
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
NEEDS_WHOLE = True
BAD = (
    "SELECT id, total FROM orders WHERE customer_id = $1 FOR UPDATE",
    "-- schema: CREATE TABLE orders (number bigint PRIMARY KEY, id bigint)\n"
    "SELECT number FROM orders WHERE id = $1 FOR NO KEY UPDATE",
    "SELECT o.id FROM orders o JOIN items i ON i.order_id = o.id WHERE o.id = $1 FOR UPDATE",
    "WITH due AS (SELECT id FROM jobs WHERE due_at < now() FOR SHARE) UPDATE jobs SET state = 'x' FROM due "
    "WHERE due.id = jobs.id",
)
GOOD = (
    "SELECT id, total FROM orders WHERE customer_id = $1 ORDER BY id FOR UPDATE",
    "-- schema: CREATE TABLE customers (customer bigint PRIMARY KEY)\n"
    "SELECT o.id FROM orders o JOIN customers c USING (customer) WHERE o.id = $1 FOR UPDATE",
    "SELECT id, total FROM orders WHERE id = $1 FOR UPDATE",
    "-- schema: CREATE TABLE orders (number bigint PRIMARY KEY, id bigint)\n"
    "SELECT number FROM orders WHERE number = $1 FOR UPDATE",
    "SELECT id FROM jobs WHERE state = 'ready' LIMIT 10 FOR UPDATE SKIP LOCKED",
    "SELECT id FROM jobs WHERE state = 'ready' FOR UPDATE NOWAIT",
    "SELECT o.id FROM orders o JOIN items i ON i.order_id = o.id WHERE o.id = $1 FOR UPDATE OF o",
    "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = $1 FOR UPDATE",
    "SELECT id FROM orders WHERE customer_id = $1 FOR KEY SHARE",
    "SELECT id FROM jobs WHERE state = 'ready' ORDER BY due_at LIMIT 10 FOR UPDATE",
    "SELECT id FROM jobs WHERE state = 'ready' LIMIT 1 FOR UPDATE",
    "SELECT total FROM orders WHERE order_id = $1 FOR UPDATE",
    "SELECT total FROM orders WHERE ctid = $1 FOR UPDATE",
)


def check(query: Query) -> Iterator[Found]:
    """Find SELECTs that lock several rows of a table in no certain order, and wait for each."""
    for select in query.selects:
        if select.args.get("order") is not None or limit(select) in {0, 1}:
            continue
        single = single_rows(query, select)
        for lock in select.args.get("locks") or ():
            many = [source for source in _locked(query, select, lock) if id(source.node) not in single]
            if many and _waits(lock):
                yield _found(query, select, lock, many[0])


def _waits(lock: exp.Expr) -> bool:
    """Whether it is a lock that others can hold too long: not SKIP LOCKED, not NOWAIT, not the weak KEY SHARE."""
    return lock.args.get("wait") is None and bool(lock.args.get("update") or not lock.args.get("key"))


def _locked(query: Query, select: exp.Select, lock: exp.Expr) -> list[Source]:
    """Return the tables of a FROM that a lock is about: those after OF, or all."""
    named = {folded(table.this) for table in lock.expressions}
    sources = [source for source in query.sources(select) if source.relation is not None]
    return [source for source in sources if not named or source.alias in named]


def _found(query: Query, select: exp.Select, lock: exp.Expr, source: Source) -> Found:
    strength = _strength(lock)
    columns = ", ".join(key(source, qualify=len(query.sources(select)) > 1))
    order = f"ORDER BY {columns} {strength}" if columns else f"ORDER BY a unique key before {strength}"
    return query.found(
        source.node,
        f"{strength} locks rows of {source.relation} in whatever order the plan yields: two sessions that lock the "
        "same rows in different orders deadlock",
        f"{order}, the same in every place that locks them",
    )


def _strength(lock: exp.Expr) -> str:
    weaker = bool(lock.args.get("key"))
    return "FOR SHARE" if not lock.args.get("update") else "FOR NO KEY UPDATE" if weaker else "FOR UPDATE"
