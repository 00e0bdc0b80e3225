"""A function or cast around a column keeps an index on the column from being used.

Why: An index on `created_at` has the values of `created_at`, not those of `date(created_at)`. The server reads all
rows and computes the function for each. Nor does it know how many rows will match, so that the rest of the plan
suffers too.

Instead: Compare the bare column, with a range where it is a date: `created_at >= $1 AND created_at < $1 + 1`; or make
an index on the expression: `CREATE INDEX CONCURRENTLY ON users (lower(email))`. Where the schema is known, only
columns are reported that an index leads with, and none with an index on such an expression; else only the well-known
forms: dates cut from times, `lower`, `upper`, `to_char` and arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries import passages
from dbops.lint.queries.bounds import loose
from dbops.lint.queries.comparisons import Comparison, comparisons, is_constant, leading
from dbops.lint.queries.expressions import Shape, is_indexed, shape
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.queries.sargable import bare
from dbops.lint.queries.types import plain, typename
from dbops.lint.rule import Found
from dbops.lint.size import described, grown
from dbops.results.lint import Severity
from dbops.schema.model import Column
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
IN_MIGRATIONS = False
_USERS = (
    "-- schema: CREATE TABLE users (id bigint PRIMARY KEY, email text, name varchar(20), made timestamptz, age int)\n"
    "-- schema: CREATE INDEX ON users (email)\n"
    "-- schema: CREATE INDEX ON users (name)\n"
    "-- schema: CREATE INDEX ON users (made)\n"
)
_LOWER = _USERS + "-- schema: CREATE INDEX ON users (lower(email))\n"
BAD = (
    "SELECT id FROM orders WHERE date(created_at) = $1 LIMIT 10",
    "SELECT id FROM orders WHERE created_at::date = '2024-05-01' LIMIT 10",
    "SELECT id FROM orders WHERE CAST(created_at AS date) BETWEEN $1 AND $2 LIMIT 10",
    "SELECT id FROM orders WHERE date_trunc('month', created_at) = $1 LIMIT 10",
    "SELECT id FROM orders WHERE extract(year FROM created_at) = 2024 LIMIT 10",
    "SELECT id FROM orders WHERE to_char(created_at, 'YYYY-MM') = '2024-05' LIMIT 10",
    "SELECT id FROM users WHERE lower(email) = lower($1) LIMIT 1",
    "SELECT id FROM users WHERE upper(email) IN ('A', 'B') LIMIT 2",
    "SELECT id FROM orders WHERE total * 100 > 5000 LIMIT 10",
    "SELECT id FROM orders WHERE created_at + interval '1 day' < now() LIMIT 10",
    "SELECT id FROM users WHERE lower(email) = ANY ($1) LIMIT 2",
    "DELETE FROM sessions WHERE date(seen_at) < current_date",
    *(
        _USERS + text
        for text in (
            "SELECT age FROM users WHERE lower(email) = $1",
            "SELECT age FROM users WHERE coalesce(email, '') = $1",
            "SELECT age FROM users WHERE trim(email) = $1",
            "SELECT u.age FROM users u JOIN logins l ON l.user_id = u.id WHERE u.made::date = current_date",
        )
    ),
    *(_LOWER + text for text in ("SELECT age FROM users WHERE upper(email) = $1",)),
)
GOOD = (
    "SELECT id FROM orders WHERE created_at >= $1 AND created_at < $1 + 1 LIMIT 10",
    "SELECT id FROM users WHERE email = lower($1) LIMIT 1",
    "SELECT lower(email), date(created_at) FROM users WHERE id = 1",
    "SELECT total FROM orders WHERE id = $1 AND date(created_at) = $2",
    "SELECT day, count(*) FROM orders GROUP BY date(created_at) ORDER BY 1 LIMIT 10",
    "SELECT id FROM a JOIN b ON lower(a.name) = lower(b.name) ORDER BY id LIMIT 10",
    "SELECT id FROM orders WHERE coalesce(total, 0) = 5 LIMIT 10",
    "SELECT id FROM orders WHERE created_at::date IN (SELECT day FROM days) LIMIT 10",
    "SELECT id FROM orders WHERE total + tax > 100 LIMIT 10",
    "SELECT id FROM orders WHERE lower(status) <> 'paid' LIMIT 10",
    "SELECT d FROM (SELECT max(created_at) AS d FROM orders) m WHERE d::date = current_date",
    *(
        _USERS + text
        for text in (
            "SELECT email FROM users WHERE age + 1 = 5",
            "SELECT email FROM users WHERE name::text = $1",
            "SELECT age FROM users WHERE email = $1",
        )
    ),
    *(_LOWER + text for text in ("SELECT age FROM users WHERE lower(email) = lower($1)",)),
)
_TEXTS = frozenset({"text", "character varying"})


def check(query: Query) -> Iterator[Found]:
    """Find comparisons of a computed column with a constant."""
    for reader in query.all_readers:
        for comparison in comparisons(reader):
            found = shape(comparison.side)
            if found is not None and comparison.sign != "<>" and _is_search(query, reader, comparison):
                yield from _computed(query, reader, comparison, found)


def _is_search(query: Query, reader: exp.Expr, comparison: Comparison) -> bool:
    asked = any(isinstance(other, exp.Query) for other in comparison.others)
    return not asked and all(is_constant(query, reader, other) for other in comparison.others)


def _computed(query: Query, reader: exp.Expr, comparison: Comparison, found: Shape) -> Iterator[Found]:
    origin = query.origin(found.column)
    if origin is None or origin[0].relation is None or origin[0] not in loose(query, reader):
        return
    source, column = origin
    if not _costs_an_index(source, column, found):
        return
    size, called = described(source.table), folded(found.column.this)
    yield passages.found(
        query,
        comparison.node,
        f"{found.name.format(called)} keeps an index on {called} from being used"
        f"{f': {source.relation} has {size}' if size else ''}",
        bare(query, source, comparison, found),
        severity=grown(source.table, SEVERITY),
    )


def _costs_an_index(source: Source, column: Column | None, found: Shape) -> bool:
    """Whether there is an index that the bare column could use, or there may well be one."""
    if source.table is None:
        return found.notorious
    if column is None or leading(source, column) is None or is_indexed(source.table, found):
        return False
    to = typename(found.node.args.get("to")) if isinstance(found.node, exp.Cast) else None
    return to is None or not ({to, plain(column.type)} <= _TEXTS or to == plain(column.type))
