"""What the second half of the query rules promise beyond the examples in their own files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from dbops.lint import example
from dbops.lint.engine import Hit, examine
from dbops.lint.rule import QUERY
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation

RULES = frozenset(
    {
        "always-true-predicate",
        "between-timestamps",
        "correlated-subquery-per-row",
        "count-star-for-existence",
        "distinct-on-without-order",
        "distinct-with-group-by",
        "equals-null",
        "for-update-without-order",
        "having-without-aggregate",
        "insert-without-columns",
        "natural-join",
        "or-across-columns",
        "order-by-random",
        "select-in-loop-in-list",
        "union-instead-of-union-all",
        "unused-cte",
    }
)
SHOP = (
    "-- schema: CREATE TABLE customers (id bigint PRIMARY KEY, email text UNIQUE, name text NOT NULL)\n"
    "-- schema: CREATE TABLE orders (number bigint PRIMARY KEY, customer bigint, total numeric, placed timestamptz)\n"
    "-- schema: CREATE INDEX orders_customer ON orders (customer)\n"
    "-- schema: CREATE TABLE items (order_number bigint, line int, sku text, PRIMARY KEY (order_number, line))\n"
)


def hits(sql: str, *rules: str) -> list[Hit]:
    return list(examine(example.script(example.read(sql), QUERY), set(rules) or RULES))


def said(sql: str, *rules: str) -> set[str]:
    return {hit.rule for hit in hits(sql, *rules)}


def only(sql: str, rule: str) -> Hit:
    found = hits(sql, rule)
    assert len(found) == 1
    return found[0]


def marked(sql: str, rule: str) -> str:
    """Return the text that the rule's only finding points at."""
    start, end = only(sql, rule).span
    return example.read(sql).sql[start:end]


def mended(sql: str, rule: str) -> str:
    text = example.read(sql).sql
    edits = [edit for hit in hits(sql, rule) for edit in hit.found.edits]
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


QUIET = [
    "SELECT id, email, name FROM users WHERE id = $1",
    "SELECT id FROM users WHERE lower(email) = lower($1)",
    "INSERT INTO users (email, name) VALUES ($1, $2) ON CONFLICT (email) DO UPDATE SET name = excluded.name "
    "RETURNING id",
    "UPDATE users SET last_seen_at = now(), token = NULL WHERE id = $1",
    "UPDATE orders SET state = 'paid', (paid_at, note) = (now(), NULL) FROM payments p WHERE p.order_id = orders.id",
    "DELETE FROM sessions WHERE expires_at < now()",
    "SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.state = $1 "
    "ORDER BY o.created_at DESC LIMIT 50",
    "SELECT id FROM jobs WHERE state = 'ready' ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED",
    "WITH next AS (SELECT id FROM jobs WHERE state = 'ready' ORDER BY run_at LIMIT 10 FOR UPDATE SKIP LOCKED) "
    "UPDATE jobs SET state = 'running' FROM next WHERE jobs.id = next.id RETURNING jobs.id",
    "WITH moved AS (DELETE FROM events WHERE at < $1 RETURNING id, body) "
    "INSERT INTO old_events (id, body) SELECT id, body FROM moved",
    "SELECT id, created_at FROM posts WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT 20",
    "SELECT id FROM posts WHERE created_at < $1 OR (created_at = $1 AND id < $2) ORDER BY created_at DESC LIMIT 20",
    "SELECT count(*) FROM users WHERE created_at >= date_trunc('day', now())",
    "SELECT count(*) FILTER (WHERE state = 'paid') AS paid, count(*) AS every FROM orders WHERE customer_id = $1",
    "SELECT customer_id, sum(total) FROM orders GROUP BY customer_id HAVING sum(total) > 1000 ORDER BY 2 DESC LIMIT 10",
    "SELECT EXISTS (SELECT 1 FROM users WHERE email = $1)",
    "SELECT id FROM users u WHERE NOT EXISTS (SELECT 1 FROM bans b WHERE b.user_id = u.id AND b.until > now())",
    "SELECT id, name FROM products WHERE id = ANY($1::bigint[])",
    "SELECT DISTINCT ON (device_id) device_id, at, value FROM readings ORDER BY device_id, at DESC",
    "SELECT u.id, last.at FROM users u LEFT JOIN LATERAL (SELECT at FROM logins l WHERE l.user_id = u.id "
    "ORDER BY at DESC LIMIT 1) last ON true WHERE u.team_id = $1",
    "SELECT 'user' AS kind, id FROM users UNION ALL SELECT 'team', id FROM teams",
    "WITH RECURSIVE tree AS (SELECT id, parent_id FROM folders WHERE id = $1 UNION ALL SELECT f.id, f.parent_id "
    "FROM folders f JOIN tree t ON f.parent_id = t.id) SELECT id FROM tree",
    "SELECT id FROM orders WHERE 1 = 1 AND state = $1 AND ($2::text IS NULL OR note = $2)",
    "SELECT id FROM messages WHERE room_id = $1 AND (sender_id = $2 OR recipient_id = $2)",
    "SELECT id FROM offers WHERE starts_at <= now() AND (ends_at IS NULL OR ends_at > now())",
    "SELECT date_trunc('month', placed_at) AS month, sum(total) FROM orders WHERE placed_at >= $1 AND placed_at < $2 "
    "GROUP BY 1 ORDER BY 1",
    "SELECT id, row_number() OVER (PARTITION BY state ORDER BY placed_at DESC) FROM orders WHERE customer_id = $1",
    "SELECT id FROM accounts WHERE id IN ($1, $2) ORDER BY id FOR UPDATE",
    "SELECT balance FROM accounts WHERE id = $1 FOR UPDATE",
    "MERGE INTO stock s USING delivery d ON s.sku = d.sku WHEN MATCHED THEN UPDATE SET count = s.count + d.count "
    "WHEN NOT MATCHED THEN INSERT (sku, count) VALUES (d.sku, d.count)",
    "SELECT coalesce(sum(amount), 0) FROM payments WHERE order_id = $1 AND refunded_at IS NULL",
    "SELECT id, (SELECT max(version) FROM releases) AS newest FROM nodes WHERE id = $1",
    "SELECT o.id, (SELECT count(*) FROM items i WHERE i.order_id = o.id) AS items FROM orders o WHERE o.id = $1",
    "SELECT id, CASE WHEN deleted_at IS NULL THEN 'live' ELSE 'gone' END FROM users WHERE id = $1",
    "INSERT INTO audit DEFAULT VALUES",
    "SELECT g.day, count(o.id) FROM generate_series($1::date, $2::date, '1 day') AS g(day) "
    "LEFT JOIN orders o ON o.day = g.day GROUP BY g.day ORDER BY g.day",
    "COPY (SELECT id, email FROM users ORDER BY id) TO STDOUT",
]


@pytest.mark.parametrize("sql", QUIET)
def test_what_applications_rightly_run_is_let_pass(sql: str) -> None:
    assert said(sql) == set()


ODD = [
    "VALUES (1, NULL), (2, 'x')",
    "TABLE orders",
    "SELECT",
    "SELECT FROM orders",
    "SELECT FROM orders FOR UPDATE",
    "SELECT FROM orders GROUP BY () HAVING a = NULL",
    "SELECT NULL = NULL",
    "SELECT NULL UNION SELECT NULL FROM t UNION (VALUES (NULL))",
    "(((SELECT 1 UNION SELECT NULL) INTERSECT TABLE t) EXCEPT (VALUES (1))) ORDER BY 1 LIMIT 1",
    "SELECT DISTINCT ON (NULL::int) NULL",
    "SELECT DISTINCT NULL, count(*) FROM t GROUP BY NULL",
    "MERGE INTO t USING (VALUES (1)) s(id) ON t.id = s.id OR true WHEN MATCHED AND t.a = NULL THEN DELETE "
    "WHEN NOT MATCHED THEN DO NOTHING",
    "WITH RECURSIVE a AS (SELECT 1 UNION SELECT * FROM b), b AS (SELECT 1 UNION SELECT * FROM a) SELECT 1",
    "WITH RECURSIVE a AS (SELECT 1 AS n UNION SELECT n FROM a) SELECT n FROM a ORDER BY random() FOR UPDATE",
    "SELECT 1 FROM a, LATERAL (SELECT (SELECT a.x FROM c WHERE c.y = b.z) FROM b) l, LATERAL f(a.x) g",
    "SELECT (SELECT (SELECT (SELECT count(*) FROM a WHERE a.b = c.d) > 0 FROM d) = 0 FROM e) FROM c",
    "SELECT (SELECT count(*)) > 0, (VALUES (1)) > 0, (SELECT count(*) FROM t) > (SELECT count(*) FROM t)",
    "SELECT count(*) > 0 FROM t UNION SELECT true",
    "SELECT * FROM ROWS FROM (f(1), g(2)) WITH ORDINALITY AS r(a, b, c) ORDER BY random()",
    "SELECT * FROM (a NATURAL JOIN (b CROSS JOIN c)) NATURAL FULL JOIN d WHERE a.x = 1 OR b.y = 2 OR EXISTS (SELECT)",
    "SELECT * FROM a JOIN b USING (id) WHERE (a, b) = (NULL, NULL) OR (a.x, b.y) IN ((1, 2), (3, 4))",
    "SELECT ARRAY(SELECT b FROM c WHERE c.d = a.e ORDER BY random()) FROM a",
    "INSERT INTO t TABLE s",
    "INSERT INTO t (WITH x AS (SELECT 1) SELECT 2)",
    "INSERT INTO t VALUES (1), (DEFAULT)",
    "UPDATE t SET (a, b) = (SELECT NULL, NULL WHERE t.c = NULL) WHERE CURRENT OF c",
    "DELETE FROM t USING a, b WHERE a.x = t.x OR b.y = t.y OR (a.x = b.x AND true)",
    "CREATE VIEW v AS WITH a AS (SELECT 1) SELECT 2 AS n UNION SELECT 3 FROM t",
    "CREATE TABLE c AS SELECT DISTINCT a FROM t GROUP BY a",
    'SELECT "Ünïcode" FROM "Tä""ble" t WHERE "Ünïcode" = NULL OR t."Ünïcode" = \'ü\' -- ü',
    "SELECT $1 = NULL, NULL <> $2, -x = NULL, NOT (x = NULL) FROM t WHERE ($1 = x) OR ($2 = y)",
    "SELECT a FROM t WHERE ts_at BETWEEN '2024-02-30' AND '9999-12-31'",
    "DECLARE c CURSOR FOR SELECT id FROM t ORDER BY random()",
    "PREPARE p AS SELECT id FROM t WHERE a = NULL",
    f"SELECT 1 FROM t WHERE {' OR '.join(f'(a = {number})' for number in range(3000))}",
    f"SELECT 1 FROM t WHERE {' OR '.join(f'c{number} = 1' for number in range(1000))}",
]


@pytest.mark.parametrize("sql", ODD, ids=range(len(ODD)))
def test_no_rule_fails_on_an_odd_query_or_points_outside_of_it(sql: str) -> None:
    for hit in hits(sql):
        start, end = hit.span
        assert 0 <= start < end <= len(sql)
        assert hit.found.message
        for edit in hit.found.edits:
            assert 0 <= edit.start <= edit.end <= len(sql)


def test_a_finding_points_at_the_part_that_it_is_about() -> None:
    assert marked("SELECT a FROM t ORDER BY b, random() LIMIT 1", "order-by-random") == "random()"
    assert marked("SELECT a FROM t WHERE é = 1 AND lower(b) != NULL::text", "equals-null") == "lower(b) != NULL::text"
    assert marked("SELECT a FROM t UNION (SELECT b FROM s UNION ALL SELECT 1)", "union-instead-of-union-all") == "UNION"
    assert marked("DELETE FROM t WHERE x > 1 AND (a = 1 OR true)", "always-true-predicate") == "a = 1 OR true"


def test_hints_have_the_names_of_the_statement_and_the_schema() -> None:
    locked = only(f"{SHOP}SELECT sku FROM items i WHERE sku = $1 FOR UPDATE", "for-update-without-order")
    assert (locked.found.hint or "").startswith("ORDER BY order_number, line FOR UPDATE")
    per_row = only(
        f"{SHOP}SELECT c.name, (SELECT sum(o.total) FROM orders o WHERE o.customer = c.id AND o.total > 0) "
        "FROM customers c",
        "correlated-subquery-per-row",
    )
    assert per_row.found.hint == (
        "LEFT JOIN (SELECT customer, sum(o.total) FROM orders o WHERE o.total > 0 GROUP BY customer) per_customer "
        "ON per_customer.customer = c.id"
    )
    listed = only(
        f"{SHOP}SELECT number FROM orders WHERE customer IN ({', '.join(['1'] * 101)})", "select-in-loop-in-list"
    )
    assert listed.found.hint == "customer = ANY($1::bigint[]) with one array parameter"


def test_an_or_over_indexed_columns_of_one_table_is_let_pass_and_the_missing_index_is_named() -> None:
    assert not hits(f"{SHOP}SELECT total FROM orders WHERE number = $1 OR customer = $2", "or-across-columns")
    hit = only(f"{SHOP}SELECT number FROM orders WHERE number = $1 OR total = $2", "or-across-columns")
    assert hit.found.hint == "CREATE INDEX CONCURRENTLY ON orders (total)"


def test_an_or_across_two_tables_is_found_although_both_columns_are_indexed() -> None:
    sql = "SELECT o.total FROM orders o JOIN customers c ON c.id = o.customer WHERE o.number = $1 OR c.email = $2"
    assert said(SHOP + sql, "or-across-columns")


def test_a_row_found_by_a_unique_key_locks_nothing_else() -> None:
    assert not hits(f"{SHOP}SELECT id FROM customers WHERE email = $1 FOR UPDATE", "for-update-without-order")
    joined = "SELECT 1 FROM orders o JOIN customers c ON c.id = o.customer WHERE o.number = $1 FOR UPDATE"
    assert not hits(SHOP + joined, "for-update-without-order")
    assert hits(f"{SHOP}SELECT sku FROM items WHERE order_number = $1 FOR UPDATE", "for-update-without-order")
    assert hits(f"{SHOP}SELECT id FROM customers WHERE id = ANY($1) FOR UPDATE", "for-update-without-order")
    assert hits(f"{SHOP}SELECT id FROM customers WHERE id IN ($1, $2) FOR UPDATE", "for-update-without-order")


def test_an_assignment_of_null_is_no_comparison_but_its_subquery_may_hold_one() -> None:
    assert not hits("UPDATE t SET a = NULL WHERE b = 1", "equals-null")
    assert hits("UPDATE t SET a = (SELECT b FROM s WHERE c = NULL) WHERE d = 1", "equals-null")
    assert hits("UPDATE t SET a = (b = NULL) WHERE d = 1", "equals-null")


def test_equals_null_is_never_mended_by_itself() -> None:
    assert not only("SELECT a FROM t WHERE b = NULL", "equals-null").found.edits


def test_a_with_query_is_read_when_a_writing_one_reads_it() -> None:
    assert said("WITH a AS (SELECT 1 AS id), b AS (SELECT id FROM a) SELECT 1", "unused-cte")
    assert not said("WITH a AS (SELECT 1 AS id), b AS (INSERT INTO t (id) SELECT id FROM a) SELECT 1", "unused-cte")


def test_a_with_query_is_not_read_by_the_table_of_its_name_that_is_written() -> None:
    assert said("WITH t AS (SELECT 1 AS id) DELETE FROM t WHERE id = 1", "unused-cte")


def test_union_becomes_union_all_only_where_nobody_can_see_the_difference() -> None:
    rule = "union-instead-of-union-all"
    tested = "SELECT a FROM t WHERE b IN (SELECT c FROM s UNION SELECT d FROM r)"
    assert mended(tested, rule) == tested.replace("UNION", "UNION ALL")
    for sql in (
        "SELECT a FROM t UNION SELECT b FROM s",
        "SELECT 'x', a FROM t UNION SELECT 'y', b FROM s",
        "SELECT a FROM t WHERE b IN (SELECT c FROM s UNION SELECT d FROM r LIMIT 5)",
    ):
        assert hits(sql, rule)
        assert mended(sql, rule) == sql


def test_a_chain_of_unions_is_one_finding() -> None:
    assert len(hits("SELECT a FROM t UNION SELECT b FROM s UNION SELECT c FROM r", "union-instead-of-union-all")) == 1


def test_distinct_is_taken_away_alone() -> None:
    sql = "SELECT /* k */ DISTINCT\n  k, count(DISTINCT v) FROM t GROUP BY k"
    assert mended(sql, "distinct-with-group-by") == "SELECT /* k */ k, count(DISTINCT v) FROM t GROUP BY k"


def test_distinct_stays_where_an_unknown_function_may_return_several_rows() -> None:
    hit = only("SELECT DISTINCT k, several(k) FROM t GROUP BY k", "distinct-with-group-by")
    assert not hit.found.edits


def test_insert_is_given_the_columns_that_its_values_go_to() -> None:
    rule = "insert-without-columns"
    assert mended(f"{SHOP}INSERT INTO customers AS c VALUES ($1, $2)", rule) == (
        "INSERT INTO customers AS c (id, email) VALUES ($1, $2)"
    )
    assert mended(f"{SHOP}INSERT INTO customers SELECT * FROM old", rule) == "INSERT INTO customers SELECT * FROM old"


@pytest.mark.parametrize(
    ("size", "severity"), [(None, Severity.WARNING), (8192, Severity.WARNING), (2**40, Severity.ERROR)]
)
def test_a_random_sort_is_as_bad_as_the_table_is_large(size: int | None, severity: Severity) -> None:
    script = example.script(example.read(f"{SHOP}SELECT total FROM orders ORDER BY random() LIMIT 1"), QUERY)
    orders = script.schema.table(Relation(None, "orders"))
    assert orders is not None
    sized = replace(script, schema=script.schema.with_table(replace(orders, bytes=size)))
    assert [hit.severity for hit in examine(sized, {"order-by-random"})] == [severity]


def test_the_random_key_is_of_the_keys_type() -> None:
    hint = only(f"{SHOP}SELECT total FROM orders ORDER BY random() LIMIT 1", "order-by-random").found.hint or ""
    assert "number >= (SELECT floor(random() * max(number))::bigint FROM orders)" in hint
    text_key = "-- schema: CREATE TABLE tags (tag text PRIMARY KEY)\nSELECT tag FROM tags ORDER BY random() LIMIT 1"
    assert ">=" not in (only(text_key, "order-by-random").found.hint or "")


def test_a_subquery_is_not_correlated_when_its_columns_are_its_own() -> None:
    rule = "correlated-subquery-per-row"
    assert not hits(f"{SHOP}SELECT (SELECT max(total) FROM orders WHERE customer = 1) FROM customers", rule)
    assert hits(f"{SHOP}SELECT (SELECT max(total) FROM orders WHERE customer = id) FROM customers", rule)


def test_few_outer_rows_excuse_a_search_by_key_in_the_select_list_but_not_in_where() -> None:
    rule = "correlated-subquery-per-row"
    lookup = "(SELECT c.name FROM customers c WHERE c.id = o.customer)"
    assert not hits(f"{SHOP}SELECT {lookup} FROM orders o LIMIT 100", rule)
    assert hits(f"{SHOP}SELECT {lookup} FROM orders o LIMIT 101", rule)
    assert hits(f"{SHOP}SELECT number FROM orders o WHERE {lookup} = 'x' LIMIT 1", rule)


def test_an_or_in_an_on_is_let_pass_when_where_leaves_few_rows() -> None:
    sql = "SELECT l.id FROM accounts a JOIN logins l ON l.email = a.email OR l.phone = a.phone"
    assert hits(sql, "or-across-columns")
    assert not hits(f"{sql} WHERE a.id = $1", "or-across-columns")


def test_a_bracketed_branch_is_marked_with_its_bracket() -> None:
    sql = "SELECT id FROM users WHERE (first = $1 AND last = $2) OR (email) = $3 LIMIT 9"
    assert marked(sql, "or-across-columns") == "(first = $1 AND last = $2) OR (email) = $3"


TABLES = """
CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, total bigint);
CREATE TABLE archive (id bigint PRIMARY KEY, customer bigint, total bigint);
INSERT INTO orders SELECT n, n % 7, n % 3 FROM generate_series(1, 2000) AS n;
INSERT INTO archive SELECT n, n % 5, n % 3 FROM generate_series(1000, 3000) AS n;
ANALYZE;
"""
FIXABLE = [
    "SELECT DISTINCT customer, sum(total) FROM orders GROUP BY customer",
    "SELECT DISTINCT customer % 2 AS odd, count(DISTINCT total) FROM orders GROUP BY 1",
    "SELECT id FROM orders WHERE customer IN (SELECT customer FROM archive UNION SELECT total FROM archive)",
    "(SELECT customer FROM orders UNION SELECT total FROM archive) EXCEPT SELECT 3",
    "WITH made AS (INSERT INTO archive VALUES (-1, -2) RETURNING id, customer, total) SELECT * FROM made",
    "WITH made AS (INSERT INTO archive SELECT -3, -4, -5 RETURNING id, customer, total) SELECT * FROM made",
]


@pytest.fixture
def shop(emptied: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(emptied) as connection:
        connection.execute(TABLES)
        connection.commit()
        yield connection


def plan(connection: psycopg.Connection, sql: str) -> str:
    return "\n".join(row[0] for row in connection.execute(f"EXPLAIN {sql}").fetchall())


@pytest.mark.parametrize("sql", FIXABLE)
def test_a_fixed_query_returns_the_same_rows_and_is_not_fixed_again(shop: psycopg.Connection, sql: str) -> None:
    schema = "".join(f"-- schema: {line}\n" for line in TABLES.strip().splitlines()[:2])
    (rule,) = {hit.rule for hit in hits(schema + sql) if hit.found.edits}
    fixed = mended(schema + sql, rule)
    assert fixed != sql
    assert not hits(schema + fixed, rule)
    before = sorted(shop.execute(sql).fetchall())
    shop.rollback()
    assert sorted(shop.execute(fixed).fetchall()) == before


def test_postgresql_does_not_run_a_with_query_that_nothing_reads(shop: psycopg.Connection) -> None:
    sql = "WITH failing AS (SELECT 1 / (id - id) FROM orders) SELECT 1"
    assert said(sql, "unused-cte")
    assert shop.execute(sql).fetchone() == (1,)


def test_the_hinted_random_key_is_searched_for_in_the_index(shop: psycopg.Connection) -> None:
    schema = f"-- schema: {TABLES.strip().splitlines()[0]}\n"
    hint = only(f"{schema}SELECT id FROM orders ORDER BY random() LIMIT 1", "order-by-random").found.hint or ""
    where = hint[hint.index("WHERE") :]
    assert "Index Cond: (id >= " in plan(shop, f"SELECT total FROM orders {where}")


def test_an_or_in_a_join_leaves_only_a_nested_loop(shop: psycopg.Connection) -> None:
    sql = "SELECT o.id FROM orders o JOIN archive a ON a.customer = o.customer OR a.total = o.total"
    assert said(sql, "or-across-columns")
    assert "Nested Loop" in plan(shop, sql)
    assert "Nested Loop" not in plan(shop, sql.replace(" OR a.total = o.total", ""))


def test_a_correlated_subquery_is_a_subplan_and_its_hint_is_a_join_with_the_same_rows(shop: psycopg.Connection) -> None:
    sql = "SELECT o.id, (SELECT sum(a.total) FROM archive a WHERE a.customer = o.id AND a.id > 1500) FROM orders o"
    assert "SubPlan" in plan(shop, sql)
    hint = only(sql, "correlated-subquery-per-row").found.hint
    joined = f"SELECT o.id, per_customer.sum FROM orders o {hint}"
    assert "SubPlan" not in plan(shop, joined)
    assert set(shop.execute(joined).fetchall()) == set(shop.execute(sql).fetchall())


def test_an_exists_hint_means_the_same_as_the_count(shop: psycopg.Connection) -> None:
    for sign, word in (("> 0", "EXISTS"), (">= 1", "EXISTS"), ("<> 0", "EXISTS"), ("= 0", "NOT EXISTS")):
        counted = f"SELECT o.id FROM orders o WHERE (SELECT count(*) FROM archive a WHERE a.customer = o.id) {sign}"
        hint = only(counted, "count-star-for-existence").found.hint or ""
        assert hint.startswith(word)
        rewritten = f"SELECT o.id FROM orders o WHERE {hint.removesuffix(' stops at the first row')}"
        assert sorted(shop.execute(rewritten).fetchall()) == sorted(shop.execute(counted).fetchall())
