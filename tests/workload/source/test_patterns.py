"""Every pattern's own examples: the bad ones are found, the good ones are not."""

from __future__ import annotations

import re

import pytest
from tests.workload.source.samples import POSITIVE, found

from dbops.workload.source import patterns
from dbops.workload.source.pattern import Pattern, files

PATTERNS = patterns.every()
BAD = [
    pytest.param(each, text, id=f"{each.slug}-{number}") for each in PATTERNS for number, text in enumerate(each.bad)
]
GOOD = [
    pytest.param(each, text, id=f"{each.slug}-{number}") for each in PATTERNS for number, text in enumerate(each.good)
]


@pytest.mark.parametrize(("pattern", "text"), BAD)
def test_a_bad_example_is_found(pattern: Pattern, text: str) -> None:
    assert {each.pattern for each in found(files(text))} == {pattern.slug}


@pytest.mark.parametrize(("pattern", "text"), GOOD)
def test_in_a_good_example_nothing_is_found(pattern: Pattern, text: str) -> None:
    assert found(files(text)) == ()


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.slug)
def test_a_pattern_says_what_why_and_what_instead(pattern: Pattern) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", pattern.slug)
    assert pattern.summary.endswith(".")
    assert "\nWhy: " in pattern.text
    assert "\nInstead: " in pattern.text
    assert pattern.bad
    assert pattern.good


@pytest.mark.parametrize(
    ("sample", "remedy"),
    [
        ("a foreign key", 'Post.objects.select_related("author")'),
        ("two steps", 'Post.objects.select_related("author__company")'),
        ("many to many", 'Post.objects.prefetch_related("tags")'),
        ("nested, the outer one prefetched", '.prefetch_related("comments__author")'),
        ("an author of each comment of one post", 'post.comments.select_related("author")'),
        ("a count", 'Post.objects.annotate(comments_count=Count("comments"))'),
        ("get by key", "Author.objects.in_bulk(keys), before the loop"),
        ("filter and first", "Author.objects.filter(email__in=…), before the loop"),
        ("count for each", 'Post.objects.values("author").annotate(count=Count("pk")), before the loop'),
        ("a generic foreign key", 'Like.objects.prefetch_related("content_object")'),
        ("SQLAlchemy, one row", "select(Post).options(joinedload(Post.author))"),
        ("SQLAlchemy, rows", "select(Post).where(Post.title == 'x').options(selectinload(Post.comments))"),
        (
            "SQLAlchemy, comments of one post",
            "session.get(Post, key, options=[selectinload(Post.comments).joinedload(Comment.author)])",
        ),
        ("SQLAlchemy, a statement for each key", "select(Comment).where(Comment.post_id.in_(keys)), before the loop"),
        ("SQLAlchemy, get by key", "select(Author).where(Author.id.in_(keys))"),
        ("SQL, psycopg", "SELECT name, id FROM authors WHERE id = ANY($1)"),
        ("list view with names of its own", "Post.objects.filter(title='x').select_related(\"author\")"),
    ],
)
def test_the_remedy_names_what_to_write(sample: str, remedy: str) -> None:
    remedies = [each.remedy for each in found(POSITIVE[sample])]
    assert any(remedy in each for each in remedies), remedies


def test_what_asks_in_a_called_function_is_told_with_its_place() -> None:
    (finding,) = found(POSITIVE["a property of the model"])
    assert (finding.file, finding.line) == ("blog/app.py", 4)
    assert finding.asked_at is not None
    assert finding.asked_at.startswith("blog/models.py:")


def test_a_static_finding_claims_no_figures() -> None:
    (finding,) = found(POSITIVE["a foreign key"])
    assert (finding.kind, finding.query, finding.source_query) == ("static", "post.author", "Post.objects.all()")
    assert (finding.calls, finding.distinct_parameters, finding.total_ms, finding.session) == (None,) * 4
