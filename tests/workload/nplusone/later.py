"""A second round of traces after real incidents, judged once before anything was mended for them."""

from __future__ import annotations

from workload.nplusone.steps import AUTHOR, POSTS, Labelled, Step, each, in_transaction, literal

POSITIVE: Labelled = {
    "Laravel asks whether there is a like": lambda: [
        Step('select * from "posts" order by "created_at" desc limit 15'),
        *literal('select exists(select * from "likes" where "post_id" = $1 and "user_id" = 3) as "exists"', range(15)),
    ],
    "Laravel's lazy relation": lambda: [
        Step('select * from "posts" order by "created_at" desc limit 15'),
        *literal('select * from "users" where "users"."id" = $1 limit 1', range(15)),
    ],
    "the latest price of each, in a WITH": lambda: [
        Step("SELECT id, name FROM products WHERE shelf = 4"),
        *each("WITH latest AS (SELECT * FROM prices WHERE product_id = $1 ORDER BY at DESC LIMIT 1) "
              "SELECT * FROM latest", range(9)),
    ],
    "two tables for each, by UNION": lambda: [
        Step("SELECT id FROM accounts WHERE active"),
        *each("SELECT at, amount FROM debits WHERE account_id = $1 UNION ALL SELECT at, amount FROM credits "
              "WHERE account_id = $1", range(9)),
    ],
    "a key in the condition of a join": lambda: in_transaction(
        Step("SELECT id FROM orders WHERE state = 'new'"),
        *each("SELECT l.sku, p.price FROM lines l JOIN products p ON p.id = l.product_id AND l.order_id = $1",
              range(9)),
    ),
    "a view's rows": lambda: [
        Step("SELECT author_id FROM posts"), *each("SELECT * FROM author_cards WHERE author_id = $1", range(9)),
    ],
    "a row of keys in a list": lambda: [
        Step("SELECT order_id, line FROM returns"),
        *[Step("SELECT * FROM lines WHERE (order_id, line) IN (($1, $2))", (number, 1 + number % 3))
          for number in range(9)],
    ],
    "the first of each, by FETCH FIRST": lambda: in_transaction(
        Step("select d1_0.id,d1_0.name from device d1_0"),
        *[Step("select r1_0.id,r1_0.at from reading r1_0 where r1_0.device_id=$1 order by r1_0.at desc "
               "fetch first $2 rows only", (number, 1)) for number in range(9)],
    ),
    "a ping between the list and its loop": lambda: [
        Step(POSTS), Step("SELECT 1"), *each(AUTHOR, range(9)),
    ],
    "a sum with a filter for each": lambda: [
        Step("SELECT id, name FROM customers ORDER BY name LIMIT 50"),
        *each("SELECT coalesce(sum(total), 0) FROM orders WHERE customer_id = $1 "
              "AND placed_at > now() - interval '30 days'", range(50)),
    ],
}  # fmt: skip

NEGATIVE: Labelled = {
    "shards that are polled in turn": lambda: [
        step for _ in range(3) for step in (
            Step("SELECT pg_is_in_recovery()", (), 2.0),
            *each("SELECT * FROM tasks WHERE shard = $1 AND due < now() LIMIT 10", range(8)))
    ],
    "one id in an array, a request each": lambda: [
        Step("SELECT id FROM tags LIMIT 20"),
        *[Step("SELECT * FROM pages WHERE id = ANY($1)", (f"{{{number}}}",), pause)
          for number, pause in enumerate([0.21, 0.03, 0.4, 0.11, 0.02, 0.33, 0.07, 0.25])],
    ],
    "tests, a transaction each": lambda: [
        Step("SELECT count(*) FROM migrations"),
        *[step for number in range(9) for step in (
            Step("BEGIN"), Step("INSERT INTO users (name) VALUES ($1) RETURNING id", (f"u{number}",)),
            Step("SELECT * FROM users WHERE id = $1", (number,)), Step("ROLLBACK"))],
    ],
    "a user who is set for row security": lambda: [
        Step("SELECT name FROM pg_roles"),
        *[step for number in range(9) for step in (
            Step("SELECT set_config('app.user', $1, true)", (number,), 0.05), Step("SELECT * FROM notes LIMIT 20"))],
    ],
    "states that are counted": lambda: [
        Step("SELECT pid FROM pg_stat_activity"),
        *each("SELECT count(*) FROM pg_stat_activity WHERE state = $1", ["active", "idle", "disabled", "a", "b", "c"]),
    ],
    "a console that watches": lambda: [
        Step("SELECT id FROM jobs LIMIT 5"), *[Step("SELECT count(*) FROM jobs WHERE state = 'new'", (), 0.9)] * 12
    ],
    "upserts": lambda: [
        Step("SELECT sku, price FROM feed"),
        *[Step("INSERT INTO products (sku, price) VALUES ($1, $2) ON CONFLICT (sku) DO UPDATE SET price = $2",
               (f"s{number}", number)) for number in range(30)],
    ],
    "merges": lambda: [
        Step("SELECT sku, price FROM feed"),
        *each("MERGE INTO products p USING (SELECT $1 AS sku) f ON p.sku = f.sku WHEN NOT MATCHED THEN INSERT (sku) "
              "VALUES (f.sku)", range(9)),
    ],
    "a map, tile by tile": lambda: [
        Step("SELECT id, name FROM layers"),
        *[Step("SELECT shape FROM roads WHERE x BETWEEN $1 AND $2 AND y BETWEEN $3 AND $4", (n, n + 1, 0, 1), 0.004)
          for n in range(12)],
    ],
    "sessions that end": lambda: [
        Step("SELECT id FROM sessions WHERE seen < now() - interval '1 day'"),
        *each("DELETE FROM sessions WHERE id = $1 RETURNING user_id", range(12)),
    ],
}  # fmt: skip
