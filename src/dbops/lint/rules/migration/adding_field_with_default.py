"""A column added with a DEFAULT that differs from row to row, or generated and stored, rewrites the table.

Why: Every row is written anew under an ACCESS EXCLUSIVE lock, and every index with it: minutes to hours in which nobody
reads or writes the table. A constant, or a function that gives one value a statement (such as `now()`), is stored once
in the catalog and costs nothing. A function that is not declared otherwise is volatile.

Instead: Add the column without the default, set the default (then it is for new rows), fill the old rows in batches.

Versions: Since PostgreSQL 18 a generated column may be VIRTUAL, which writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import column_type
from dbops.lint.changes.columns import (
    added_columns,
    constraints,
    is_stored,
    of_domain,
    surely_volatile,
    volatile_default,
)
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Node, Relation

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
REWRITES = True
_VIRTUAL_SINCE = 18
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
BAD = (
    f"{_TABLE}ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid()",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN lot int NOT NULL DEFAULT floor(10 * random())",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN doubled bigint GENERATED ALWAYS AS (total * 2) STORED",
    "-- schema: CREATE DOMAIN percent AS int CHECK (value BETWEEN 0 AND 100)\n"
    f"{_TABLE}ALTER TABLE orders ADD COLUMN discount percent",
    f"{_TABLE}-- schema: CREATE FUNCTION shard() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'\n"
    "ALTER TABLE orders ADD COLUMN shard int DEFAULT public.shard()",
)
GOOD = (
    f"{_TABLE}ALTER TABLE orders ADD COLUMN paid boolean NOT NULL DEFAULT false",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN made timestamptz NOT NULL DEFAULT now()",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN made date DEFAULT CURRENT_DATE + interval '1 day'",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN tags text[] NOT NULL DEFAULT ARRAY['a', lower('B')]::text[]",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN token uuid;\n"
    "ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid()",
    f"{_TABLE}-- pg: 18\nALTER TABLE orders ADD COLUMN doubled bigint GENERATED ALWAYS AS (total * 2) VIRTUAL",
    "CREATE TABLE lines (id bigint);\nALTER TABLE lines ADD token uuid DEFAULT gen_random_uuid()",
)


def check(change: Change) -> Iterator[Found]:
    """Find columns whose values have to be written into every row."""
    if not change.is_shared():
        return
    for _, column in added_columns(change):
        function = volatile_default(column)
        if is_stored(column):
            yield _found(change, column, "generated and stored", _stored_hint(change, column))
        elif function is None:
            yield from _domain(change, column)
        else:
            sure = surely_volatile(function)
            because = f"with {function}() as its default" + ("" if sure else ", unless that is declared STABLE,")
            yield _found(change, column, because, _default_hint(change, column))


def _found(change: Change, column: Node, because: str, hint: str) -> Found:
    mode = change.locks[0].mode
    return change.found(
        f"adding {column.colname} {because} rewrites {change.sized()} under an {mode} lock: {mode.blocks} wait",
        hint,
        location=column.location,
        severity=weighed(change.table(), SEVERITY),
    )


def _domain(change: Change, column: Node) -> Iterator[Found]:
    """Find a column of a domain, whose constraints are checked by writing every row."""
    domain = of_domain(change, column)
    if domain is not None:
        because = f"of the domain {domain} (unless that has no constraint)"
        yield _found(change, column, because, f"give {column.colname} the domain's type, and the CHECK NOT VALID")


def _default_hint(change: Change, column: Node) -> str:
    table, name = change.target, Relation(None, column.colname)
    (default, *_) = constraints(column, "CONSTR_DEFAULT")
    expression = change.expression(default.location) or "…"
    return (
        f"ALTER TABLE {table} ADD COLUMN {name} {column_type(change, column)};\n"
        f"ALTER TABLE {table} ALTER {name} SET DEFAULT {expression};\n"
        f"-- then fill the old rows in batches{_then_not_null(change, column)}"
    )


def _then_not_null(change: Change, column: Node) -> str:
    if not constraints(column, "CONSTR_NOTNULL"):
        return ""
    return f"; in the next migration:\nALTER TABLE {change.target} ALTER {Relation(None, column.colname)} SET NOT NULL;"


def _stored_hint(change: Change, column: Node) -> str:
    name = Relation(None, column.colname)
    added = f"ALTER TABLE {change.target} ADD COLUMN {name} {column_type(change, column)}"
    expression = _generated_as(change, column)
    if change.pg_version >= _VIRTUAL_SINCE and expression:
        return f"{added} GENERATED ALWAYS AS {expression} VIRTUAL; -- computed when it is read"
    return f"{added};\n-- set it by a trigger, and fill the old rows in batches"


def _generated_as(change: Change, column: Node) -> str:
    """Return the expression of a generated column, in its parentheses."""
    (generated, *_) = constraints(column, "CONSTR_GENERATED")
    start = change.word("AS", after=change.statement.offset(generated.location))
    end = change.word("STORED", after=start.end) if start is not None else None
    if start is None or end is None:
        return ""
    return change.script.sql[start.end : end.start].strip()
