"""Tables that no condition ties to each other multiply: every row of one with every row of the other.

Why: A comma or a join whose condition was forgotten returns the product of both tables: a thousand rows each make a
million. A DISTINCT or GROUP BY above it hides that, not the time it takes.

Instead: Say how the tables belong together: `JOIN items i ON i.order_id = o.id`. Where every pair is meant, write
`CROSS JOIN`, which is reported only when both tables are known to be large. Functions, VALUES, LATERAL, subqueries of
one row, and tables of which a key picks one row are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.bounds import loose
from dbops.lint.queries.comparisons import comparisons, is_constant
from dbops.lint.queries.conditions import Items, conditions, mentioned
from dbops.lint.queries.from_items import Pairing, pairings
from dbops.lint.queries.query import Query, Source
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.model import Table
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
NEEDS_WHOLE = True
BAD = (
    "SELECT o.id, i.sku FROM orders o, items i LIMIT 10",
    "SELECT o.id, i.sku FROM orders o, items i WHERE o.paid AND i.sku = $1 LIMIT 10",
    "SELECT o.id, i.sku FROM orders o JOIN items i ON true LIMIT 10",
    "SELECT o.id FROM orders o JOIN items i ON o.paid LIMIT 10",
    "SELECT count(*) FROM orders o, items i, skus s WHERE i.sku = s.sku",
    "SELECT count(*) FROM orders o JOIN items i ON i.order_id = o.id, customers c WHERE c.vip",
    "DELETE FROM orders o USING items i WHERE i.sku = $1",
    "UPDATE orders o SET total = i.total FROM items i WHERE o.id > 5",
    "WITH big AS (SELECT id FROM customers) SELECT count(*) FROM orders o, big WHERE o.paid",
)
GOOD = (
    "SELECT o.id, i.sku FROM orders o JOIN items i ON i.order_id = o.id LIMIT 10",
    "SELECT o.id, i.sku FROM orders o, items i WHERE i.order_id = o.id LIMIT 10",
    "SELECT o.id FROM orders o, periods p WHERE o.placed BETWEEN p.starts AND p.ends LIMIT 10",
    "SELECT o.id FROM orders o JOIN items i USING (order_id) LIMIT 10",
    "SELECT o.id FROM orders o NATURAL JOIN items i LIMIT 10",
    "SELECT a.x, b.y FROM a CROSS JOIN b LIMIT 10",
    "SELECT count(*) FROM a, b WHERE a_id = b_id",
    "SELECT count(*) FROM orders o, unnest(o.tags) AS tag",
    "SELECT count(*) FROM orders o, LATERAL (SELECT sku FROM items i WHERE i.order_id = o.id) s",
    "SELECT count(*) FROM orders o, (VALUES (1), (2)) AS v (n)",
    "SELECT count(*) FROM orders o, (SELECT max(id) AS top FROM items) m",
    "SELECT count(*) FROM orders o, (SELECT id FROM items ORDER BY id LIMIT 1) m",
    "SELECT o.id, s.value FROM orders o, settings s WHERE s.id = 1 AND o.paid LIMIT 10",
    "SELECT count(*) FROM a, b, c WHERE a.id = b.a_id AND b.id = c.b_id",
    "SELECT count(*) FROM a, b WHERE a.x = $1 AND b.x = $1 AND EXISTS (SELECT FROM c WHERE c.a = a.id AND c.b = b.id)",
    "SELECT count(*) FROM a, b WHERE a.order_id = $1 AND b.order_id = $1",
    "SELECT id FROM o WHERE EXISTS (SELECT FROM a, b WHERE a.o_id = o.id AND b.o_id = o.id) LIMIT 1",
    "UPDATE orders o SET total = i.total FROM items i WHERE i.order_id = o.id",
    "MERGE INTO orders o USING items i ON i.order_id = o.id WHEN MATCHED THEN DELETE",
)


def check(query: Query) -> Iterator[Found]:
    """Find items of a FROM that no condition ties to the others."""
    for reader in query.all_readers:
        sources = query.sources(reader)
        if len(sources) > 1 and not isinstance(reader, exp.Insert | exp.Merge):
            yield from _untied(query, reader, sources)


def _untied(query: Query, reader: exp.Expr, sources: tuple[Source, ...]) -> Iterator[Found]:
    loosely = {id(source.node) for source in loose(query, reader)}
    many = [source for source in sources if id(source.node) in loosely]
    groups = _groups(query, reader, sources)
    if len(many) < 2 or groups is None:
        return
    first = groups[id(many[0].node)]
    apart = next((source for source in many if groups[id(source.node)] != first), None)
    if apart is not None:
        one, other = _called(many[0]), _called(apart)
        yield query.found(
            apart.node,
            f"no condition ties {other} to {one}: every row of one meets every row of the other",
            f"say how they belong together: JOIN {other} ON {other}.… = {one}.…; CROSS JOIN if all pairs are meant",
        )


def _called(source: Source) -> str:
    return source.alias or "the subquery"


def _groups(query: Query, reader: exp.Expr, sources: tuple[Source, ...]) -> dict[int, int] | None:
    """Return for each item the group of items it is tied to; None when a condition's columns can't be placed."""
    groups = {id(source.node): number for number, source in enumerate(sources)}
    for condition in conditions(reader):
        tied = mentioned(query, reader, condition.node)
        if tied is None:
            return None
        _unite(groups, tied)
    for tied in _to_same(query, reader):
        _unite(groups, tied)
    tables = {id(source.node): source.table for source in sources}
    for pairing in pairings(reader):
        if _says_all_pairs(pairing, tables):
            _unite(groups, frozenset(map(id, (*pairing.left, *pairing.right))))
    for source in sources:
        if isinstance(source.node, exp.Lateral) or not isinstance(source.node, exp.Table | exp.Subquery):
            _unite(groups, frozenset(groups))
    return groups


def _to_same(query: Query, reader: exp.Expr) -> Iterator[Items]:
    """Yield the items that equal the same parameter, or the same column of an outer query, and so each other."""
    tied: dict[str, set[int]] = {}
    for comparison in comparisons(reader):
        value = comparison.others[0] if comparison.others else None
        if comparison.sign == "=" and isinstance(value, exp.Parameter | exp.Column):
            items = mentioned(query, reader, comparison.side) or frozenset()
            if is_constant(query, reader, value):
                tied.setdefault(repr(value), set()).update(items)
    yield from map(frozenset, tied.values())


def _says_all_pairs(pairing: Pairing, tables: dict[int, Table | None]) -> bool:
    """Whether a join says itself how the items belong together, or that all pairs of them are meant."""
    join = pairing.join
    if join is None or join.args.get("using") or join.args.get("method"):
        return join is not None
    sides = [[tables.get(id(node)) for node in side] for side in (pairing.left, pairing.right)]
    meant = not all(any(_is_large(table) for table in side) for side in sides)
    return str(join.args.get("kind") or "").upper() == "CROSS" and meant


def _is_large(table: Table | None) -> bool:
    """Whether a table is known to be so large that nobody means all its rows with all of another."""
    return weighed(table, Severity.INFO) is Severity.ERROR


def _unite(groups: dict[int, int], items: frozenset[int]) -> None:
    numbers = {groups[item] for item in items if item in groups}
    for item, number in groups.items():
        if number in numbers:
            groups[item] = min(numbers)
