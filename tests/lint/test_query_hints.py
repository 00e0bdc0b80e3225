"""What query rules advise can be pasted: the server takes it, with parameters that the query doesn't have yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from dbops.lint import example
from dbops.lint.engine import Hit, examine
from dbops.lint.rule import QUERY
from dbops.results.lint import Severity

TABLES = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, region text, total numeric, placed timestamptz)",
    "CREATE TABLE items (order_id bigint, line int, sku text, PRIMARY KEY (order_id, line))",
    "CREATE TABLE tags (name text NOT NULL UNIQUE, uses bigint)",
)
SCHEMA = "".join(f"-- schema: {table}\n" for table in TABLES)


@pytest.fixture
def shop(emptied: str) -> Iterator[psycopg.Connection]:
    with closing(psycopg.connect(emptied, autocommit=True)) as connection:
        for table in TABLES:
            connection.execute(table)
        yield connection


def hits(sql: str, rule: str) -> list[Hit]:
    return [hit for hit in examine(example.script(example.read(sql), QUERY)) if hit.rule == rule]


def hint(sql: str, rule: str) -> str:
    (hit,) = hits(sql, rule)
    return hit.found.hint or ""


@pytest.mark.parametrize(
    ("sql", "cut"),
    [
        ("SELECT region FROM orders", None),
        ("SELECT region FROM orders WHERE customer_id = $1", None),
        ("SELECT region FROM orders WHERE customer_id = $1 AND total > $2 ORDER BY placed DESC", "ORDER"),
        ("SELECT region AS r FROM orders WHERE customer_id = $1 ORDER BY r", "ORDER"),
        ("SELECT id, region FROM orders WHERE customer_id = $1 ORDER BY 2", "ORDER"),
        ("SELECT region, count(*) FROM orders WHERE total > $1 GROUP BY region", "GROUP"),
        ("SELECT DISTINCT region, customer_id FROM orders WHERE total > $1", None),
        ("SELECT DISTINCT(region) FROM orders", None),
        ("SELECT o.region, i.sku FROM orders o JOIN items i ON i.order_id = o.id WHERE i.line = $1", None),
        ("SELECT sku FROM items WHERE sku = $1 ORDER BY line", "ORDER"),
        ("SELECT uses FROM tags", None),
    ],
)
def test_the_next_page_is_what_the_server_takes(shop: psycopg.Connection, sql: str, cut: str | None) -> None:
    advised = hint(SCHEMA + sql, "unpaginated-query")
    said, _, page = advised.partition("read page after page: ")
    assert not said
    paged = (sql if cut is None else sql[: sql.index(cut)]) + " " + page
    shop.execute(f"PREPARE page AS {paged}".encode())
    assert not hits(SCHEMA + paged, "unpaginated-query")
    assert not hits(SCHEMA + paged, "limit-without-order-by")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT region FROM orders WHERE customer_id = $1", "AND id > $2 ORDER BY id LIMIT 100"),
        (
            "SELECT region FROM orders WHERE customer_id = $3 ORDER BY placed DESC",
            "AND (placed, id) < ($4, $5) ORDER BY placed DESC, id DESC LIMIT 100",
        ),
        (
            "SELECT id FROM orders WHERE region = $1 OR total > $2",
            "WHERE (region = $1 OR total > $2) AND id > $3 ORDER BY id LIMIT 100",
        ),
        ("SELECT uses FROM tags", "WHERE name > $1 ORDER BY name LIMIT 100"),
        (
            "SELECT 1 FROM orders WHERE region = $1",
            "if the question is whether there is a row: SELECT EXISTS (…), or LIMIT 1",
        ),
        (
            "SELECT id FROM orders WHERE region = $1 ORDER BY total + 1",
            "add ORDER BY and LIMIT, and read page after page by the columns of the ORDER BY",
        ),
    ],
)
def test_a_page_begins_behind_the_last_row_in_the_querys_own_order(sql: str, expected: str) -> None:
    assert hint(SCHEMA + sql, "unpaginated-query").removeprefix("read page after page: ") == expected


def test_the_keyset_form_of_an_offset_is_what_the_server_takes(shop: psycopg.Connection) -> None:
    sql = "SELECT region FROM orders WHERE customer_id = $1 ORDER BY placed LIMIT 50 OFFSET 100"
    page = hint(SCHEMA + sql, "offset-pagination").partition("page before: ")[2]
    assert page == "AND (placed, id) > ($2, $3) ORDER BY placed, id LIMIT 50"
    shop.execute(f"PREPARE page AS {sql[: sql.index('ORDER')]} {page}".encode())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT c.n FROM (SELECT region, count(*) AS n FROM orders GROUP BY region) c",
        "WITH late AS (SELECT id FROM orders WHERE placed < now()), l AS (SELECT id FROM late) SELECT id FROM l x",
    ],
)
def test_what_grows_is_the_table_below_subqueries_and_with_queries(sql: str) -> None:
    (hit,) = hits(SCHEMA + sql, "unpaginated-query")
    assert hit.found.message == "without LIMIT it returns ever more rows as orders grows"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT name FROM customers WHERE customer_id = $1",
        "SELECT name FROM shop.categories WHERE category_id = $1 AND deleted IS NULL",
        "SELECT name FROM boxes WHERE box_uuid = $1",
        "SELECT total FROM orders o LEFT JOIN customers c USING (customer_id) WHERE o.id = $1",
        "SELECT o.id, i.sku FROM orders o JOIN invoices i USING (order_id) WHERE order_id = $1 AND i.invoice_id = $2",
    ],
)
def test_a_tables_own_id_is_taken_for_its_key(sql: str) -> None:
    assert not hits(sql, "unpaginated-query")
    assert not hits(f"{sql} FOR UPDATE", "for-update-without-order")


def test_the_id_of_another_table_is_not_taken_for_a_key() -> None:
    assert hits("SELECT total FROM orders WHERE customer_id = $1", "unpaginated-query")
    known = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, order_id bigint)\n"
    assert hits(f"{known}SELECT id FROM orders WHERE order_id = $1", "unpaginated-query")


def test_a_subquery_per_row_of_a_short_page_is_no_more_than_a_hint() -> None:
    sql = "SELECT o.id, (SELECT count(*) FROM items i WHERE i.order_id = o.id) FROM orders o ORDER BY o.id"
    assert [hit.severity for hit in hits(sql, "correlated-subquery-per-row")] == [Severity.WARNING]
    listed = sql.replace(" ORDER BY", " WHERE o.id = ANY ($1) ORDER BY")
    for short in (f"{sql} LIMIT 20", listed):
        assert [hit.severity for hit in hits(short, "correlated-subquery-per-row")] == [Severity.INFO]


def test_a_first_row_per_row_is_advised_an_index_that_the_server_takes(shop: psycopg.Connection) -> None:
    first = "SELECT sku FROM items i WHERE i.order_id = o.id ORDER BY i.sku DESC, i.line LIMIT 1"
    sql = f"SELECT o.id, ({first}) FROM orders o"
    index = hint(SCHEMA + sql, "correlated-subquery-per-row").partition("with: ")[2]
    assert index == "CREATE INDEX CONCURRENTLY ON items (order_id, sku DESC, line)"
    shop.execute(index.encode())
    assert not hits(f"{SCHEMA}-- schema: {index.replace(' CONCURRENTLY', '')}\n{sql}", "correlated-subquery-per-row")


def test_rows_written_out_without_columns_are_no_more_than_a_hint() -> None:
    assert [hit.severity for hit in hits("INSERT INTO tags VALUES ('a', 1)", "insert-without-columns")] == [
        Severity.INFO
    ]
    assert [hit.severity for hit in hits("INSERT INTO tags VALUES ($1, 1)", "insert-without-columns")] == [
        Severity.WARNING
    ]


@pytest.mark.parametrize(
    "table", ["late", '"Late"', "public.late", "IF NOT EXISTS late"], ids=["plain", "quoted", "schema", "if not exists"]
)
def test_a_table_that_the_file_creates_has_the_columns_that_the_file_says(table: str) -> None:
    name = table.removeprefix("IF NOT EXISTS ")
    made = f"CREATE TABLE {table} (id bigint);\n"
    filled = f"INSERT INTO {name} SELECT id FROM orders WHERE id = 1;\n"
    assert not hits(made + filled, "insert-without-columns")
    assert hits(filled + made, "insert-without-columns")
