"""Some of the related rows of each row: `filter`, `order_by` or `first` on a related manager.

Why: `post.comments.filter(...)` is a query for each post, also where the comments were prefetched: what is prefetched
are all of them.

Instead: Prefetch just these, with `Prefetch("comments", queryset=..., to_attr=...)`, or prefetch all and choose among
them in Python.
"""

from __future__ import annotations

from dbops.workload.source.asked import Kind, Sighting
from dbops.workload.source.models import Framework
from dbops.workload.source.pattern import Found

_MODELS = """\
from django.db import models
from django.db.models import Prefetch

class Post(models.Model):
    title = models.TextField()

class Comment(models.Model):
    post = models.ForeignKey(Post, models.CASCADE, related_name="comments")
    hidden = models.BooleanField()
"""
BAD = [
    _MODELS
    + """
def shown():
    for post in Post.objects.prefetch_related("comments"):
        print(list(post.comments.filter(hidden=False)))
""",
    _MODELS
    + """
def latest():
    return [post.comments.order_by("-pk").first() for post in Post.objects.all()]
""",
]
GOOD = [
    _MODELS
    + """
def shown():
    rows = Comment.objects.filter(hidden=False)
    for post in Post.objects.prefetch_related(Prefetch("comments", queryset=rows, to_attr="shown")):
        print(list(post.shown))
""",
    _MODELS
    + """
def shown():
    for post in Post.objects.prefetch_related("comments"):
        print([comment for comment in post.comments.all() if not comment.hidden])
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a loop asks for."""
    asked = sighting.asked
    if asked.kind is not Kind.SUBSET or asked.framework is not Framework.DJANGO or asked.relation is None:
        return None
    name, model = asked.relation.name, asked.model.name if asked.model is not None else "…"
    path = "__".join((*asked.row.path, name)) if asked.row is not None else name
    remedy = f'prefetch_related(Prefetch("{path}", queryset={model}.objects…, to_attr="…"))'
    if asked.lookups and asked.row is not None and sighting.loop.number not in asked.row.varies:  # the key does, alone
        remedy = f"{model}.objects.filter({asked.lookups[0].removesuffix('__in')}__in=…), before the loop"
    return Found(remedy, f"what is prefetched of .{name} are all rows: these are asked for each time")
