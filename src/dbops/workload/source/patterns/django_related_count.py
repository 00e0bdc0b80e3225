"""How many related rows each row has: `count`, `exists` or `aggregate` on a related manager.

Why: `post.comments.count()` is a query for each post. Only of rows that are prefetched it counts what is there.

Instead: Let the query count: `annotate(comments_count=Count("comments"))`, and `Exists(...)` for whether there are any.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Kind, Sighting
from dbops.workload.source.models import Framework
from dbops.workload.source.pattern import Found

_MODELS = """\
from django.db import models
from django.db.models import Count

class Post(models.Model):
    title = models.TextField()

class Comment(models.Model):
    post = models.ForeignKey(Post, models.CASCADE, related_name="comments")
"""
BAD = [
    _MODELS
    + """
def counts():
    for post in Post.objects.all():
        print(post.title, post.comments.count())
""",
    _MODELS
    + """
def silent():
    return [post for post in Post.objects.all() if not post.comments.filter(pk__gt=5).exists()]
""",
]
GOOD = [
    _MODELS
    + """
def counts():
    for post in Post.objects.annotate(comments_count=Count("comments")):
        print(post.title, post.comments_count)
""",
    _MODELS
    + """
def counts():
    for post in Post.objects.prefetch_related("comments"):
        print(post.title, post.comments.count())
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a loop counts."""
    asked = sighting.asked
    if asked.kind is not Kind.FIGURE or asked.framework is not Framework.DJANGO or asked.row is None:
        return None
    assert asked.relation is not None
    steps = "__".join((*asked.row.path, asked.relation.name))
    name, root = asked.relation.name, asked.row.root
    if asked.method in {"exists", "contains"}:
        loader = f'annotate(has_{name}=Exists(…filter({asked.relation.back or "…"}=OuterRef("pk"))))'
    elif asked.method == "count":
        condition = ", filter=Q(…)" if ".filter(" in asked.text or ".exclude(" in asked.text else ""
        loader = f'annotate({name}_count=Count("{steps}"{condition}))'
    else:
        loader = f'annotate(…("{steps}__…"))'
    return Found(remedies.placed(root, loader), f".{name} is asked each time")
