"""A related object of each row, which Django fetches when it is touched.

Why: `post.author` is a query of its own the first time it is touched, so a loop over posts asks once for each.

Instead: Let the query that brings the posts bring the authors: `select_related("author")`. For no more than the key use
`post.author_id`, which is a column of the post.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Kind, Sighting, Where
from dbops.workload.source.models import Framework
from dbops.workload.source.pattern import Found

_MODELS = """\
from django.db import models

class Author(models.Model):
    name = models.TextField()

class Post(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
"""
BAD = [
    _MODELS
    + """
def names():
    for post in Post.objects.all():
        print(post.author.name)
""",
    _MODELS
    + """
def names():
    return [post.author.name for post in Post.objects.filter(pk__gt=9)]
""",
]
GOOD = [
    _MODELS
    + """
def names():
    for post in Post.objects.select_related("author"):
        print(post.author.name)
""",
    _MODELS
    + """
def keys():
    return [post.author_id for post in Post.objects.all()]
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a loop of Python touches."""
    asked = sighting.asked
    if asked.kind is not Kind.OBJECT or asked.framework is not Framework.DJANGO or asked.relation is None:
        return None
    if (
        asked.relation.generic
        or remedies.walks(sighting)
        or sighting.loop.where in {Where.TEMPLATE, Where.SERIALIZER, Where.ADMIN}
    ):
        return None
    assert asked.row is not None
    return Found(remedies.loading(asked.row, asked.relation), f"each .{asked.relation.name} is a query of its own")
