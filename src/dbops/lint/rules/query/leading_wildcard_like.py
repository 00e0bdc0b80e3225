"""`LIKE '%…'` can't use a btree index: it reads the whole table.

Why: A btree finds what begins with a text. A pattern that begins with a wildcard can begin with anything, so every row
is read and compared.

Instead: A GIN index of trigrams finds a text anywhere, for LIKE, ILIKE and regular expressions: `CREATE EXTENSION
pg_trgm; CREATE INDEX CONCURRENTLY … USING gin (name gin_trgm_ops)`. For words use full text search; for an ending, an
index on `reverse(name)` with `reverse(name) LIKE reverse($1) || '%'`. Where the schema shows such an index, or a key
picks the row already, nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries import passages
from dbops.lint.queries.bounds import loose
from dbops.lint.queries.comparisons import predicates
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.queries.written import name
from dbops.lint.rule import Found
from dbops.lint.size import described, grown
from dbops.results.lint import Severity
from dbops.schema.model import Table
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
IN_MIGRATIONS = False
_USERS = "-- schema: CREATE TABLE users (id bigint PRIMARY KEY, email text, name text)\n"
_INDEXED = _USERS + "-- schema: CREATE INDEX ON users USING gin (email gin_trgm_ops)\n"
BAD = (
    "SELECT id FROM users WHERE email LIKE '%@example.com' LIMIT 10",
    "SELECT id FROM users WHERE name ILIKE '%' || $1 || '%' LIMIT 10",
    "SELECT id FROM users u WHERE u.name ~~* '%x%' LIMIT 10",
    "SELECT id FROM users WHERE name NOT LIKE '_a%' LIMIT 10",
    "SELECT id FROM users WHERE lower(name) LIKE concat('%', $1) LIMIT 10",
    "SELECT id FROM users WHERE paid AND (email LIKE 'a%' OR name LIKE '%b') LIMIT 10",
    "SELECT id FROM users WHERE name LIKE ANY (ARRAY['%a', 'b%']) LIMIT 10",
    "SELECT id FROM users WHERE name LIKE '%!%' ESCAPE '!' LIMIT 10",
    "SELECT id FROM users WHERE name LIKE E'%x' LIMIT 10",
    "SELECT id FROM users WHERE name LIKE format('%%%s%%', $1) LIMIT 10",
    "SELECT id FROM users WHERE name SIMILAR TO '%(a|b)' LIMIT 10",
    "UPDATE users SET name = '' WHERE name LIKE '%x'",
    *(_INDEXED + text for text in ("SELECT id FROM users WHERE name LIKE '%x' LIMIT 10",)),
)
GOOD = (
    "SELECT id FROM users WHERE email LIKE 'a%' LIMIT 10",
    "SELECT id FROM users WHERE email LIKE $1 LIMIT 10",
    "SELECT id FROM users WHERE email LIKE $1 || '%' LIMIT 10",
    "SELECT id FROM users WHERE email LIKE format('%s%%', $1) LIMIT 10",
    "SELECT id FROM users WHERE email LIKE '%' LIMIT 10",
    "SELECT email LIKE '%@example.com' FROM users WHERE id = 1",
    "SELECT name FROM users WHERE id = $1 AND email LIKE '%@example.com'",
    "SELECT s FROM unnest($1::text[]) AS s WHERE s LIKE '%x'",
    "SELECT relname FROM pg_class WHERE relname LIKE '%_idx'",
    *(_INDEXED + text for text in ("SELECT id FROM users WHERE email ILIKE '%x' LIMIT 10",)),
)
_ANYWHERE = frozenset({"gin", "gist"})


def check(query: Query) -> Iterator[Found]:
    """Find each LIKE and ILIKE of a table's column with a pattern that begins with a wildcard."""
    for reader in query.all_readers:
        for node in predicates(reader):
            like = node.this if isinstance(node, exp.Escape) else node
            if isinstance(like, exp.Like | exp.ILike | exp.SimilarTo) and any(
                map(_begins_open, _patterns(like.expression))
            ):
                yield from _like(query, reader, like)


def _like(query: Query, reader: exp.Expr, like: exp.Expr) -> Iterator[Found]:
    column = like.this.find(exp.Column)
    origin = None if column is None else query.origin(column)
    if column is None or origin is None or origin[0] not in loose(query, reader):
        return
    source, wanted = origin[0], folded(column.this)
    if source.relation is None or _is_indexed(source.table, wanted):
        return
    size = described(source.table)
    yield passages.found(
        query,
        like,
        f"a pattern that begins with a wildcard reads all of {source.relation}{f' ({size})' if size else ''}: "
        "no btree index helps",
        _hint(source, like, wanted),
        severity=grown(source.table, SEVERITY),
    )


def _hint(source: Source, like: exp.Expr, column: str) -> str:
    called = {exp.Lower: "lower({})", exp.Upper: "upper({})"}.get(type(like.this.unnest()), "{}")
    return (
        "CREATE EXTENSION IF NOT EXISTS pg_trgm;\n"
        f"CREATE INDEX CONCURRENTLY ON {source.relation} USING gin ({called.format(name(column))} gin_trgm_ops)"
    )


def _is_indexed(table: Table | None, column: str) -> bool:
    """Whether an index that may find texts anywhere has the column, itself or in an expression."""
    return table is not None and any(
        column in index.columns or any(column in expression for expression in index.expressions)
        for index in table.indexes
        if index.method in _ANYWHERE
    )


def _patterns(pattern: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the pattern, or those of ANY's array."""
    inner = pattern.this.unnest() if isinstance(pattern, exp.Any | exp.All) else pattern
    yield from inner.expressions if isinstance(inner, exp.Array) else [inner]


def _begins_open(pattern: exp.Expr) -> bool:
    """Whether a pattern's first part is a literal that begins with a wildcard, and not all it says is "anything"."""
    first = pattern.unnest()
    while isinstance(first, exp.DPipe | exp.Concat | exp.Cast):
        first = first.expressions[0] if isinstance(first, exp.Concat) else first.this
        first = first.unnest()
    if isinstance(first, exp.Format):  # in which %% is the wildcard
        return first.this is not None and first.this.name.startswith("%%")
    if not _is_text(first) or first.name[:1] not in ("%", "_"):
        return False
    return first is not pattern.unnest() or first.name.strip("%") != ""


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.ByteString) or (isinstance(node, exp.Literal) and bool(node.is_string))  # E'…'
