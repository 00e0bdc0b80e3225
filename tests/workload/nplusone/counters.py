"""Counters with a label: what an N+1 leaves in pg_stat_statements, and what busy and right workloads do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbops.workload.nplusone.keys import Keys, Place

Counted = Sequence[Mapping[str, tuple[int, ...]]]
"""Parts of an interval: of each text its calls, its rows, and its role's oid where that is another one than 10."""

_COLUMNS = {
    "posts": ("id", "author_id", "title"),
    "authors": ("id", "name", "city_id"),
    "cities": ("id", "name"),
    "addresses": ("id", "author_id", "city"),
    "comments": ("id", "post_id", "body"),
    "likes": ("id", "post_id"),
    "users": ("id", "name"),
    "sessions": ("key", "user_id"),
    "jobs": ("id", "queue", "state"),
    "products": ("id", "sku", "price"),
}
_OIDS = {name: number for number, name in enumerate(_COLUMNS, 1)}
_REFERENCES = (
    "posts.author_id authors",
    "authors.city_id cities",
    "addresses.author_id authors",
    "comments.post_id posts",
    "likes.post_id posts",
    "sessions.user_id users",
)


def _place(spelt: str) -> Place:
    table, column = spelt.split(".")
    return Place(_OIDS[table], column)


KEYS = Keys(
    {**_OIDS, **{f"public.{name}": oid for name, oid in _OIDS.items()}},
    frozenset(Place(_OIDS[table], column) for table, columns in _COLUMNS.items() for column in columns),
    frozenset(Place(oid, "id") for oid in _OIDS.values()),
    frozenset((_place(own), _place(f"{other}.id")) for own, other in map(str.split, _REFERENCES)),
)

POSTS = "SELECT id, author_id, title FROM posts ORDER BY id DESC LIMIT $1"
AUTHOR = "SELECT id, name FROM authors WHERE id = $1"
SESSION = "SELECT key, user_id FROM sessions WHERE key = $1"
USER = "SELECT id, name FROM users WHERE id = $1"
PRISMA = (
    'SELECT "public"."authors"."id" FROM "public"."authors" WHERE ("public"."authors"."id" = $1 AND $2=$3) '
    "LIMIT $4 OFFSET $5"
)

POSITIVE: dict[str, Counted] = {
    "an author for each post": [{POSTS: (100, 1000), AUTHOR: (1000, 1000)}],
    "authors that are remembered": [{POSTS: (100, 1000), AUTHOR: (620, 620)}],
    "all columns": [{"SELECT * FROM posts": (3, 90), "SELECT * FROM authors WHERE id = $1": (90, 90)}],
    "comments of each post": [{POSTS: (40, 400), "SELECT * FROM comments WHERE post_id = $1": (400, 1900)}],
    "a count for each post": [{POSTS: (40, 400), "SELECT count(*) FROM comments WHERE post_id = $1": (400, 400)}],
    "SQLAlchemy's way around": [
        {"SELECT posts.id, posts.author_id \nFROM posts": (7, 70),
         "SELECT comments.id \nFROM comments \nWHERE $1::INTEGER = comments.post_id": (70, 300)}
    ],
    "Django's": [
        {'SELECT "posts"."id", "posts"."author_id" FROM "posts"': (5, 100),
         'SELECT "authors"."id" FROM "authors" WHERE "authors"."id" = $1 LIMIT $2': (100, 100)}
    ],
    "a lookup of a lookup": [
        {POSTS: (10, 100), AUTHOR: (100, 100), "SELECT city FROM addresses WHERE author_id = $1": (100, 100)}
    ],
    "a lookup of what the lookup gives": [
        {POSTS: (10, 100), "SELECT id, city_id FROM authors WHERE id = $1": (100, 100),
         "SELECT name FROM cities WHERE id = $1": (99, 99)}
    ],
    "each row that is loaded whole": [
        {"SELECT id FROM posts ORDER BY id LIMIT $1": (6, 300), "SELECT id, title FROM posts WHERE id = $1": (300, 300)}
    ],
    "each of a list by its own key": [
        {"SELECT id FROM products WHERE price < $1": (6, 300), "SELECT * FROM products WHERE id = $1": (300, 300)}
    ],
    "in parts, as requests come": [
        {POSTS: (9, 90), AUTHOR: (88, 88)}, {}, {POSTS: (1, 10), AUTHOR: (12, 12)}, {POSTS: (4, 40), AUTHOR: (40, 40)},
    ],
    "a job that takes long": [{POSTS: (1, 500), AUTHOR: (90, 90)}, {AUTHOR: (200, 200)}, {AUTHOR: (210, 210)}],
    "a tenant's": [
        {"SELECT id FROM posts WHERE author_id = $1": (12, 240),
         "SELECT * FROM likes WHERE tenant = $1 AND post_id = $2": (240, 700)}
    ],
    "beside the logins of each request": [
        {SESSION: (410, 410), USER: (410, 410), POSTS: (30, 300), AUTHOR: (300, 300)}
    ],
    "of two roles, one has it": [
        {POSTS: (100, 1000), AUTHOR: (1000, 1000), SESSION: (70, 70, 11), USER: (70, 70, 11)}
    ],
    "Prisma's OFFSET": [
        {'SELECT "public"."posts"."id", "public"."posts"."author_id" FROM "public"."posts"': (10, 80), PRISMA: (80, 80)}
    ],
    "what no foreign key tells": [
        {"SELECT id, warehouse_id FROM stock": (4, 200), "SELECT * FROM warehouses WHERE id = $1": (200, 200)}
    ],
}  # fmt: skip

NEGATIVE: dict[str, Counted] = {
    "nothing": [{}],
    "asked at once": [{POSTS: (100, 1000), "SELECT * FROM authors WHERE id = ANY($1)": (100, 640)}],
    "a list that PostgreSQL 18 squashed": [
        {POSTS: (100, 1000), "SELECT * FROM authors WHERE id IN ($1 /*, ... */)": (1000, 1000)}
    ],
    "a key and a value, nothing else": [{"SELECT abalance FROM accounts WHERE aid = $1": (50_000, 50_000)}],
    "logins of each request": [{SESSION: (1000, 1000), USER: (1000, 1000), POSTS: (100, 1000)}],
    "a row of a list, once a request": [
        {SESSION: (400, 400), POSTS: (40, 400), "SELECT * FROM posts WHERE id = $1": (400, 400)}
    ],
    "a page's own author": [{"SELECT id, author_id FROM posts WHERE id = $1": (500, 500), AUTHOR: (500, 500)}],
    "a list and its details": [{POSTS: (200, 2000), "SELECT * FROM posts WHERE id = $1": (340, 340)}],
    "what was asked at once, and elsewhere one by one": [
        {"SELECT id, name FROM authors WHERE id = ANY($1)": (10, 100), AUTHOR: (100, 100)}
    ],
    "details before lists": [
        {AUTHOR: (500, 500)}, {POSTS: (50, 500), AUTHOR: (100, 100)}, {POSTS: (10, 100)},
    ],
    "inserts": [{POSTS: (10, 100), "INSERT INTO likes (post_id) VALUES ($1)": (100, 100)}],
    "updates": [{POSTS: (10, 100), "UPDATE posts SET title = $1 WHERE id = $2": (100, 100)}],
    "a queue": [
        {"SELECT id FROM jobs WHERE state = $1": (10, 100),
         "SELECT * FROM jobs WHERE id = $1 FOR UPDATE SKIP LOCKED": (100, 100)}
    ],
    "pages by OFFSET": [
        {POSTS: (10, 100), "SELECT * FROM comments WHERE post_id = $1 ORDER BY id LIMIT $2 OFFSET $3": (100, 1000)}
    ],
    "pages by key": [
        {POSTS: (10, 100), "SELECT * FROM comments WHERE post_id = $1 AND id > $2 ORDER BY id LIMIT $3": (100, 1000)}
    ],
    "another role's": [{POSTS: (100, 1000, 11), AUTHOR: (1000, 1000)}],
    "what has nothing to do with it": [{POSTS: (100, 1000), "SELECT * FROM products WHERE sku = $1": (1000, 1000)}],
    "far more calls than rows": [{POSTS: (10, 100), AUTHOR: (5000, 5000)}],
    "far fewer": [{POSTS: (1000, 50_000), AUTHOR: (6000, 6000)}],
    "four": [{POSTS: (1, 4), AUTHOR: (4, 4)}],
    "about a state": [
        {"SELECT id, state FROM jobs": (10, 100), "SELECT id FROM jobs WHERE state = $1": (100, 300)}
    ],
    "hidden": [{"<insufficient privilege>": (1000, 1000), POSTS: (100, 1000)}],
    "what was thrown out of shape": [{POSTS: (10, 100), "SELECT * FROM authors WHERE id =": (100, 100)}],
}  # fmt: skip
