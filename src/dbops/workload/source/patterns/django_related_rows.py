"""The related rows of each row, which Django fetches when they are gone over.

Why: `post.tags.all()` is a query for each post, unless the tags were prefetched.

Instead: `prefetch_related("tags")` asks once for the tags of all posts.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Kind, Sighting, Where
from dbops.workload.source.models import Framework
from dbops.workload.source.pattern import Found

_MODELS = """\
from django.db import models

class Post(models.Model):
    tags = models.ManyToManyField("Tag", related_name="posts")

class Tag(models.Model):
    name = models.TextField()

class Comment(models.Model):
    post = models.ForeignKey(Post, models.CASCADE)
"""
BAD = [
    _MODELS
    + """
def names():
    for post in Post.objects.all():
        print([tag.name for tag in post.tags.all()])
""",
    _MODELS
    + """
def comments():
    return {post.pk: list(post.comment_set.all()) for post in Post.objects.all()}
""",
]
GOOD = [
    _MODELS
    + """
def names():
    for post in Post.objects.prefetch_related("tags"):
        print([tag.name for tag in post.tags.all()])
""",
    _MODELS
    + """
def names(post: Post):
    return [tag.name for tag in post.tags.all()]
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a loop of Python goes over."""
    asked = sighting.asked
    if asked.kind is not Kind.ROWS or asked.framework is not Framework.DJANGO or asked.relation is None:
        return None
    if remedies.walks(sighting) or sighting.loop.where in {Where.TEMPLATE, Where.SERIALIZER, Where.ADMIN}:
        return None
    assert asked.row is not None
    return Found(
        remedies.loading(asked.row, asked.relation), f"the rows of .{asked.relation.name} are a query each time"
    )
