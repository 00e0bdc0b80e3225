"""What a loop has asked for is there when it is touched again: one cause is told once."""

from __future__ import annotations

from tests.workload.source.samples import found
from tests.workload.source.samples.django import app as django
from tests.workload.source.samples.sqlalchemy import app as sqlalchemy


def test_a_column_that_was_left_out_is_told_once_for_a_loop() -> None:
    (one,) = found(
        django("""\
def shown(post):
    return post.body

def f():
    for post in Post.objects.defer("body"):
        print(post.body)
        shown(post)
""")
    )
    assert one.pattern == "deferred-column"


def test_the_keys_of_several_columns_are_all_in_what_to_write() -> None:
    (one,) = found(
        sqlalchemy("""\
def f(session, pairs):
    for title, author in pairs:
        session.scalars(select(Post).where(Post.title == title, Post.author_id == author)).first()
""")
    )
    assert one.remedy == "select(Post).where(tuple_(Post.title, Post.author_id).in_(keys)), before the loop"


def test_rows_that_are_looked_up_by_a_key_of_another_row_are_not_to_be_prefetched() -> None:
    (one,) = found(
        django("""\
def f(key, names):
    author = Author.objects.get(pk=key)
    for name in names:
        print(author.posts.get(title=name))
""")
    )
    assert one.remedy == "Post.objects.filter(title__in=…), before the loop"
