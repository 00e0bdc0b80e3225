"""Traces that look like an N+1 and are right."""

from __future__ import annotations

from workload.nplusone.steps import (
    AUTHOR,
    BEGIN,
    COMMIT,
    POSTS,
    Labelled,
    Step,
    each,
    in_transaction,
    literal,
    of,
    tagged,
    woven,
)

NEGATIVE: Labelled = {
    "four": lambda: [Step(POSTS), *each(AUTHOR, range(4))],
    "the same again": lambda: [Step(POSTS), *each(AUTHOR, [7] * 20)],
    "a retry after failures": lambda: [Step(POSTS), *each(AUTHOR, range(8), failed=True), Step(AUTHOR, (1,))],
    "all at once": lambda: [Step(POSTS), Step("SELECT * FROM authors WHERE id = ANY($1)", ("{1,2,3}",))],
    "an IN with many": lambda: [Step(POSTS), *literal("SELECT * FROM authors WHERE id IN ($1, 2, 3)", range(9))],
    "a batch of inserts": lambda: [Step(POSTS), *each("INSERT INTO audit (post_id) VALUES ($1)", range(50))],
    "a batch of updates": lambda: [Step(POSTS), *each("UPDATE posts SET n = 1 WHERE id = $1", range(50))],
    "inserts that return": lambda: [Step(POSTS), *each("INSERT INTO a (b) VALUES ($1) RETURNING id", range(50))],
    "pages by OFFSET": lambda: [
        Step("SELECT count(*) FROM posts"), *each("SELECT * FROM posts ORDER BY id LIMIT 9 OFFSET $1", range(0, 90, 9))
    ],
    "pages of a tenant": lambda: [
        Step("SELECT count(*) FROM posts"),
        *[Step("SELECT * FROM p WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT 9", (1, at)) for at in range(9)],
    ],
    "pages by key": lambda: [
        Step("SELECT 1 FROM posts"), *each("SELECT * FROM posts WHERE id > $1 ORDER BY id LIMIT 20", range(0, 200, 20))
    ],
    "a queue": lambda: [
        Step("SELECT 1 FROM workers"),
        *each("SELECT * FROM jobs WHERE queue = $1 FOR UPDATE SKIP LOCKED LIMIT 1", ["a", "b"] * 6),
    ],
    "a worker's transactions": lambda: [
        Step("SELECT count(*) FROM jobs"),
        *[step for number in range(9) for step in (
            Step(BEGIN), Step("SELECT * FROM jobs WHERE id = $1", (number,)),
            Step("UPDATE jobs SET done = true WHERE id = $1", (number,)), Step(COMMIT))],
    ],
    "a poller": lambda: [Step(POSTS), *each("SELECT * FROM state WHERE shard = $1", [1, 2] * 10, pause=5)],
    "requests of their own trace": lambda: [
        step for number in range(9)
        for step in tagged([Step("SELECT id FROM sessions"), Step(AUTHOR, (number,))], f"4bf92f3577b34d{number:02}")
    ],
    "requests with pauses": lambda: [
        Step(POSTS),
        *[step for number in range(9) for step in (
            Step("SELECT * FROM sessions WHERE key = $1", (number,), 0.08),
            Step("SELECT * FROM users WHERE id = $1", (number,)), Step("SELECT * FROM carts WHERE u = $1", (number,)))],
    ],
    "a pool that resets": lambda: [
        step for number in range(9) for step in (Step("SELECT 1 FROM x"), Step(AUTHOR, (number,)), Step("DISCARD ALL"))
    ],
    "several applications": lambda: [
        step for number in range(9)
        for step in (Step(POSTS, (), 0.001, f"job {number}"), Step(AUTHOR, (number,), 0.001, f"job {number}"))
    ],
    "no source": lambda: each(AUTHOR, range(20)),
    "a write before": lambda: [Step("UPDATE a SET b = 1"), *each(AUTHOR, range(20))],
    "far between": lambda: [
        Step(POSTS),
        *[step for number in range(8) for step in (
            Step(AUTHOR, (number,)), *[Step(f"SELECT {'a, ' * other} 1 FROM t{other}") for other in range(9)])],
    ],
    "ranges": lambda: [Step(POSTS), *each("SELECT sum(n) FROM sales WHERE day BETWEEN $1 AND $1", range(30))],
    "settings": lambda: [Step(POSTS), *each("SET work_mem = '$1MB'", range(9)), *[Step("SHOW work_mem")] * 9],
    "what can't be parsed": lambda: [Step(POSTS), *each("SELEC nothing FORM x WHERE id = $1", range(9))],
    "functions": lambda: [Step(POSTS), *each("SELECT nextval($1)", ["a", "b", "c", "d", "e", "f"])],
    "another tenant each": lambda: [
        Step(POSTS),
        *[Step("SELECT * FROM t WHERE name = $1", ("same",)) for _ in range(9)],
    ],
    "a dataloader, level by level": lambda: [
        Step(POSTS),
        *each("SELECT * FROM authors WHERE id = ANY($1)", ["{1,2,3}", "{4}", "{5,6}", "{7}", "{8,9}", "{1}"]),
    ],
    "Prisma's lists": lambda: [
        Step('SELECT "public"."Post"."id" FROM "public"."Post" WHERE 1=1 OFFSET $1', (0,)),
        *[Step('SELECT "public"."User"."id" FROM "public"."User" WHERE "public"."User"."id" IN ($1,$2,$3) OFFSET $4',
               (number, number + 1, number + 2, 0)) for number in range(7)],
    ],
    "selectinload in portions": lambda: in_transaction(
        Step("SELECT posts.id AS posts_id FROM posts"),
        *literal("SELECT c.post_id FROM comments AS c WHERE c.post_id IN ($1, $10, $100, $1000)", range(1, 9)),
    ),
    "prefetch_related": lambda: [
        Step('SELECT "blog_post"."id" FROM "blog_post"'),
        *[Step(f'SELECT "blog_{name}"."id" FROM "blog_{name}" WHERE "blog_{name}"."post_id" IN (1, 2, 3, 4)')
          for name in ("comment", "like", "tag", "image", "link", "draft")],
    ],
    "a cursor": lambda: in_transaction(
        Step("DECLARE c CURSOR FOR SELECT id FROM posts"), *[Step("FETCH FORWARD 100 FROM c")] * 20, Step("CLOSE c")
    ),
    "requests of a connection that is kept": lambda: [
        step for number in range(9) for step in (
            Step("SELECT user_id FROM sessions WHERE key = $1", (f"k{number}",), 0.03 + number % 4 / 50),
            Step("SELECT * FROM users WHERE id = $1", (number,)),
            Step("SELECT * FROM pages WHERE slug = $1", (f"p{number}",)))
    ],
    "a queue by one statement": lambda: [
        Step("SELECT count(*) FROM jobs"),
        *[Step("UPDATE jobs SET state = 'taken' WHERE id = (SELECT id FROM jobs WHERE queue = $1 LIMIT 1 FOR UPDATE "
               "SKIP LOCKED) RETURNING *", (queue,)) for queue in "abcdefghi"],
    ],
    "a worker, a job each transaction": lambda: [
        Step("SELECT id FROM queues"),
        *[step for number in range(8) for step in in_transaction(
            Step("SELECT * FROM jobs WHERE state = 'new' LIMIT 1 FOR UPDATE SKIP LOCKED"),
            Step("SELECT * FROM customers WHERE id = $1", (number,)),
            Step("DELETE FROM jobs WHERE id = $1", (number,)))],
    ],
    "what comes by NOTIFY": lambda: [
        Step("SELECT id FROM channels"),
        *[Step("SELECT name FROM users WHERE id = $1", (user,), pause)
          for user, pause in zip([4, 9, 4, 4, 1, 9, 7, 4], [0.31, 0.9, 0.12, 0.44, 0.7, 0.2, 0.85, 0.4], strict=True)],
    ],
    "checks of health": lambda: [
        Step("SELECT version()"), *[Step("SELECT 1"), Step("SELECT pg_is_in_recovery()")] * 20
    ],
    "an exporter of figures": lambda: [
        Step("SELECT datname FROM pg_database"), *each("SELECT pg_database_size($1)", "abcdefghi"),
    ],
    "a driver that learns types": lambda: [
        Step("SELECT typname FROM config"),
        *each("SELECT t.oid, t.typarray FROM pg_type AS t WHERE t.typname = $1", ["hstore", "citext", *"abcd"]),
    ],
    "a dump, table by table": lambda: in_transaction(
        Step("SELECT c.oid, c.relname FROM pg_class AS c WHERE c.relkind = 'r'"),
        *literal("SELECT a.attnum, a.attname FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = '$1'::pg_catalog.oid",
                 range(16400, 16420)),
    ),
    "a transaction that is tried again": lambda: [
        Step("SELECT id FROM accounts"),
        *[step for _ in range(8) for step in (
            Step(BEGIN), Step("SELECT balance FROM accounts WHERE id = $1", (7,)),
            Step("UPDATE accounts SET balance = 1 WHERE id = $1", (7,), failed=True), Step("ROLLBACK"))],
    ],
    "who waits for a task": lambda: [
        Step("SELECT id FROM tasks"), *each("SELECT state FROM tasks WHERE id = $1", [42] * 30, pause=0.1)
    ],
    "an export in portions": lambda: in_transaction(
        Step("SELECT min(id), max(id) FROM orders"),
        *each("SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT 1000", range(0, 20_000, 1000)),
    ),
    "a backfill in portions": lambda: [
        Step("SELECT max(id) FROM orders"),
        *[Step("UPDATE orders SET total = 0 WHERE id BETWEEN $1 AND $2", (at, at + 999))
          for at in range(0, 9000, 1000)],
    ],
    "copies": lambda: [
        Step("SELECT id FROM imports"), *[Step("COPY lines FROM STDIN")] * 12, Step("ANALYZE lines")
    ],
    "partitions that are made": lambda: [
        Step("SELECT max(day) FROM events"),
        *[Step(f"CREATE TABLE events_{day} PARTITION OF events FOR VALUES FROM ({day}) TO ({day + 1})")
          for day in range(9)],
    ],
    "partitions that are counted": lambda: [
        Step("SELECT relname FROM partitions"), *[Step(f"SELECT count(*) FROM events_{day}") for day in range(9)]
    ],
    "accounts that are locked in order": lambda: in_transaction(
        Step("SELECT from_id, to_id FROM transfers"), *each("SELECT * FROM accounts WHERE id = $1 FOR UPDATE", range(8))
    ),
    "advisory locks": lambda: [Step("SELECT id FROM shards"), *each("SELECT pg_try_advisory_lock($1)", range(12))],
    "letters in a search box": lambda: [
        Step("SELECT id FROM categories"),
        *each("SELECT name FROM products WHERE name ILIKE $1 LIMIT 10", ["c%", "ch%", "cha%", "chai%", "chair%"]),
    ],
    "a heartbeat of three servers": lambda: [
        Step("SELECT id FROM servers"),
        *each("SELECT beat FROM heartbeats WHERE server_id = $1", [1, 2, 3] * 6, pause=0.5),
    ],
    "tokens of a busy pool": lambda: [
        Step("SELECT name, price FROM products ORDER BY price LIMIT 20"),
        *[Step("SELECT user_id FROM tokens WHERE hash = $1", (f"t{number}",), pause)
          for number, pause in enumerate([0.004, 0.011, 0.0005, 0.02, 0.0008, 0.0035, 0.016, 0.0002, 0.009, 0.0011])],
    ],
    "carts of a busy pool": lambda: [
        Step("SELECT id FROM products LIMIT 20"),
        *[step for number, pause in enumerate([0.007, 0.0006, 0.021, 0.0015, 0.012, 0.0004, 0.018, 0.003]) for step in (
            Step("SELECT * FROM carts WHERE user_id = $1", (number,), pause),
            Step("SELECT * FROM cart_lines WHERE cart_id = $1", (number,), 0.0008))],
    ],
    "settings of each tenant, under one key": lambda: [
        Step("SELECT name FROM tenants"),
        *[step for number in range(9) for step in (
            Step(f"SET search_path TO tenant_{number}"), Step("SELECT * FROM settings WHERE id = $1", (1,)))],
    ],
    "events of a clock": lambda: [
        Step("SELECT id FROM plans"), *each("SELECT * FROM plans WHERE due = $1", range(9), pause=1.5),
    ],
    "two pages of two people": lambda: woven(
        of("s1", [Step(POSTS), *each(AUTHOR, range(4))]), of("s2", [Step(POSTS), *each(AUTHOR, range(4))])
    ),
}  # fmt: skip
