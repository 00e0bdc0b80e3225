"""What wrote a loop is told by its queries, as each framework really writes them, and so is the cure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.workload.nplusone.frameworks import OTHERWISE, frameworks, hint
from dbops.workload.nplusone.shape import Shape

DJANGO = 'SELECT "blog_post"."id", "blog_post"."author_id", "blog_post"."title" FROM "blog_post"'
RAILS = 'SELECT "posts".* FROM "posts"'
SQLALCHEMY = "SELECT posts.id, posts.author_id \nFROM posts"
PRISMA = 'SELECT "public"."Post"."id", "public"."Post"."authorId" FROM "public"."Post" WHERE 1=1 OFFSET $1'
# framework, the loop's query, its source, what the hint names
WRITTEN = {
    "Django, a foreign key": (
        "Django",
        'SELECT "blog_author"."id", "blog_author"."name" FROM "blog_author" WHERE "blog_author"."id" = 3 LIMIT 21',
        DJANGO, 'select_related("author") on the query of blog_post',
    ),
    "Django, the way back": (
        "Django",
        'SELECT "blog_comment"."id", "blog_comment"."post_id" FROM "blog_comment" WHERE "blog_comment"."post_id" = $1',
        DJANGO, 'prefetch_related("comment_set") on the query of blog_post, or the related_name of post_id',
    ),
    "Django, many to many": (
        "Django",
        'SELECT "blog_tag"."id" FROM "blog_tag" INNER JOIN "blog_post_tags" ON ("blog_tag"."id" = '
        '"blog_post_tags"."tag_id") WHERE "blog_post_tags"."post_id" = 3',
        DJANGO, 'prefetch_related("tags") on the query of blog_post',
    ),
    "Django, a count": (
        "Django", 'SELECT COUNT(*) AS "__count" FROM "blog_comment" WHERE "blog_comment"."post_id" = 3', DJANGO,
        'annotate(Count("comment")) on the query of blog_post',
    ),
    "Django, exists": (
        "Django", 'SELECT 1 AS "a" FROM "blog_comment" WHERE "blog_comment"."post_id" = 3 LIMIT 1', DJANGO,
        "annotate(Exists(…)) on the query of blog_post",
    ),
    "Django, get in a loop": (
        "Django", 'SELECT "blog_post"."id", "blog_post"."body" FROM "blog_post" WHERE "blog_post"."id" = 3 LIMIT 21',
        DJANGO, "in_bulk()",
    ),
    "Django, two keys": (
        "Django", 'SELECT "shop_user"."id" FROM "shop_user" WHERE "shop_user"."id" = 3 LIMIT 21',
        'SELECT "shop_order"."id", "shop_order"."buyer_id", "shop_order"."seller_id" FROM "shop_order"',
        "select_related(…) on the query of shop_order",
    ),
    "Rails, belongs_to": (
        "Rails", 'SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2', RAILS,
        "includes of the association to users on the query of posts",
    ),
    "Rails, belongs_to, its column": (
        "Rails", 'SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2',
        'SELECT "posts"."id", "posts"."user_id" FROM "posts"', "includes(:user) on the query of posts",
    ),
    "Rails, has_many": (
        "Rails", 'SELECT "comments".* FROM "comments" WHERE "comments"."post_id" = $1', RAILS, "includes(:comments)",
    ),
    "Rails, a count": (
        "Rails", 'SELECT COUNT(*) FROM "comments" WHERE "comments"."post_id" = $1', RAILS, "counter_cache",
    ),
    "SQLAlchemy, many to one": (
        "SQLAlchemy",
        "SELECT authors.id AS authors_id, authors.name AS authors_name \nFROM authors \nWHERE authors.id = 3",
        SQLALCHEMY, ".options(joinedload(….author)) on the query of posts",
    ),
    "SQLAlchemy 2.1, many to one": (
        "SQLAlchemy", "SELECT authors.id, authors.name \nFROM authors \nWHERE authors.id = $1::INTEGER", SQLALCHEMY,
        ".options(joinedload(….author)) on the query of posts",
    ),
    "SQLAlchemy, one to many": (
        "SQLAlchemy", "SELECT comments.id, comments.post_id \nFROM comments \nWHERE $1::INTEGER = comments.post_id",
        SQLALCHEMY, "selectinload(…)) of the relationship to comments on the query of posts",
    ),
    "SQLAlchemy, get in a loop": (
        "SQLAlchemy", "SELECT posts.id, posts.title \nFROM posts \nWHERE posts.id = $1::INTEGER", SQLALCHEMY,
        "posts.id.in_(…)",
    ),
    "Hibernate 6": (
        "Hibernate", "select a1_0.id,a1_0.name from author a1_0 where a1_0.id=$1",
        "select p1_0.id,p1_0.author_id from post p1_0", "@EntityGraph of author on the query of post",
    ),
    "Hibernate 5, a collection": (
        "Hibernate",
        "select c0_.post_id as post_id2_0_0_, c0_.id as id1_0_0_ from comment c0_ where c0_.post_id=$1",
        "select post0_.id as id1_1_ from post post0_", "join fetch or an @EntityGraph of the collection",
    ),
    "Prisma": (
        "Prisma",
        'SELECT "public"."User"."id" FROM "public"."User" WHERE ("public"."User"."id" = $1 AND 1=1) LIMIT $2 OFFSET $3',
        PRISMA, "include: { author: true } on the query of Post",
    ),
    "Ecto": (
        "Ecto", 'SELECT u0."id", u0."name" FROM "users" AS u0 WHERE (u0."id" = $1)',
        'SELECT p0."id", p0."user_id" FROM "posts" AS p0', "preload(:user) on the query of posts",
    ),
    "Entity Framework": (
        "Entity Framework", 'SELECT b."Id", b."Url"\nFROM "Blogs" AS b\nWHERE b."Id" = $1\nLIMIT 1',
        'SELECT p."Id", p."BlogId"\nFROM "Posts" AS p', "Include(…) of Blogs on the query of Posts",
    ),
    "TypeORM": (
        "TypeORM", 'SELECT "User"."id" AS "User_id" FROM "user" "User" WHERE (("User"."id" = $1)) LIMIT 1',
        'SELECT "Post"."id" AS "Post_id", "Post"."userId" AS "Post_userId" FROM "post" "Post"',
        "relations: { user: true }",
    ),
    "peewee": (
        "peewee", 'SELECT "t1"."id", "t1"."name" FROM "author" AS "t1" WHERE ("t1"."id" = 3) LIMIT 1 OFFSET 0',
        'SELECT "t1"."id", "t1"."author_id" FROM "post" AS "t1"',
        "join() and select() both models on the query of post",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "sql", "source", "said"), WRITTEN.values(), ids=WRITTEN.keys())
def test_the_framework_is_recognised_and_its_cure_named(name: str, sql: str, source: str, said: str) -> None:
    shape = Shape(sql, source, 0)
    assert [each.NAME for each in frameworks() if each.wrote(shape)] == [name]
    assert hint(shape).startswith(f"in {name} ")
    assert said in hint(shape)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT name FROM authors WHERE id = $1",
        "select * from authors where author_id = 4",
        'select * from "users" where "users"."id" = $1 limit $2',
        "SELECT a.name FROM authors a WHERE a.id = $1",
        "SELECT * FROM authors a1 WHERE a1.id = $1",
    ],
)
def test_sql_that_a_person_wrote_gets_the_general_hint(sql: str) -> None:
    assert hint(Shape(sql, "SELECT id, author_id FROM posts", 0)) == OTHERWISE


def test_what_the_tags_say_goes_before_the_shape() -> None:
    sql = "SELECT name FROM blog_author WHERE id = $1"
    said = hint(Shape(sql, "SELECT id, author_id FROM blog_post", 0, "django:5.2 django.db.backends.postgresql"))
    assert said == 'in Django select_related("author") on the query of blog_post'


def test_every_framework_is_tried() -> None:
    assert {each.NAME for each in frameworks()} == {name for name, *_ in WRITTEN.values()}


@given(st.text(max_size=80), st.text(max_size=40) | st.none())
def test_any_text_gets_a_hint(sql: str, source: str | None) -> None:
    assert hint(Shape(sql, source, 3)).startswith("in ")
