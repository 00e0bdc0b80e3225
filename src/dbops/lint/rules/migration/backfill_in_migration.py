"""A migration updates or deletes a large part of a table in one transaction.

Why: Every row stays locked until the migration ends, each one leaves a dead copy that VACUUM has to find, and replicas
receive all of it at once. Together with a change of the table, its lock is held all that time, too.

Instead: In batches, each a transaction of its own, outside of the migration: by ranges of the key, some thousand rows
at a time. What can be told: no WHERE is all rows; equality on a known key is few; equality on anything else may be many
(info).
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.portions import Portion, portion
from dbops.lint.rule import Found
from dbops.lint.script import Origin
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation, inner, kind

SEVERITY = Severity.WARNING
NODES = ("UpdateStmt", "DeleteStmt")
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state text)\nUPDATE orders SET state = 'new'",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state text)\n"
    "UPDATE orders SET state = 'new' WHERE state IS NULL",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state text)\nDELETE FROM orders WHERE state = 'old'",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state text)\nUPDATE orders SET state = 'new' WHERE id = 7",
    "-- schema: CREATE TABLE states (code text PRIMARY KEY, name text)\nDELETE FROM states WHERE code IN ('a', 'b')",
    "CREATE TABLE orders (id bigint PRIMARY KEY, state text);\nUPDATE orders SET state = 'new'",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state text)\n"
    "UPDATE orders SET state = 'new' WHERE id BETWEEN 1 AND 1000",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state text)\n"
    "WITH batch AS (SELECT id FROM orders WHERE state IS NULL ORDER BY id LIMIT 500)\n"
    "UPDATE orders SET state = 'new' WHERE id IN (SELECT id FROM batch)",
)


def check(change: Change) -> Iterator[Found]:
    """Find writes to much of a table that others use."""
    if change.script.origin is not Origin.MIGRATION or not change.is_shared():
        return
    table = change.table()
    part = portion(change.node, table)
    if part is Portion.FEW:
        return
    verb = "updates" if kind(change.node) == "UpdateStmt" else "deletes"
    what = f"{verb} every row" if part is Portion.ALL else f"{verb} what may be many rows"
    yield change.found(
        f"{what} of {change.sized()} in one transaction: they stay locked until it ends, and leave as many dead rows",
        f"-- in batches outside of the migration, each in a transaction of its own:\n{_batch(change)};",
        severity=Severity.INFO if part is Portion.MATCHING else weighed(table, SEVERITY),
    )


def _batch(change: Change) -> str:
    """Return the statement for a range of the key."""
    key, text = _key(change), change.statement.text
    bounds = f"{key} > $1 AND {key} <= $2"
    where = change.node.where_clause
    words = [word for word in change.words if word.text in {"WHERE", "RETURNING"}]
    if (
        len(words) > 1
        or bool(words) != change.node.HasField("where_clause")
        or change.node.HasField("returning_clause")
    ):
        return f"{'UPDATE' if kind(change.node) == 'UpdateStmt' else 'DELETE FROM'} {change.target} … WHERE {bounds}"
    if not words:
        return f"{text}\nWHERE {bounds}"
    cut = words[0].end - change.statement.start
    condition = text[cut:].strip()
    return f"{text[:cut]} {f'({condition})' if kind(inner(where)) == 'BoolExpr' else condition} AND {bounds}"


def _key(change: Change) -> Relation:
    """Return the column by which one would go through the table."""
    table = change.table()
    primary = None if table is None else table.primary_key
    first = primary.columns[0] if primary is not None else None
    return Relation(None, first or "id")
