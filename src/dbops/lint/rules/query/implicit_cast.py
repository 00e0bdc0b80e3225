"""Comparing values of different types casts the column, or fails.

Why: PostgreSQL finds one type for both sides. It casts the narrower one: `integer` and `bigint` become `numeric` next
to a `numeric`, `character` becomes `text`, and an index on the column that was cast can't be used any more. Between
`text` and a number or uuid there is no such type, and the query fails with "operator does not exist".

Instead: Give both sides the type of the indexed column: `id = 5` rather than `id = 5.0`, `$1::bigint` rather than
`$1::numeric`, and the same type for columns that are joined. A string literal takes the column's type (`id = '5'` is
harmless), and so do `smallint`, `integer` and `bigint` among each other. `timestamp` against `timestamptz` keeps the
index, but the result depends on the session's TimeZone (info). Needs the schema: both types must be known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries import passages
from dbops.lint.queries.coercion import Coercion, Outcome, coercion
from dbops.lint.queries.comparisons import Comparison, comparisons, leading
from dbops.lint.queries.query import Query, Source
from dbops.lint.queries.types import typeof
from dbops.lint.queries.written import UNKNOWN, value
from dbops.lint.rule import Found
from dbops.lint.size import described, grown
from dbops.results.lint import Severity
from dbops.schema.model import Column
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
_KNOWN = (
    "-- schema: CREATE TABLE t (id bigint PRIMARY KEY, n int, price numeric, code char(3), name text, tag varchar(9),"
    " key uuid, made timestamp, seen timestamptz, day date, doc jsonb, ok boolean, ref numeric)\n"
    "-- schema: CREATE INDEX ON t (price)\n"
    "-- schema: CREATE INDEX ON t (code)\n"
    "-- schema: CREATE TABLE u (id int PRIMARY KEY, ref numeric, t_id text)\n"
)
BAD = tuple(
    _KNOWN + text
    for text in (
        "SELECT name FROM t WHERE id = 5.0",
        "SELECT name FROM t WHERE id = $1::numeric",
        "SELECT name FROM t WHERE id IN (1, 2.5)",
        "SELECT name FROM t WHERE id = ANY ($1::numeric[])",
        "SELECT name FROM t WHERE id BETWEEN 1.5 AND 9.5",
        "SELECT name FROM t WHERE id = (SELECT sum(t2.id * 1.0) FROM t t2)",
        "SELECT name FROM t WHERE price = $1::double precision",
        "SELECT name FROM t WHERE code = $1::text",
        "SELECT t.name FROM t JOIN u ON u.ref = t.id WHERE u.id = 1",
        "SELECT name FROM t WHERE name = 5",
        "SELECT name FROM t WHERE key = $1::text",
        "SELECT t.name FROM t JOIN u ON u.t_id = t.id WHERE u.id = 1",
        "SELECT name FROM t WHERE n = doc->>'n'",
        "SELECT name FROM t WHERE ok = 1",
        "SELECT name FROM t WHERE made > seen",
        "DELETE FROM t WHERE id = 7.0",
    )
)
GOOD = (
    "SELECT name FROM t WHERE id = 5.0",
    *(
        _KNOWN + text
        for text in (
            "SELECT name FROM t WHERE id = 5",
            "SELECT name FROM t WHERE id = '5'",
            "SELECT name FROM t WHERE id = $1",
            "SELECT name FROM t WHERE id = $1::int",
            "SELECT name FROM t WHERE n = 5.0",
            "SELECT name FROM t WHERE id BETWEEN 1 AND 9.5",
            "SELECT name FROM t WHERE price = 5",
            "SELECT name FROM t WHERE code = 'abc'",
            "SELECT name FROM t WHERE name = tag",
            "SELECT name FROM t WHERE tag = $1::text",
            "SELECT name FROM t WHERE key = 'b0a8d5e6-0000-4000-8000-000000000000'",
            "SELECT name FROM t WHERE seen >= current_date",
            "SELECT name FROM t WHERE made < day",
            "SELECT name FROM t WHERE seen > now() - interval '1 day'",
            "SELECT name FROM t WHERE n = (doc->>'n')::int",
            "SELECT t.name FROM t JOIN u ON u.id = t.id WHERE u.id = 1",
            "SELECT id = 5.0 FROM t WHERE id = 1",
        )
    ),
)


def check(query: Query) -> Iterator[Found]:
    """Find comparisons of a column with a value of another type that casts the column or can't be."""
    for reader in query.all_readers:
        told: set[int] = set()  # an error is one from both sides
        for comparison in comparisons(reader):
            for found in _compared(query, comparison):
                if id(comparison.node) not in told:
                    told.add(id(comparison.node))
                    yield found


def _compared(query: Query, comparison: Comparison) -> Iterator[Found]:
    side = comparison.side
    origin = query.origin(side) if isinstance(side, exp.Column) else None
    if not isinstance(side, exp.Column) or origin is None or origin[1] is None:
        return
    source, column = origin[0], origin[1]
    coercions = [coercion(typeof(query, side), _type(query, comparison, other)) for other in comparison.others]
    if comparison.sign == "BETWEEN" and None in coercions:
        return  # the other bound still finds its place in an index
    for other, found in zip(comparison.others, coercions, strict=True):
        if found is not None and (found.outcome is not Outcome.CAST or leading(source, column) is not None):
            yield passages.found(
                query,
                comparison.node,
                _message(source, column, found),
                _hint(query, side, column, other, found),
                severity=_severity(source, found),
            )
            return


def _type(query: Query, comparison: Comparison, other: exp.Expr) -> str | None:
    """Return the type a value has for the comparison: that of its elements for an array."""
    found = typeof(query, other)
    if comparison.listed and found is not None and not isinstance(other, exp.Query):
        return found.removesuffix("[]") if found.endswith("[]") else None
    return found


def _message(source: Source, column: Column, found: Coercion) -> str:
    name = f"{source.alias}.{column.name}"
    match found.outcome:
        case Outcome.CAST:
            size = described(source.table)
            return (
                f"{name} ({column.type}) is cast to {found.common} in each row: no index on it can be used"
                f"{f' ({size})' if size else ''}"
            )
        case Outcome.ERROR:
            return f"it fails: {name} is {column.type}, and PostgreSQL does not compare that with {found.other}"
    return f"{name} is {column.type}: what it is compared with, {found.other}, depends on the session's TimeZone"


def _hint(query: Query, side: exp.Column, column: Column, other: exp.Expr, found: Coercion) -> str:
    if found.outcome is Outcome.ZONE:
        return "make both timestamp with time zone, or say the zone: … AT TIME ZONE 'UTC'"
    called, text = query.text(side), value(query, other)
    if isinstance(other, exp.Literal) and found.outcome is Outcome.CAST:
        return f"compare it with a value of its type, {column.type}"
    if isinstance(other, exp.Cast):
        text = value(query, other.this)
    if isinstance(other, exp.Column):
        return f"give both columns one type; until then: {called} = {text}::{column.type}"
    return f"cast the other side: {text if text != UNKNOWN else '(…)'}::{column.type}"


def _severity(source: Source, found: Coercion) -> Severity:
    if found.outcome is Outcome.ERROR:
        return Severity.ERROR
    return Severity.INFO if found.outcome is Outcome.ZONE else grown(source.table, SEVERITY)
