"""Traces that have an N+1, of different kinds."""

from __future__ import annotations

from workload.nplusone.steps import (
    AUTHOR,
    BEGIN,
    COMMIT,
    POSTS,
    Labelled,
    Step,
    before_each,
    each,
    in_transaction,
    literal,
    of,
    tagged,
    woven,
)

DJANGO_POSTS = (
    'SELECT "blog_post"."id", "blog_post"."author_id" FROM "blog_post" ORDER BY "blog_post"."id" DESC LIMIT 25'
)
DJANGO_AUTHOR = 'SELECT "blog_author"."id", "blog_author"."name" FROM "blog_author"'

POSITIVE: Labelled = {
    "a row each, bound": lambda: [Step(POSTS), *each(AUTHOR, range(10))],
    "a row each, literals": lambda: [Step(POSTS), *literal(AUTHOR, range(10))],
    "in a transaction": lambda: [Step(BEGIN), Step(POSTS), *each(AUTHOR, range(10)), Step(COMMIT)],
    "in a transaction, slowly": lambda: [Step(BEGIN), Step(POSTS), *each(AUTHOR, range(10), pause=2), Step(COMMIT)],
    "keys that come again": lambda: [Step(POSTS), *each(AUTHOR, [1, 2, 1, 1, 2, 3])],
    "five": lambda: [Step(POSTS), *each(AUTHOR, range(5))],
    "a thousand": lambda: [Step(POSTS), *each(AUTHOR, range(1000))],
    "two lookups a row": lambda: [
        Step(POSTS), *woven(each(AUTHOR, range(8)), each("SELECT count(*) FROM likes WHERE post_id = $1", range(8)))
    ],
    "a lookup of a lookup": lambda: [
        Step(BEGIN), Step(POSTS),
        *woven(each(AUTHOR, range(6)), each("SELECT city FROM addresses WHERE author_id = $1", range(6))),
        Step(COMMIT),
    ],
    "children of each": lambda: [Step(POSTS), *each("SELECT * FROM comments WHERE post_id = $1 ORDER BY id", range(9))],
    "a count of each": lambda: [Step(POSTS), *each("SELECT count(*) FROM comments WHERE post_id = $1", range(9))],
    "IN with one": lambda: [Step(POSTS), *each("SELECT * FROM tags WHERE post_id IN ($1)", range(9))],
    "Django's quotes": lambda: [
        Step('SELECT "blog_post"."id", "blog_post"."author_id" FROM "blog_post"'),
        *literal('SELECT "blog_author"."id" FROM "blog_author" WHERE "blog_author"."id" = $1 LIMIT 21', range(9)),
    ],
    "SQLAlchemy's labels": lambda: [
        Step("SELECT posts.id AS posts_id FROM posts"),
        *each("SELECT authors.id AS authors_id FROM authors WHERE authors.id = $1::INTEGER", range(9)),
    ],
    "text keys": lambda: [Step(POSTS), *each("SELECT * FROM users WHERE email = $1", ["a'b", "c", "d", "e", "f"])],
    "a tenant's rows": lambda: [
        Step("SELECT id FROM orders WHERE tenant = $1", (4,)),
        *[Step("SELECT * FROM lines WHERE tenant = $1 AND order_id = $2", (4, number)) for number in range(7)],
    ],
    "first row of each": lambda: [
        Step(POSTS), *each("SELECT * FROM comments WHERE post_id = $1 ORDER BY id LIMIT 1", range(7))
    ],
    "in one trace, slowly": lambda: tagged([Step(POSTS), *each(AUTHOR, range(7), pause=3)], "4bf92f3577b34da6"),
    "after other work": lambda: [
        Step("SELECT * FROM sessions WHERE key = $1", ("k",)), Step("SELECT * FROM users WHERE id = $1", (1,)),
        Step(POSTS), *each(AUTHOR, range(10)), Step("UPDATE users SET seen = now() WHERE id = $1", (1,)),
    ],
    "a write after each": lambda: [
        Step(BEGIN), Step(POSTS),
        *woven(each(AUTHOR, range(6)), each("UPDATE posts SET checked = true WHERE id = $1", range(6))), Step(COMMIT),
    ],
    "a source with a WITH": lambda: [Step("WITH p AS (SELECT 1 AS id) SELECT id FROM p"), *each(AUTHOR, range(6))],
    "rows from a cursor": lambda: [
        Step(BEGIN), Step('DECLARE "c" CURSOR FOR SELECT id FROM posts'), Step("FETCH FORWARD 100 FROM c"),
        *each(AUTHOR, range(9)), Step(COMMIT),
    ],
    "savepoints around each": lambda: [
        Step(BEGIN), Step(POSTS),
        *[step for number in range(6) for step in (Step("SAVEPOINT s"), Step(AUTHOR, (number,)), Step("RELEASE s"))],
        Step(COMMIT),
    ],
    "Django in a request of its own transaction": lambda: in_transaction(
        Step('SELECT "auth_user"."id" FROM "auth_user" WHERE "auth_user"."id" = 4 LIMIT 21'), Step("SAVEPOINT s1"),
        Step('SELECT COUNT(*) AS "__count" FROM "blog_post"'), Step(DJANGO_POSTS),
        *literal(f'{DJANGO_AUTHOR} WHERE "blog_author"."id" = $1 LIMIT 21', range(25)), Step("RELEASE SAVEPOINT s1"),
    ),
    "Django's way back": lambda: [
        Step(DJANGO_POSTS),
        *literal('SELECT "blog_comment"."id" FROM "blog_comment" WHERE "blog_comment"."post_id" = $1 '
                 'ORDER BY "blog_comment"."id" ASC', range(12)),
    ],
    "Django's many to many": lambda: [
        Step(DJANGO_POSTS), *literal('SELECT "blog_tag"."id" FROM "blog_tag" INNER JOIN "blog_post_tags" ON '
                                     '("blog_tag"."id" = "blog_post_tags"."tag_id") '
                                     'WHERE "blog_post_tags"."post_id" = $1', range(12)),
    ],
    "Django's exists": lambda: [
        Step(DJANGO_POSTS),
        *literal('SELECT 1 AS "a" FROM "blog_like" WHERE ("blog_like"."post_id" = $1 AND "blog_like"."user_id" = 9) '
                 "LIMIT 1", range(12)),
    ],
    "SQLAlchemy's lazy collection": lambda: [
        Step("SELECT posts.id, posts.author_id \nFROM posts"),
        *literal("SELECT comments.id, comments.post_id \nFROM comments \nWHERE $1 = comments.post_id", range(9)),
    ],
    "SQLAlchemy's count of a query": lambda: in_transaction(
        Step("SELECT posts.id, posts.author_id \nFROM posts"),
        *each("SELECT count(*) AS count_1 \nFROM (SELECT comments.id AS comments_id \nFROM comments \n"
              "WHERE comments.post_id = $1::INTEGER) AS anon_1", range(9)),
    ),
    "Rails, prepared": lambda: [
        Step('SELECT "posts".* FROM "posts" ORDER BY "posts"."id" DESC LIMIT $1', (20,)),
        *[Step('SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2', (number, 1)) for number in range(20)],
    ],
    "Rails, polymorphic": lambda: [
        Step('SELECT "posts".* FROM "posts"'),
        *[Step('SELECT "images".* FROM "images" WHERE "images"."imageable_id" = $1 AND "images"."imageable_type" = $2',
               (number, "Post")) for number in range(8)],
    ],
    "Hibernate's eager many to one": lambda: in_transaction(
        Step("select o1_0.id,o1_0.customer_id from orders o1_0 where o1_0.state=$1", ("open",)),
        *each("select c1_0.id,c1_0.name from customer c1_0 where c1_0.id=$1", range(14)),
    ),
    "Prisma, which sends OFFSET": lambda: [
        Step('SELECT "public"."Post"."id", "public"."Post"."authorId" FROM "public"."Post" WHERE 1=1 OFFSET $1', (0,)),
        *[Step('SELECT "public"."User"."id" FROM "public"."User" WHERE ("public"."User"."id" = $1 AND 1=1) '
               "LIMIT $2 OFFSET $3", (number, 1, 0)) for number in range(9)],
    ],
    "Sequelize": lambda: [
        Step('SELECT "id", "authorId" FROM "Posts" AS "Post"'),
        *literal('SELECT "id", "name" FROM "Users" AS "User" WHERE "User"."id" = $1', range(9)),
    ],
    "TypeORM's lazy relation": lambda: [
        Step('SELECT "Post"."id" AS "Post_id" FROM "post" "Post"'),
        *each('SELECT "author"."id" AS "author_id" FROM "user" "author" INNER JOIN "post" "Post" ON '
              '"Post"."authorId" = "author"."id" WHERE "Post"."id" IN ($1)', range(9)),
    ],
    "peewee, which sends OFFSET": lambda: [
        Step('SELECT "t1"."id", "t1"."author_id" FROM "post" AS "t1"'),
        *literal('SELECT "t1"."id" FROM "author" AS "t1" WHERE ("t1"."id" = $1) LIMIT 1 OFFSET 0', range(9)),
    ],
    "Ecto": lambda: [
        Step('SELECT p0."id", p0."user_id" FROM "posts" AS p0'),
        *each('SELECT u0."id", u0."name" FROM "users" AS u0 WHERE (u0."id" = $1)', range(9)),
    ],
    "a dataloader that never batches": lambda: [
        Step(POSTS), *each("SELECT * FROM authors WHERE id = ANY($1)", [f"{{{number}}}" for number in range(9)])
    ],
    "a tree, node by node": lambda: [
        Step("SELECT id FROM categories WHERE parent_id IS NULL"),
        *each("SELECT id FROM categories WHERE parent_id = $1", range(30)),
    ],
    "a tenant's search path": lambda: [
        Step("SET search_path TO tenant_7, public"), Step(POSTS), *each(AUTHOR, range(8)), Step("RESET search_path")
    ],
    "two clients of a pool, transaction by transaction": lambda: [
        *in_transaction(Step(POSTS), *each(AUTHOR, range(6))), *in_transaction(Step("SELECT 1 FROM carts")),
        *in_transaction(Step(POSTS), *each(AUTHOR, range(7))),
    ],
    "a cache that knows the others": lambda: in_transaction(
        Step(POSTS), *each(AUTHOR, [3, 19, 22, 57, 80], pause=0.01)
    ),
    "a job that bills each order": lambda: [
        Step("SELECT id, customer_id FROM orders WHERE billed = false"),
        *woven(each("SELECT * FROM customers WHERE id = $1", range(12)),
               [Step("INSERT INTO invoices (order_id, total) VALUES ($1, $2)", (number, 9)) for number in range(12)]),
    ],
    "a report, month by month": lambda: [
        Step("SELECT DISTINCT month FROM sales ORDER BY month"),
        *each("SELECT sum(total) FROM sales WHERE month = $1", [f"2026-{month:02}" for month in range(1, 13)]),
    ],
    "rows of a cursor, one at a time": lambda: in_transaction(
        Step("DECLARE c CURSOR FOR SELECT id, author_id FROM posts"),
        *before_each(Step("FETCH FORWARD 1 FROM c"), each(AUTHOR, range(9))), Step("CLOSE c"),
    ),
    "two keys that go together": lambda: [
        Step("SELECT day, device FROM plans"),
        *[Step("SELECT * FROM readings WHERE day = $1 AND device = $2", (f"2026-01-{day:02}", day))
          for day in range(1, 9)],
    ],
    "uuids": lambda: [
        Step("SELECT id, owner FROM files"),
        *each("SELECT * FROM owners WHERE id = $1::uuid", [f"7f3c2d1a-0000-4000-8000-{n:012}" for n in range(9)]),
    ],
    "keys in JSON": lambda: [
        Step("SELECT sku FROM cart_lines"), *each("SELECT * FROM products WHERE data ->> 'sku' = $1", "abcdefgh")
    ],
    "keys in small letters": lambda: [
        Step("SELECT email FROM invitations"), *each("SELECT * FROM users WHERE lower(email) = lower($1)", "abcdefgh")
    ],
    "rows compared as rows": lambda: [
        Step("SELECT a, b FROM pairs"),
        *[Step("SELECT * FROM things WHERE (a, b) = ($1, $2)", (number, number + 1)) for number in range(8)],
    ],
    "two sessions at the same time": lambda: woven(
        of("s1", [Step(POSTS), *each(AUTHOR, range(8))]), of("s2", [Step(POSTS), *each(AUTHOR, range(20, 28))])
    ),
    "a retry in the middle": lambda: [
        Step(POSTS), *each(AUTHOR, range(4)), Step(AUTHOR, (4,), failed=True), *each(AUTHOR, range(4, 9))
    ],
    "a pool that asks whether the connection lives": lambda: [
        Step(POSTS), *before_each(Step("SELECT 1"), each(AUTHOR, range(9)))
    ],
    "two traces through one connection": lambda: woven(
        tagged([Step(POSTS), *each(AUTHOR, range(9))], "4bf92f3577b34da6"),
        tagged([Step(POSTS), *each(AUTHOR, range(9))], "9a3c1e0055aa77bb"),
    ),
    "a trace over several connections": lambda: [
        step._replace(session=f"s{number % 3}")
        for number, step in enumerate(tagged([Step(POSTS), *each(AUTHOR, range(12))], "4bf92f3577b34da6"))
    ],
    "each row that was inserted": lambda: [
        Step("INSERT INTO orders (item) SELECT item FROM carts RETURNING id"),
        *each("SELECT * FROM orders WHERE id = $1", range(9)),
    ],
    "each job that was taken": lambda: [
        Step("UPDATE jobs SET taken = now() WHERE id IN "
             "(SELECT id FROM jobs LIMIT 10 FOR UPDATE SKIP LOCKED) RETURNING *"),
        *each("SELECT * FROM documents WHERE job_id = $1", range(10)),
    ],
    "a source of two tables": lambda: [
        Step("SELECT id FROM posts UNION ALL SELECT id FROM drafts"), *each(AUTHOR, range(9))
    ],
    "a lookup that some rows need": lambda: in_transaction(
        Step("SELECT id, author_id, editor_id FROM posts"),
        *[step for number in range(12) for step in (
            Step(AUTHOR, (number,)), *[Step("SELECT * FROM editors WHERE id = $1", (number,))] * (number % 2))],
    ),
    "rows of rows of rows": lambda: in_transaction(
        Step(POSTS),
        *[step for post in range(3) for step in (
            Step("SELECT id, user_id FROM comments WHERE post_id = $1", (post,)),
            *each("SELECT name FROM users WHERE id = $1", range(post * 6, post * 6 + 6)))],
    ),
    "a transaction for each, in one trace": lambda: tagged([
        Step("SELECT id, author_id FROM posts"),
        *[step for number in range(8) for step in in_transaction(Step(AUTHOR, (number,)))],
    ], "4bf92f3577b34da6"),
    "a slow page of a session's own": lambda: [
        Step("SELECT * FROM sessions WHERE key = $1", ("k",)), Step(POSTS), *each(AUTHOR, range(10), pause=0.015)
    ],
}  # fmt: skip
