"""What Query says of a statement's tables, columns and places."""

from __future__ import annotations

import pytest

from dbops.lint import example
from dbops.lint.queries.query import Query, Source
from dbops.lint.rule import QUERY
from dbops.sql.query import exp, parse

TABLES = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric)\n"
    "-- schema: CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL)\n"
    "-- schema: CREATE TABLE shop.items (sku text PRIMARY KEY, order_id bigint)\n"
)


def query(sql: str, schema: str = TABLES) -> Query:
    script = example.script(example.read(schema + sql), QUERY)
    return Query(script.sql, 0, script.statements[0], parse(script.sql), script.schema)


def column(of: Query, text: str, occurrence: int = 0) -> exp.Column:
    return [each for each in of.tree.find_all(exp.Column) if of.text(each) == text][occurrence]


def aliases(of: Query) -> list[str]:
    return [source.alias for source in of.sources(of.tree)]


def origin(of: Query, text: str, occurrence: int = 0) -> str | None:
    """Return ``alias.column`` with the column's type, as far as it is known."""
    found = of.origin(column(of, text, occurrence))
    if found is None:
        return None
    source, known = found
    return f"{source.alias}: {'unknown' if known is None else known.type}"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", []),
        ("SELECT FROM orders", ["orders"]),
        ("TABLE orders", ["orders"]),
        ("SELECT 1 FROM orders o, customers AS c", ["o", "c"]),
        ("SELECT 1 FROM orders o JOIN (customers c JOIN shop.items i ON true) ON true", ["o", "c", "i"]),
        ("SELECT 1 FROM (SELECT 1 FROM orders) s", ["s"]),
        ("SELECT 1 FROM orders o, LATERAL (SELECT o.id) l", ["o", "l"]),
        ("SELECT 1 FROM generate_series(1, 2) g, unnest($1::int[]) WITH ORDINALITY AS u (x, n)", ["g", "u"]),
        ("SELECT 1 FROM shop_report(1)", ["shop_report"]),
        ("SELECT 1 FROM (VALUES (1)) v (n)", ["v"]),
        ('SELECT 1 FROM "Orders", ORDERS', ["Orders", "orders"]),
        ("SELECT 1 FROM ONLY orders", ["orders"]),
        ("INSERT INTO orders (id) SELECT id FROM customers", ["orders"]),
        ("INSERT INTO orders AS o (id) VALUES (1) ON CONFLICT (id) DO NOTHING", ["o", "excluded"]),
        ("UPDATE orders o SET total = 1 FROM customers c JOIN shop.items i ON true", ["o", "c", "i"]),
        ("DELETE FROM orders USING customers, shop.items i", ["orders", "customers", "i"]),
        ("MERGE INTO orders o USING customers c ON c.id = o.id WHEN MATCHED THEN DELETE", ["o", "c"]),
    ],
)
def test_sources_are_what_a_statement_itself_reads(sql: str, expected: list[str]) -> None:
    assert aliases(query(sql)) == expected


def _sources(sql: str, schema: str = TABLES) -> tuple[Source, ...]:
    of = query(sql, schema)
    return of.sources(of.tree)


def test_a_table_is_found_by_its_schema_and_folded_name() -> None:
    (source,) = _sources("SELECT 1 FROM Shop.ITEMS")
    assert (source.table and source.table.column("sku")) is not None
    (other,) = _sources('SELECT 1 FROM shop."Items"')
    assert other.table is None
    assert other.relation is not None


def test_a_with_query_hides_a_table_of_its_name_from_what_follows_it_only() -> None:
    of = query("WITH orders AS (SELECT id FROM orders) SELECT id FROM orders")
    (outside,) = of.sources(of.tree)
    assert outside.relation is None
    (inside,) = of.sources(of.selects[1])
    assert inside.table is not None


def test_a_recursive_with_query_reads_itself() -> None:
    of = query("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r")
    assert all(source.relation is None for select in of.selects for source in of.sources(select))


def test_a_name_with_a_schema_is_never_a_with_query() -> None:
    (source,) = _sources("WITH orders AS (SELECT 1) SELECT id FROM public.orders")
    assert source.table is not None


def test_the_target_of_a_write_is_never_a_with_query() -> None:
    of = query("WITH orders AS (SELECT 1 AS id) DELETE FROM orders USING orders o WHERE o.id = orders.id")
    target, read = of.sources(of.tree)
    assert target.table is not None
    assert read.relation is None


def test_columns_that_an_alias_renames_are_not_known() -> None:
    (source,) = _sources("SELECT a FROM orders AS o (a, b, c)")
    assert source.relation is not None
    assert source.table is None


@pytest.mark.parametrize(
    ("join", "optional"),
    [
        ("orders o JOIN customers c ON true", []),
        ("orders o LEFT JOIN customers c ON true", ["c"]),
        ("orders o RIGHT JOIN customers c ON true", ["o"]),
        ("orders o FULL JOIN customers c ON true", ["o", "c"]),
        ("orders o LEFT JOIN (customers c JOIN shop.items i ON true) ON true", ["c", "i"]),
        ("shop.items i, orders o RIGHT JOIN customers c ON true", ["o"]),
    ],
)
def test_an_outer_join_makes_a_source_optional(join: str, optional: list[str]) -> None:
    assert [source.alias for source in _sources(f"SELECT 1 FROM {join}") if source.optional] == optional


@pytest.mark.parametrize(
    ("sql", "text", "expected"),
    [
        ("SELECT o.total FROM orders o", "o.total", "o: numeric"),
        ("SELECT total FROM orders", "total", "orders: numeric"),
        ("SELECT TOTAL FROM orders o, customers c", "TOTAL", "o: numeric"),
        ("SELECT id FROM orders o, customers c", "id", None),
        ("SELECT x FROM orders o, unknown u", "x", None),
        ("SELECT x FROM unknown", "x", "unknown: unknown"),
        ("SELECT total FROM orders o WHERE EXISTS (SELECT FROM customers c WHERE total > 5)", "total", "o: numeric"),
        ("SELECT 1 FROM orders o WHERE EXISTS (SELECT FROM unknown WHERE total > 5)", "total", "unknown: unknown"),
        ("SELECT 1 FROM orders o WHERE o.id IN (SELECT o.total FROM customers o)", "o.total", "o: unknown"),
        ("SELECT l.t FROM orders o, LATERAL (SELECT o.total AS t) l", "o.total", "o: numeric"),
        ("SELECT s.t FROM orders o, (SELECT o.total AS t) s", "o.total", None),
        ("SELECT (WITH w AS (SELECT o.total) SELECT 1 FROM w) FROM orders o", "o.total", "o: numeric"),
        ("WITH w AS (SELECT o.total) SELECT 1 FROM w, orders o", "o.total", None),
        ("UPDATE orders SET total = c.id FROM customers c WHERE customer_id = c.id", "customer_id", "orders: bigint"),
        ("UPDATE orders o SET total = 1 WHERE o.id = 1 RETURNING o.total", "o.total", "o: numeric"),
        ("DELETE FROM orders USING customers c WHERE c.id = customer_id", "c.id", "c: bigint"),
        ("INSERT INTO orders (id) VALUES (1) RETURNING total", "total", "orders: numeric"),
        ("INSERT INTO orders (id) SELECT orders.id FROM customers", "orders.id", None),
        (
            "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET total = excluded.total",
            "excluded.total",
            "excluded: numeric",
        ),
        (
            "MERGE INTO orders o USING customers c ON c.id = o.id WHEN MATCHED THEN UPDATE SET total = c.id",
            "c.id",
            "c: bigint",
        ),
    ],
)
def test_origin_is_where_postgresql_takes_a_column_from(sql: str, text: str, expected: str | None) -> None:
    assert origin(query(sql), text) == expected


def test_the_reader_is_the_nearest_select_or_write() -> None:
    of = query("DELETE FROM orders WHERE id IN (SELECT c.id FROM customers c) RETURNING orders.total")
    assert isinstance(of.reader(column(of, "c.id")), exp.Select)
    assert of.reader(column(of, "orders.total")) is of.tree
    assert of.reader(of.tree) is None


def test_what_a_merge_does_in_a_case_is_no_reader() -> None:
    of = query("MERGE INTO orders o USING customers c ON c.id = o.id WHEN MATCHED THEN UPDATE SET total = c.id")
    assert of.all_readers == (of.tree,)


def test_ctes_are_those_that_can_be_named_there() -> None:
    of = query("WITH a AS (SELECT 1), b AS (SELECT 2 FROM a) SELECT 3 FROM b WHERE EXISTS (SELECT 4 FROM a)")
    tables = {table.name: table for table in of.tree.find_all(exp.Table)}
    named = {name: sorted(of.ctes(table)) for name, table in tables.items()}
    assert named["b"] == ["a", "b"]
    inside = next(table for table in of.tree.find_all(exp.Table) if table.find_ancestor(exp.CTE))
    assert sorted(of.ctes(inside)) == ["a"]


@pytest.mark.parametrize("sql", ["SELECT s.id FROM (SELECT 1 AS id) s", "WITH s AS (SELECT 1 AS id) SELECT id FROM s"])
def test_inner_is_the_query_behind_a_subquery_or_with(sql: str) -> None:
    of = query(sql)
    inner = of.inner(of.sources(of.tree)[0])
    assert inner is not None
    assert isinstance(inner.unnest(), exp.Select)


def test_inner_of_a_table_is_none() -> None:
    of = query("SELECT id FROM orders")
    assert of.inner(of.sources(of.tree)[0]) is None


def test_the_place_of_a_parameter_begins_with_its_dollar() -> None:
    of = query("SELECT id FROM orders WHERE id = $12")
    parameter = next(of.tree.find_all(exp.Parameter))
    assert of.text(parameter) == "$12"


def test_parameters_in_a_row_without_spaces_are_read() -> None:
    tree = parse("INSERT INTO t VALUES ($1,$2),($3,$1::int) RETURNING a$1, '$1,$2'")
    assert [each.name for each in tree.find_all(exp.Parameter)] == ["1", "2", "3", "1"]
    assert [each.name for each in tree.find_all(exp.Literal) if each.is_string] == ["$1,$2"]
