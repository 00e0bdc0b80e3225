"""A row that is read again in each round of a loop: `refresh_from_db`.

Why: `post.refresh_from_db()` is a query for each post.

Instead: Ask for all of them again, in one query: `Post.objects.in_bulk(keys)`.
"""

from __future__ import annotations

from dbops.workload.source.asked import Kind, Sighting
from dbops.workload.source.pattern import Found

_MODELS = """\
from django.db import models

class Post(models.Model):
    title = models.TextField()
"""
BAD = [
    _MODELS
    + """
def titles():
    posts = list(Post.objects.all())
    Post.objects.update(title="")
    for post in posts:
        post.refresh_from_db()
        print(post.title)
""",
]
GOOD = [
    _MODELS
    + """
def titles():
    Post.objects.update(title="")
    for post in Post.objects.all():
        print(post.title)
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge a row that a loop reads again."""
    asked = sighting.asked
    if asked.kind is not Kind.REFRESH or asked.model is None:
        return None
    return Found(f"{asked.model.name}.objects.in_bulk(keys), once for all of them", "each row is read again by itself")
