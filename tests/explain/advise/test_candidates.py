"""Which indexes are proposed for a query, by its shape."""

from __future__ import annotations

import pytest

from dbops.explain.advise.facts import ColumnFacts, Extension, Facts, Leaf, TableFacts
from explain.advise.scenes import ORDERS, dismissed, facts, proposed

# A query, and indexes that must be among those proposed for it.
SHAPES = [
    ("SELECT * FROM orders WHERE customer_id = 5", ["orders (customer_id)"]),
    ("SELECT * FROM orders WHERE 5 = customer_id", ["orders (customer_id)"]),
    ("SELECT * FROM orders WHERE status = 'x' AND customer_id = 5", ["orders (customer_id, status)"]),
    ("SELECT * FROM orders WHERE customer_id IN (1, 2)", ["orders (customer_id)"]),
    ("SELECT * FROM orders WHERE customer_id = ANY ('{1,2}')", ["orders (customer_id)"]),
    ("SELECT * FROM orders WHERE customer_id = ANY (ARRAY[1, 2])", ["orders (customer_id)"]),
    ("SELECT * FROM orders WHERE (customer_id, status) = (1, 'a')", ["orders (customer_id, status)"]),
    ("SELECT * FROM orders WHERE (customer_id, status) IN ((1, 'a'), (2, 'b'))", ["orders (customer_id)"]),
    ("SELECT * FROM orders WHERE deleted_at IS NULL AND customer_id = 1", ["orders (customer_id, deleted_at)"]),
    ("SELECT * FROM orders WHERE total > 5", ["orders (total)"]),
    ("SELECT * FROM orders WHERE total BETWEEN 5 AND 6", ["orders (total)"]),
    ("SELECT * FROM orders WHERE 5 > total AND customer_id = 1", ["orders (customer_id, total)"]),
    ("SELECT * FROM orders WHERE customer_id = 1 AND total > 5 AND placed_at > '2024-01-01'",
     ["orders (customer_id, total)", "orders (customer_id, placed_at)"]),
    ("SELECT * FROM orders WHERE placed_at > now() - interval '1 day'", ["orders (placed_at)"]),
    ("SELECT * FROM orders WHERE total = (SELECT max(total) FROM orders)", ["orders (total)", "orders (total DESC)"]),
    # Orders.
    ("SELECT * FROM orders WHERE customer_id = 5 ORDER BY placed_at DESC LIMIT 10",
     ["orders (customer_id, placed_at DESC)"]),
    ("SELECT * FROM orders ORDER BY placed_at DESC NULLS LAST, id LIMIT 10",
     ["orders (placed_at DESC NULLS LAST, id)"]),
    ("SELECT * FROM orders ORDER BY placed_at NULLS FIRST LIMIT 10", ["orders (placed_at NULLS FIRST)"]),
    ("SELECT total AS t FROM orders ORDER BY t LIMIT 1", ["orders (total)"]),
    ("SELECT total FROM orders ORDER BY 1 LIMIT 1", ["orders (total)"]),
    ("SELECT * FROM orders WHERE status IN ('a', 'b') ORDER BY placed_at LIMIT 5", ["orders (placed_at, status)"]),
    ("SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY o.placed_at, c.name LIMIT 5",
     ["orders (placed_at)"]),
    ("SELECT * FROM orders WHERE (placed_at, id) < ('2024-01-01', 5) ORDER BY placed_at DESC, id DESC LIMIT 5",
     ["orders (placed_at DESC, id DESC)"]),
    ("SELECT * FROM orders WHERE (placed_at, id) > ('2024-01-01', 5)", ["orders (placed_at, id)"]),
    ("SELECT status, count(*) FROM orders WHERE customer_id = 1 GROUP BY status", ["orders (customer_id, status)"]),
    ("SELECT DISTINCT status FROM orders", ["orders (status)"]),
    ("SELECT DISTINCT ON (customer_id) * FROM orders ORDER BY customer_id, placed_at DESC",
     ["orders (customer_id, placed_at DESC)"]),
    ("SELECT max(placed_at) FROM orders WHERE customer_id = 1", ["orders (customer_id, placed_at DESC)"]),
    ("SELECT min(total) FROM orders", ["orders (total)"]),
    ("SELECT row_number() OVER (PARTITION BY customer_id ORDER BY total) FROM orders", ["orders (customer_id, total)"]),
    # Joins, in both directions.
    ("SELECT * FROM orders o JOIN lines l ON l.order_id = o.id AND l.product_id = o.customer_id",
     ["lines (order_id, product_id)", "orders (id, customer_id)"]),
    ("SELECT * FROM customers c, orders o WHERE o.customer_id = c.id AND o.status = 'x'",
     ["orders (customer_id, status)", "orders (status, customer_id)"]),
    ("SELECT * FROM customers JOIN orders USING (id)", ["orders (id)", "customers (id)"]),
    ("SELECT * FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)",
     ["orders (customer_id)"]),
    ("SELECT * FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE total > 5)",
     ["orders (total)", "customers (id)"]),
    ("SELECT * FROM customers c, LATERAL (SELECT * FROM orders o WHERE o.customer_id = c.id ORDER BY total LIMIT 1) x",
     ["orders (customer_id, total)"]),
    ("SELECT (SELECT count(*) FROM orders o WHERE o.customer_id = c.id AND paid) FROM customers c",
     ["orders (customer_id, paid)", "orders (paid, customer_id)"]),
    ("SELECT * FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.total > 5",
     ["orders (customer_id, total)"]),
    ("(SELECT 1 FROM orders WHERE total = 1) UNION (SELECT 1 FROM customers WHERE name = 'x')",
     ["orders (total)", "customers (name)"]),
    ("WITH x AS (SELECT * FROM orders WHERE total = 1) SELECT * FROM x", ["orders (total)"]),
    ("UPDATE orders SET note = 'x' WHERE total = 1", ["orders (total)"]),
    ("DELETE FROM orders o USING customers c WHERE o.customer_id = c.id AND c.name = 'x'",
     ["orders (customer_id)", "customers (name)"]),
    ("INSERT INTO lines SELECT id, 1, 1, 1, 1 FROM orders WHERE total = 1", ["orders (total)"]),
    ("MERGE INTO orders o USING lines l ON o.customer_id = l.product_id WHEN MATCHED THEN DELETE",
     ["orders (customer_id)"]),
    # OR: an index for each operand, or one on what all share.
    ("SELECT * FROM orders WHERE customer_id = 1 OR total = 2", ["orders (customer_id)", "orders (total)"]),
    ("SELECT * FROM orders WHERE (customer_id = 1 AND total = 2) OR (customer_id = 3 AND total > 4)",
     ["orders (customer_id)"]),
    # Expressions.
    ("SELECT * FROM customers WHERE lower(email) = 'x'", ["customers ((lower(email)))"]),
    ("SELECT * FROM customers c WHERE lower(c.email) = 'x'", ["customers ((lower(email)))"]),
    ('SELECT * FROM customers c WHERE upper(c."group") = $$X$$', ['customers ((upper("group")))']),
    ("SELECT * FROM customers WHERE email::text = 'x'", ["customers (email)"]),
    ("SELECT * FROM orders WHERE \"when\"::date = '2024-01-01'", ['orders (("when"::date))']),
    ("SELECT * FROM orders WHERE date_trunc('month', \"when\") = '2024-01-01'",
     ["orders ((date_trunc('month', \"when\")))"]),
    ("SELECT * FROM orders WHERE date_trunc('day', placed_at AT TIME ZONE 'UTC') = '2024-01-01'",
     ["orders ((date_trunc('day', placed_at AT TIME ZONE 'UTC')))"]),
    ("SELECT * FROM orders WHERE extract(year FROM shipped_on) = 2024", ["orders ((extract(year FROM shipped_on)))"]),
    ("SELECT * FROM orders WHERE data ->> 'kind' = 'x'", ["orders ((data ->> 'kind'))"]),
    ("SELECT * FROM orders WHERE o.data -> 'a' ->> 'b' = 'x'".replace("orders", "orders o"),
     ["orders ((data -> 'a' ->> 'b'))"]),
    ("SELECT * FROM orders WHERE (data ->> 'n')::int > 5", ["orders (((data ->> 'n')::integer))"]),
    ("SELECT * FROM customers WHERE lower(email) LIKE 'abc%'", ["customers ((lower(email)) text_pattern_ops)"]),
    # Text.
    ("SELECT * FROM customers WHERE name LIKE 'abc%'", ["customers (name text_pattern_ops)"]),
    ("SELECT * FROM customers WHERE email LIKE 'abc%'", ["customers (email varchar_pattern_ops)"]),
    ("SELECT * FROM customers WHERE starts_with(name, 'abc')", ["customers (name text_pattern_ops)"]),
    ("SELECT * FROM customers WHERE name ~ '^abc'", ["customers (name text_pattern_ops)"]),
    ("SELECT * FROM customers WHERE name LIKE '%abc%'", ["customers USING gin (name gin_trgm_ops)"]),
    ("SELECT * FROM customers WHERE name ILIKE 'abc%'", ["customers USING gin (name gin_trgm_ops)"]),
    ("SELECT * FROM customers WHERE name ~* 'a.*bcd'", ["customers USING gin (name gin_trgm_ops)"]),
    ("SELECT * FROM customers WHERE lower(name) LIKE '%abc%'", ["customers USING gin ((lower(name)) gin_trgm_ops)"]),
    # Values with something in them.
    ("SELECT * FROM orders WHERE data @> '{\"a\": 1}'", ["orders USING gin (data jsonb_path_ops)"]),
    ("SELECT * FROM orders WHERE data @? '$.a'", ["orders USING gin (data jsonb_path_ops)"]),
    ("SELECT * FROM orders WHERE data ? 'a'", ["orders USING gin (data)"]),
    ("SELECT * FROM orders WHERE data -> 'tags' ? 'a'", ["orders USING gin ((data -> 'tags'))"]),
    ("SELECT * FROM orders WHERE tags @> ARRAY['a']", ["orders USING gin (tags)"]),
    ("SELECT * FROM orders WHERE ARRAY['a'] && tags", ["orders USING gin (tags)"]),
    ("SELECT * FROM orders WHERE words @@ to_tsquery('a')", ["orders USING gin (words)"]),
    ("SELECT * FROM orders WHERE to_tsquery('a') @@ words", ["orders USING gin (words)"]),
    ("SELECT * FROM orders WHERE to_tsvector('english', note) @@ to_tsquery('a')",
     ["orders USING gin ((to_tsvector('english', note)))"]),
    # Tables.
    ("SELECT * FROM events WHERE kind = 'x'", ["events (kind)"]),
    ("SELECT * FROM events_1 WHERE kind = 'x'", ["events_1 (kind)"]),
    ("SELECT * FROM totals WHERE total = 1", ["totals (total)"]),
    ('SELECT * FROM customers WHERE "group" = $$x$$', ['customers ("group")']),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), SHAPES, ids=[query for query, _ in SHAPES])
def test_a_shape_gets_its_indexes(query: str, expected: list[str]) -> None:
    assert set(proposed(query)) >= set(expected)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM orders",
        "SELECT count(*) FROM orders",
        "SELECT 1",
        "SELECT * FROM elsewhere WHERE id = 1",
        "SELECT * FROM recent WHERE id = 1",
        "SELECT * FROM unknown WHERE id = 1",
        "SELECT * FROM pg_class WHERE relname = 'x'",
        "SELECT * FROM generate_series(1, 2) AS g WHERE g = 1",
        "SELECT * FROM customers WHERE profile::text = 'x'",
        "SELECT * FROM orders WHERE customer_id = random()",
        "SELECT * FROM orders WHERE customer_id = own_volatile()",
        "SELECT * FROM orders WHERE customer_id = 1.5",
        "SELECT * FROM orders WHERE customer_id <> 1",
        "SELECT * FROM orders WHERE customer_id = id",
        "SELECT * FROM orders WHERE customer_id NOT IN (1, 2)",
        "SELECT * FROM customers WHERE name NOT LIKE 'abc%'",
        "SELECT * FROM customers WHERE name LIKE '%ab%'",
        "SELECT * FROM customers WHERE name LIKE '%a_b%'",
        "SELECT * FROM orders WHERE customer_id = 1 OR note || 'x' <> 'y'",
        "SELECT * FROM orders ORDER BY random() LIMIT 1",
        "INSERT INTO orders (id) VALUES (1)",
        # What would not be immutable.
        "SELECT * FROM orders WHERE placed_at::date = '2024-01-01'",
        "SELECT * FROM orders WHERE date_trunc('day', placed_at) = '2024-01-01'",
        "SELECT * FROM orders WHERE extract(year FROM placed_at) = 2024",
        "SELECT * FROM orders WHERE to_char(placed_at, 'YYYY') = '2024'",
        "SELECT * FROM orders WHERE placed_at + interval '1 day' > now()",
        "SELECT * FROM orders WHERE (data ->> 'at')::timestamptz > now()",
        "SELECT * FROM orders WHERE date_trunc('day', placed_at, 'UTC') = now()",
        "SELECT * FROM orders WHERE date_trunc('day', \"when\" AT TIME ZONE 'UTC') = now()",
        "SELECT * FROM orders WHERE shipped_on AT TIME ZONE 'UTC' > now()",
        "SELECT * FROM orders WHERE text(placed_at) = 'x'",
        "SELECT * FROM orders WHERE mood::text = 'x'",
        "SELECT * FROM orders WHERE to_tsvector(note) @@ to_tsquery('a')",
        "SELECT * FROM orders WHERE unheard_of(note) = 'a'",
    ],
)
def test_nothing_is_proposed_where_no_index_could_be_used(query: str) -> None:
    assert proposed(query, shares={}) == []


def test_a_condition_in_an_outer_joins_on_does_not_narrow_the_side_that_stays_whole() -> None:
    found = proposed("SELECT * FROM orders o LEFT JOIN customers c ON c.id = o.customer_id AND o.total > 5")
    assert not any(each.startswith("orders") for each in found)


def test_what_equals_a_constant_is_no_key_of_an_order() -> None:
    query = "SELECT * FROM orders WHERE customer_id = 5 ORDER BY customer_id, placed_at LIMIT 5"
    assert "orders (customer_id, placed_at)" in proposed(query)


def test_the_key_with_the_most_values_comes_first() -> None:
    found = proposed("SELECT * FROM orders WHERE status = 'x' AND paid AND customer_id = 5")
    assert "orders (customer_id, status, paid)" in found


def test_with_the_collation_c_like_needs_no_operator_class() -> None:
    plain = TableFacts((Leaf(ORDERS, 1e6, 20_000),), {"status": ColumnFacts(plain_order=True)})
    assert proposed("SELECT * FROM orders WHERE status LIKE 'a%'", known=Facts({ORDERS: plain})) == ["orders (status)"]


def test_what_a_query_reads_is_included_where_it_is_little() -> None:
    query = "SELECT total FROM orders WHERE customer_id = 5 ORDER BY placed_at LIMIT 5"
    assert "orders (customer_id, placed_at) INCLUDE (total)" in proposed(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM orders WHERE customer_id = 5",
        "SELECT note FROM orders WHERE customer_id = 5",
        "SELECT total FROM orders WHERE customer_id = 5 FOR UPDATE",
        "SELECT id, total, paid, mood, shipped_on, status FROM orders WHERE customer_id = 5",
        "SELECT o FROM orders o WHERE customer_id = 5",
        "UPDATE orders SET total = 1 WHERE customer_id = 5",
        "DELETE FROM orders WHERE customer_id = 5",
    ],
)
def test_nothing_is_included_where_the_row_is_needed_or_too_much_of_it(query: str) -> None:
    assert not any("INCLUDE" in each for each in proposed(query))


@pytest.mark.parametrize(
    ("condition", "predicate"),
    [
        ("status = 'new'", "status = 'new'"),
        ("o.status = 'new'", "status = 'new'"),
        ("status IN ('new', 'old')", "status IN ('new', 'old')"),
        ("status <> 'done'", "status <> 'done'"),
        ("deleted_at IS NULL", "deleted_at IS NULL"),
        ("deleted_at IS NOT NULL", "deleted_at IS NOT NULL"),
        ("paid", "paid"),
        ("NOT paid", "NOT paid"),
        ("paid IS FALSE", "paid IS FALSE"),
        ("mood = 'sad'", "mood = 'sad'"),
    ],
)
def test_a_constant_condition_on_few_values_makes_a_partial_index(condition: str, predicate: str) -> None:
    found = proposed(f"SELECT * FROM orders o WHERE {condition} AND customer_id = 5")
    assert f"orders (customer_id) WHERE {predicate}" in found


@pytest.mark.parametrize(
    "condition", ["total = 7", "placed_at > '2024-01-01'", "status = o.note", "status = lower('NEW')"]
)
def test_other_conditions_make_no_partial_index(condition: str) -> None:
    found = proposed(f"SELECT * FROM orders o WHERE {condition} AND customer_id = 5")
    assert not any("WHERE" in each for each in found)


def test_a_value_that_came_from_a_parameter_makes_no_partial_index() -> None:
    query = "SELECT * FROM orders WHERE status = ('new'::text) AND deleted_at IS NULL AND customer_id = 5"
    found = proposed(query, parameters=frozenset({"('new'::text)", "NULL"}))
    assert {each.partition("WHERE")[2] for each in found} == {"", " deleted_at IS NULL"}


def test_conditions_of_a_partial_index_are_tried_alone_and_together() -> None:
    found = proposed("SELECT * FROM orders WHERE status = 'new' AND paid ORDER BY placed_at LIMIT 5")
    assert "orders (placed_at) WHERE (status = 'new') AND (paid)" in found
    assert {"orders (placed_at) WHERE status = 'new'", "orders (placed_at) WHERE paid"} <= set(found)


def test_an_index_whose_condition_says_it_all_is_on_the_primary_key() -> None:
    assert "orders (id) WHERE status = 'new'" in proposed("SELECT * FROM orders WHERE status = 'new'")


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_condition_that_most_rows_meet_makes_no_partial_index(share: float) -> None:
    found = proposed("SELECT * FROM orders WHERE status = 'done'", shares={(ORDERS, "status = 'done'"): share})
    assert found == ["orders (status)"]


def test_a_condition_of_which_nobody_knows_the_share_makes_no_partial_index() -> None:
    assert proposed("SELECT * FROM orders WHERE status = 'done'", shares={}) == ["orders (status)"]


def test_brin_is_proposed_for_ranges_on_a_big_table_that_is_in_order() -> None:
    query = "SELECT * FROM orders WHERE placed_at > '2024-01-01'"
    assert "orders USING brin (placed_at)" in proposed(query, known=facts(correlation=-0.95))
    assert "orders USING brin (placed_at)" not in proposed(query, known=facts(correlation=0.8))
    assert "orders USING brin (placed_at)" not in proposed(query, known=facts(correlation=0.95, pages=5_000))


def test_trigrams_need_the_extension() -> None:
    query = "SELECT * FROM customers WHERE name LIKE '%abc%'"
    assert proposed(query, known=facts(extensions={})) == []
    elsewhere = facts(extensions={"pg_trgm": Extension("1.6", "ext", visible=False)})
    assert proposed(query, known=elsewhere) == ["customers USING gin (name ext.gin_trgm_ops)"]


def test_an_element_of_an_array_is_said_to_need_another_spelling() -> None:
    found = dismissed("SELECT * FROM orders WHERE 'x' = ANY (tags)")
    assert "tags @> ARRAY[…]" in found["orders USING gin (tags)"]


def test_very_wide_columns_are_no_keys() -> None:
    wide = TableFacts((Leaf(ORDERS, 1e6, 20_000),), {"note": ColumnFacts(width=900)})
    assert proposed("SELECT * FROM orders WHERE note = 'x'", known=Facts({ORDERS: wide})) == []


def test_a_chain_of_thousands_of_conditions_is_read() -> None:
    chain = " OR ".join(f"customer_id = {number}" for number in range(3000))
    assert proposed(f"SELECT * FROM orders WHERE status = 'x' AND ({chain})", shares={}) == ["orders (status)"]
    chain = " AND ".join(f"customer_id <> {number}" for number in range(3000))
    assert proposed(f"SELECT * FROM orders WHERE status = 'x' AND {chain}", shares={}) == ["orders (status)"]


def test_a_long_list_of_values_is_one_condition() -> None:
    values = ", ".join(map(str, range(5000)))
    assert proposed(f"SELECT * FROM orders WHERE customer_id IN ({values})", shares={}) == ["orders (customer_id)"]


def test_an_expression_of_thousands_of_levels_is_left_alone() -> None:
    for deep in (" + 1" * 3000, " || 'x'" * 3000):
        column = "total" if "+" in deep else "note"
        query = f"SELECT * FROM orders WHERE {column}{deep} = '5' AND status = 'x' ORDER BY {column}{deep}"
        assert proposed(query, shares={}) == ["orders (status)"]


def test_a_predicate_is_spelled_in_one_line_without_comments_and_its_text_is_kept() -> None:
    found = proposed("SELECT * FROM orders WHERE customer_id = 5 AND\n  status = -- the new ones\n 'a  b'")
    assert "orders (customer_id) WHERE status = 'a  b'" in found
