"""Query rules beyond their examples: what real applications run stays quiet, and no statement makes a rule fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from dbops.lint import example
from dbops.lint.engine import Hit, examine
from dbops.lint.rule import QUERY
from dbops.lint.rules import rules
from dbops.results.lint import Severity
from dbops.schema.model import Relation

ONE = (
    "select-star", "unpaginated-query", "limit-without-order-by", "offset-pagination", "update-without-where",
    "delete-without-where", "leading-wildcard-like", "function-on-indexed-column", "implicit-cast", "not-in-nullable",
    "cartesian-join",
)  # fmt: skip
SHOP = (
    "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text, status text NOT NULL,"
    " created_at timestamptz NOT NULL, last_seen timestamptz)",
    "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, number text UNIQUE, total numeric(10,2),"
    " placed_at timestamptz NOT NULL, paid boolean NOT NULL)",
    "CREATE TABLE items (order_id bigint NOT NULL, line int NOT NULL, sku text NOT NULL, quantity int NOT NULL,"
    " PRIMARY KEY (order_id, line))",
    "CREATE TABLE jobs (id bigint PRIMARY KEY, queue text NOT NULL, run_at timestamptz NOT NULL, locked_by uuid)",
    "CREATE TABLE settings (key text PRIMARY KEY, value jsonb NOT NULL)",
    "CREATE TABLE parts (id bigint PRIMARY KEY, parent_id bigint, name text NOT NULL)",
    "CREATE INDEX ON orders (user_id, placed_at)",
    "CREATE INDEX ON users (lower(name))",
    "CREATE INDEX ON users (created_at)",
)
HEADER = "".join(f"-- schema: {statement}\n" for statement in SHOP)

QUIET = (
    "SELECT id, email, name FROM users WHERE id = $1",
    "SELECT id, name FROM users WHERE email = $1",
    "SELECT id, name FROM users WHERE email = lower($1) AND status = 'active'",
    "SELECT id, name FROM users WHERE lower(name) = lower($1) ORDER BY id LIMIT 20",
    "SELECT id, name FROM users WHERE id = ANY($1::bigint[])",
    "SELECT id, name FROM users WHERE id IN ($1,$2,$3)",
    "SELECT count(*) FROM users WHERE created_at >= now() - interval '1 day'",
    "SELECT EXISTS (SELECT 1 FROM users WHERE email = $1)",
    "SELECT 1 FROM users WHERE status = 'banned' LIMIT 1",
    "SELECT o.id, o.total, u.name FROM orders o JOIN users u ON u.id = o.user_id WHERE o.number = $1",
    "SELECT o.id FROM orders o WHERE o.user_id = $1 ORDER BY o.placed_at DESC, o.id DESC LIMIT 20",
    "SELECT id FROM orders WHERE (placed_at, id) < ($1, $2) ORDER BY placed_at DESC, id DESC LIMIT 20",
    "SELECT u.id, last.total FROM users u LEFT JOIN LATERAL (SELECT o.total FROM orders o WHERE o.user_id = u.id"
    " ORDER BY o.placed_at DESC LIMIT 1) last ON true WHERE u.id = $1",
    "SELECT sum(total), avg(total) FROM orders WHERE user_id = $1 AND paid",
    "SELECT paid, count(*), sum(total) FROM orders GROUP BY paid",
    "SELECT sku, quantity FROM items WHERE order_id = $1 AND line = $2",
    "SELECT i.sku, o.number FROM items i JOIN orders o ON o.id = i.order_id WHERE (i.order_id, i.line) = ($1, $2)",
    "INSERT INTO users (id, email, status, created_at) VALUES ($1,$2,$3,now()) RETURNING id",
    "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    "INSERT INTO orders (id, user_id, placed_at, paid) SELECT $1, id, now(), false FROM users WHERE email = $2",
    "UPDATE users SET last_seen = now() WHERE id = $1",
    "UPDATE orders o SET total = s.total FROM (SELECT order_id, sum(quantity) AS total FROM items GROUP BY order_id) s"
    " WHERE s.order_id = o.id",
    "UPDATE jobs SET locked_by = $1 WHERE id = (SELECT id FROM jobs WHERE run_at <= now() ORDER BY run_at LIMIT 1"
    " FOR UPDATE SKIP LOCKED) RETURNING id, queue",
    "DELETE FROM users WHERE id = $1",
    "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE run_at < now() - interval '30 days' LIMIT 1000)",
    "WITH gone AS (DELETE FROM orders WHERE id = ANY($1) RETURNING id) SELECT count(*) FROM gone",
    "DELETE FROM items USING orders WHERE orders.id = items.order_id AND orders.number = $1",
    "SELECT name FROM users u WHERE NOT EXISTS (SELECT FROM orders o WHERE o.user_id = u.id) ORDER BY u.id LIMIT 50",
    "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders) ORDER BY id LIMIT 50",
    "SELECT id, name FROM users WHERE name ILIKE $1 || '%' ORDER BY name, id LIMIT 10",
    "WITH RECURSIVE tree AS (SELECT id, parent_id FROM parts WHERE id = $1 UNION ALL SELECT p.id, p.parent_id"
    " FROM parts p JOIN tree t ON p.parent_id = t.id) SELECT id, parent_id FROM tree",
    "SELECT d::date, count(o.id) FROM generate_series($1::date, $2::date, '1 day') AS d LEFT JOIN orders o"
    " ON o.placed_at >= d AND o.placed_at < d + interval '1 day' GROUP BY d ORDER BY d LIMIT 400",
    "SELECT jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity)) FROM items WHERE order_id = $1",
    "SELECT value->>'theme' FROM settings WHERE key = 'ui'",
    "SELECT max(placed_at) FROM orders",
    "SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY placed_at) FROM orders ORDER BY id LIMIT 100",
    "SELECT nextval('orders_id_seq')",
    "SELECT pg_advisory_xact_lock($1)",
    "SELECT u.name, s.value FROM users u, settings s WHERE u.id = $1 AND s.key = 'ui'",
    "SELECT id FROM users WHERE created_at >= date_trunc('month', now()) ORDER BY created_at, id LIMIT 100",
    "SELECT coalesce(sum(total), 0) FROM orders WHERE placed_at::date = current_date AND false",
    "MERGE INTO settings s USING (VALUES ($1, $2::jsonb)) v (key, value) ON s.key = v.key"
    " WHEN MATCHED THEN UPDATE SET value = v.value WHEN NOT MATCHED THEN INSERT VALUES (v.key, v.value)",
    "(SELECT id FROM users ORDER BY id LIMIT 5) UNION ALL (SELECT id FROM parts ORDER BY id LIMIT 5)",
    "SELECT o.id FROM orders o JOIN users u USING (id) WHERE o.id = $1 FOR UPDATE OF o",
    "PREPARE one AS SELECT name FROM users WHERE id = $1",
    "EXPLAIN ANALYZE SELECT total FROM orders WHERE id = 5",
)

ODD = (
    "SELECT",
    "SELECT FROM users",
    "SELECT *",
    "SELECT ALL FROM users LIMIT ALL OFFSET NULL",
    "VALUES (1, 2), (3, 4) ORDER BY 1 LIMIT 1 OFFSET 1",
    "TABLE users",
    "TABLE users LIMIT 5 OFFSET $1",
    "SELECT u FROM users u",
    "SELECT (u).* FROM users u LIMIT 1",
    "SELECT (f(1)).* FROM users",
    "SELECT (SELECT u.* FROM users u LIMIT 1)",
    "SELECT * FROM users, LATERAL (SELECT users.*) l",
    "SELECT * FROM users NATURAL JOIN orders",
    "SELECT * FROM users AS u (a, b) JOIN orders o (c) ON a = c",
    "SELECT * FROM (users JOIN orders ON true) AS j",
    "SELECT * FROM (users u CROSS JOIN (orders o LEFT JOIN items i ON o.id = i.order_id))",
    "SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY[1])) AS r (a, b)",
    "SELECT * FROM xmltable('/a' PASSING $1 COLUMNS b int)",
    "SELECT * FROM json_to_record($1) AS x (a int) WHERE a IN (SELECT 1.0)",
    "SELECT 1 FROM users TABLESAMPLE BERNOULLI (1) REPEATABLE (2) LIMIT 3",
    "((SELECT 1 UNION SELECT 2) INTERSECT (SELECT 3 EXCEPT ALL SELECT 4)) ORDER BY 1 LIMIT 2",
    "SELECT 1 UNION (SELECT 2 FROM users UNION ALL (VALUES (1) LIMIT 1) OFFSET 3) LIMIT 2 OFFSET 1",
    "WITH RECURSIVE a AS (SELECT 1 UNION SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM a, b",
    "WITH RECURSIVE a (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM a) SELECT n FROM a LIMIT 10",
    "WITH a AS MATERIALIZED (INSERT INTO users (id) VALUES (1) RETURNING *) SELECT * FROM a",
    "WITH a AS (SELECT 1), a2 AS (SELECT * FROM a, a x, a y) DELETE FROM users USING a2",
    "SELECT a, b, count(*) FROM users GROUP BY GROUPING SETS ((a), (b), ())",
    "SELECT count(*) FROM users GROUP BY ROLLUP (a, b), CUBE (c), 1, 9",
    "SELECT 1 FROM users GROUP BY ()",
    "SELECT sum(x) OVER w, rank() OVER (ORDER BY count(*)) FROM users GROUP BY x WINDOW w AS (PARTITION BY y)",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FILTER (WHERE paid) FROM orders",
    "SELECT DISTINCT ON (user_id) user_id, total FROM orders ORDER BY user_id, placed_at DESC OFFSET 2 LIMIT 1 + 1",
    "SELECT 1 FROM users FETCH FIRST ROW ONLY",
    "SELECT 1 FROM users ORDER BY 1 FETCH NEXT (1 + 1) ROWS WITH TIES",
    "SELECT 1 FROM users LIMIT (SELECT count(*) FROM orders) OFFSET (SELECT 1)",
    "SELECT 1 FROM users WHERE (id, email) IN (SELECT id, email FROM users) AND ROW(id, 1) = ROW(2, 1, 3)",
    "SELECT 1 FROM users WHERE id = ANY (SELECT 1) AND id <> ALL (ARRAY[1, NULL]) AND NOT id = SOME (VALUES (1))",
    "SELECT 1 FROM users WHERE id IN (NULL) OR NULL NOT IN (id)",
    "SELECT 1 FROM users WHERE 'a' LIKE '%' AND name LIKE NULL AND name LIKE '' AND '%x' LIKE name",
    "SELECT 1 FROM users WHERE name SIMILAR TO '%a' OR name ~ '^a' OR name LIKE ALL (ARRAY['%a', $1])",
    "SELECT 1 FROM users WHERE name LIKE E'%\\\\a' ESCAPE '' AND name NOT ILIKE '%' || name || '%'",
    "SELECT 1 FROM users WHERE created_at::date::text = '' AND extract(epoch FROM created_at) > 1e400",
    "SELECT 1 FROM users WHERE date_trunc('day', created_at, 'UTC') IN (now(), $1) AND date(created_at) IS NULL",
    "SELECT 1 FROM users WHERE -id = 3 AND id::text::int = 3 AND (id) = (3.0) AND id = 99999999999999999999",
    "SELECT 1 FROM users WHERE id BETWEEN SYMMETRIC 5 AND 1.5 AND created_at NOT BETWEEN '-infinity' AND now()",
    "SELECT JSON_VALUE(value, '$.a'), value -> 'a' #>> '{b}' FROM settings WHERE value @> '{}' AND value ? 'a'",
    "SELECT 1 FROM settings WHERE value['a'] = '1' AND value->'b' = '2'",
    "SELECT CASE WHEN id IN (SELECT 1) THEN 2 END FROM users ORDER BY CASE id WHEN 1 THEN 2 END LIMIT 1 OFFSET $1",
    "SELECT 1 FROM users WHERE (SELECT (SELECT u2.id FROM users u2 WHERE u2.id = users.id)) = 1.5",
    "INSERT INTO users DEFAULT VALUES RETURNING *, id, users.*",
    "INSERT INTO users AS u SELECT * FROM users ON CONFLICT (id) DO UPDATE SET (a, b) = (SELECT 1, 2) WHERE u.id <> 3",
    "INSERT INTO users VALUES (1, (SELECT * FROM orders LIMIT 1)) ON CONFLICT DO NOTHING",
    "UPDATE users SET (name, status) = ROW('a', DEFAULT), email = (SELECT 'x' FROM orders LIMIT 1) FROM orders, items",
    "UPDATE ONLY users u SET name = $1 FROM orders o LEFT JOIN items i ON i.order_id = o.id WHERE NOT (1 = 2)",
    "DELETE FROM users * WHERE CURRENT OF c",
    "DELETE FROM users u USING (SELECT 1) s, LATERAL (SELECT u.id) t WHERE (true AND (1 = 1 OR false))",
    "MERGE INTO users u USING orders o ON false WHEN NOT MATCHED BY SOURCE THEN DELETE WHEN MATCHED THEN DO NOTHING"
    " RETURNING merge_action(), u.*",
    "CREATE VIEW v AS SELECT * FROM users WITH CHECK OPTION",
    "CREATE MATERIALIZED VIEW v AS TABLE users WITH NO DATA",
    "CREATE TEMP TABLE t (a) ON COMMIT DROP AS VALUES (1)",
    "CREATE TABLE t AS EXECUTE p (1)",
    "SELECT 1 INTO TEMP t FROM users",
    "COPY (SELECT * FROM users) TO STDOUT WITH (FORMAT csv)",
    "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT * FROM users FOR UPDATE",
    "EXPLAIN (ANALYZE, BUFFERS) WITH a AS (SELECT 1) UPDATE users SET name = '' FROM a",
    "PREPARE p (int) AS DELETE FROM users",
    'SELECT "a""b".*, U&"\\0061" FROM "a""b"',
    "SELECT 1 AS \"naïve 🐘\" FROM users WHERE name = '🐘' AND lower(name) LIKE '%🐘' LIMIT 3",
    "SELECT 1 FROM users AS u WHERE " + " AND ".join(f"(u.id = {n} OR NOT u.id = {n})" for n in range(40)),
)


def hits(sql: str, schema: str = HEADER) -> list[Hit]:
    return list(examine(example.script(example.read(schema + sql), QUERY), ONE))


@pytest.mark.parametrize("connective", ["AND", "OR"])
def test_thousands_of_conditions_are_judged(connective: str) -> None:
    sql = "SELECT name FROM users WHERE " + f" {connective} ".join(["id = 5.0"] * 2000)
    assert {hit.rule for hit in hits(sql)} == {"implicit-cast"}


def hits_at(sql: str, rows: float, size: int) -> list[Hit]:
    """Return what is found when users and orders are of that size."""
    script = example.script(example.read(HEADER + sql), QUERY)
    schema = script.schema
    for name in ("users", "orders"):
        table = schema.tables[Relation("public", name)]
        schema = schema.with_table(replace(table, rows=rows, bytes=size))
    return list(examine(replace(script, schema=schema), ONE))


@pytest.mark.parametrize("sql", QUIET)
def test_what_applications_run_is_quiet_when_the_schema_is_known(sql: str) -> None:
    assert hits(sql) == []


NEEDS_SCHEMA = ("WHERE email = ", "number = $1", "(i.order_id, i.line)", "order_id = $1 AND", "NOT IN", "GROUP BY paid",
                "lower(name)", "s.key", "key = 'ui'")  # fmt: skip


@pytest.mark.parametrize("sql", [sql for sql in QUIET if not any(part in sql for part in NEEDS_SCHEMA)])
def test_what_applications_run_is_mostly_quiet_without_the_schema_too(sql: str) -> None:
    assert [hit.rule for hit in hits(sql, "") if hit.rule != "function-on-indexed-column"] == []


@pytest.mark.parametrize("schema", [HEADER, ""], ids=["schema", "nothing known"])
@pytest.mark.parametrize("sql", ODD)
def test_no_statement_makes_a_rule_fail(sql: str, schema: str) -> None:
    script = example.script(example.read(schema + sql), QUERY)
    for hit in examine(script, {rule.slug for rule in rules(QUERY)}):
        start, end = hit.span
        assert 0 <= start < end <= len(script.sql)
        assert not any(f"{rule.slug} failed" in hit.found.message for rule in rules(QUERY))
        assert "\n\n" not in (hit.found.hint or "")
        assert not hit.found.message.endswith(".")


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("SELECT id FROM users", "unpaginated-query"),
        ("SELECT id FROM users WHERE name LIKE '%x' ORDER BY id LIMIT 5", "leading-wildcard-like"),
        ("SELECT id FROM users WHERE created_at::date = $1 ORDER BY id LIMIT 5", "function-on-indexed-column"),
        ("SELECT name FROM users WHERE id = 5.0 ORDER BY id LIMIT 1", "implicit-cast"),
        ("SELECT count(*) FROM users u, orders o", "cartesian-join"),
    ],
)
def test_that_a_table_is_small_today_is_no_reason_to_say_less_of_a_query(sql: str, rule: str) -> None:
    assert [(hit.rule, hit.severity) for hit in hits_at(sql, 50, 16_384)] == [(rule, Severity.WARNING)]
    assert {hit.severity for hit in hits(sql)} == {Severity.WARNING}


def test_forgotten_conditions_are_errors_however_small_the_table_is() -> None:
    for sql in ("UPDATE users SET name = ''", "DELETE FROM users"):
        assert [hit.severity for hit in hits_at(sql, 50, 16_384)] == [Severity.ERROR]


def test_a_cross_join_is_found_where_both_tables_are_large() -> None:
    sql = "SELECT count(*) FROM users CROSS JOIN orders"
    assert hits(sql) == []
    assert [hit.rule for hit in hits_at(sql, 1e8, 2**34)] == ["cartesian-join"]


def fixed(sql: str, schema: str = HEADER) -> str:
    """Return the text after all edits."""
    edits = sorted((edit for hit in hits(sql, schema) for edit in hit.found.edits), reverse=True, key=lambda e: e.start)
    for edit in edits:
        sql = sql[: edit.start] + edit.text + sql[edit.end :]
    return sql


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM parts WHERE id = 1", "SELECT id, parent_id, name FROM parts WHERE id = 1"),
        ("SELECT  p.* FROM parts p WHERE id = 1", "SELECT  id, parent_id, name FROM parts p WHERE id = 1"),
        (
            "SELECT public.parts.*, s.* FROM public.parts, settings s WHERE parts.name = s.key AND s.key = $1 LIMIT 0",
            "SELECT parts.id, parts.parent_id, parts.name, s.key, s.value FROM public.parts, settings s"
            " WHERE parts.name = s.key AND s.key = $1 LIMIT 0",
        ),
        ("DELETE FROM parts WHERE id = 1 RETURNING *", "DELETE FROM parts WHERE id = 1 RETURNING id, parent_id, name"),
        (
            "INSERT INTO settings VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = '1' RETURNING *",
            "INSERT INTO settings VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = '1' RETURNING "
            "settings.key, settings.value",
        ),
        ("CREATE VIEW v AS SELECT * FROM parts", "CREATE VIEW v AS SELECT id, parent_id, name FROM parts"),
    ],
)
def test_a_star_becomes_the_columns(sql: str, expected: str) -> None:
    assert fixed(sql) == expected
    assert fixed(expected) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM unknown WHERE id = 1",
        "SELECT * FROM parts JOIN users USING (id) WHERE id = 1",
        "SELECT * FROM parts NATURAL JOIN users WHERE id = 1",
        "SELECT * FROM parts AS p (a, b, c) WHERE a = 1",
        "SELECT * FROM parts p, (SELECT 1) s WHERE p.id = 1",
        "SELECT * FROM public.parts, other.parts WHERE parts.id = 1",
        "TABLE parts",
    ],
)
def test_a_star_whose_columns_are_not_known_for_sure_is_left(sql: str) -> None:
    assert "select-star" in {hit.rule for hit in hits(sql)}
    assert fixed(sql) == sql


def test_columns_with_names_of_sql_are_quoted() -> None:
    schema = '-- schema: CREATE TABLE t (id int PRIMARY KEY, "order" int, "Camel" int, "a b" int)\n'
    assert fixed("SELECT * FROM t WHERE id = 1", schema) == 'SELECT id, "order", "Camel", "a b" FROM t WHERE id = 1'


@pytest.fixture
def shop(emptied: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with the tables that the examples of implicit-cast are about, without seq scans."""
    with closing(psycopg.connect(emptied, autocommit=True)) as connection:
        for statement in _casts()[0].schema:
            connection.execute(statement)
        connection.execute("SET enable_seqscan = off")
        connection.execute("SET enable_bitmapscan = off")
        yield connection


def _casts() -> list[example.Example]:
    rule = next(rule for rule in rules(QUERY) if rule.slug == "implicit-cast")
    return [example.read(text) for text in (*rule.bad, *rule.good) if text.startswith("-- schema")]


def _messages(sql: str, schema: tuple[str, ...]) -> str:
    header = "".join(f"-- schema: {statement}\n" for statement in schema)
    return " ".join(hit.found.message for hit in hits(sql, header) if hit.rule == "implicit-cast")


def _plan(connection: psycopg.Connection, sql: str) -> str:
    """Return the plan of a query with parameters; raises what the server says of it."""
    connection.execute("DEALLOCATE ALL")
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.execute(f"PREPARE p AS {sql}".encode())
    values = "(NULL)" if "$1" in sql else ""
    return "\n".join(row[0] for row in connection.execute(f"EXPLAIN EXECUTE p{values}".encode()))


@pytest.mark.parametrize("text", _casts(), ids=lambda text: text.sql)
def test_implicit_cast_says_what_the_server_does(text: example.Example, shop: psycopg.Connection) -> None:
    message = _messages(text.sql, text.schema)
    if message.startswith("it fails"):
        with pytest.raises(psycopg.errors.UndefinedFunction, match="operator does not exist"):
            _plan(shop, text.sql)
        return
    plan = _plan(shop, text.sql)
    if "cast to" in message:
        assert "::" in plan
        assert "Join Filter" in plan or "Filter" in plan or "Hash Cond" in plan or "Merge Cond" in plan
        assert "Index Cond" not in plan.replace("Index Cond: (id = 1)", "")
    elif any(f"{name} = " in text.sql for name in ("id", "price", "code")):
        assert "Index Cond" in plan
