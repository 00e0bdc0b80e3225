"""A WITH query that nothing reads.

Why: PostgreSQL does not even run it: a lock that it should take is not taken, a function that it should call is not
called. If nothing of that kind is in it, it is left over from an earlier form of the query and misleads its readers.
A WITH query that writes (INSERT, UPDATE, DELETE, MERGE) does run, and is not meant here.

Instead: Remove it, or read it where that was meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.query import Query, folded
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
NEEDS_WHOLE = True
BAD = (
    "WITH paid AS (SELECT id FROM orders WHERE paid) SELECT id FROM orders LIMIT 10",
    "WITH paid AS (SELECT id FROM orders WHERE paid), late AS (SELECT id FROM paid) SELECT id FROM orders LIMIT 10",
    "WITH orders AS (SELECT id FROM orders) SELECT id FROM public.orders LIMIT 10",
    "WITH RECURSIVE up AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM up WHERE n < 9) SELECT 1",
)
GOOD = (
    "WITH paid AS (SELECT id FROM orders WHERE paid) SELECT id FROM paid LIMIT 10",
    "WITH paid AS (SELECT id FROM orders), late AS (SELECT id FROM paid) SELECT id FROM late LIMIT 10",
    "WITH gone AS (DELETE FROM orders WHERE id = $1 RETURNING id) SELECT 1",
    "WITH old AS (SELECT id FROM orders), gone AS (DELETE FROM orders USING old WHERE orders.id = old.id) SELECT 1",
    "WITH paid AS (SELECT id FROM orders) SELECT id FROM customers WHERE EXISTS (SELECT 1 FROM paid) LIMIT 10",
    "WITH fresh AS (SELECT 1 AS id) INSERT INTO orders (id) SELECT id FROM fresh",
)

_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def check(query: Query) -> Iterator[Found]:
    """Find WITH queries that neither the statement nor a query it reads reads."""
    for clause in query.tree.find_all(exp.With):
        ctes = tuple(clause.expressions)
        readers = _readers(query, ctes)
        for cte in ctes:
            if not _is_read(cte, readers, frozenset()) and not isinstance(cte.this, _WRITES):
                name = cte.args["alias"].this
                yield query.found(
                    name,
                    f"nothing reads the WITH query {folded(name)}: PostgreSQL does not run it",
                    "remove it, or read it where that was meant",
                )


def _readers(query: Query, ctes: tuple[exp.Expr, ...]) -> dict[int, list[exp.Expr | None]]:
    """Return for each WITH query, by ``id``, the ones of its clause that read it, with None for the statement."""
    readers: dict[int, list[exp.Expr | None]] = {id(cte): [] for cte in ctes}
    for table in query.tree.find_all(exp.Table):
        if table.args.get("db") is not None or _is_target(table):
            continue
        cte = query.ctes(table).get(folded(table.this))
        if cte is not None and id(cte) in readers:
            readers[id(cte)].append(_around(table, ctes))
    return readers


def _is_target(table: exp.Expr) -> bool:
    """Whether a table is named only to be written or locked, which is never about a WITH query."""
    parent = table.parent
    return isinstance(parent, exp.Lock) or (isinstance(parent, exp.Schema | exp.DML) and table.arg_key == "this")


def _around(node: exp.Expr, ctes: tuple[exp.Expr, ...]) -> exp.Expr | None:
    """Return which of the WITH queries the node stands in."""
    parent = node.parent
    while parent is not None and not any(parent is cte for cte in ctes):
        parent = parent.parent
    return parent


def _is_read(cte: exp.Expr, readers: dict[int, list[exp.Expr | None]], seen: frozenset[int]) -> bool:
    """Whether the statement reads it, or a WITH query that runs does."""
    seen |= {id(cte)}
    return any(
        reader is None
        or (id(reader) not in seen and (isinstance(reader.this, _WRITES) or _is_read(reader, readers, seen)))
        for reader in readers[id(cte)]
    )
