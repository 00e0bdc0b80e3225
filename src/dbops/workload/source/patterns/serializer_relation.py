"""What a serializer touches of each row that it is given.

Why: A nested serializer, `source="author.name"`, a method field or a field of many keys is a query for each row.

Instead: Let the view's queryset bring it: `select_related("author")`, `prefetch_related("tags")`, SQLAlchemy's
`selectinload`.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Kind, Sighting, Where
from dbops.workload.source.pattern import Found

_MODELS = """\
from django.db import models
from rest_framework import serializers, viewsets

class Author(models.Model):
    name = models.TextField()

class Post(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
    title = models.TextField()

class PostSerializer(serializers.ModelSerializer):
    author_name = serializers.CharField(source="author.name")

    class Meta:
        model = Post
        fields = ["title", "author_name"]
"""
BAD = [
    _MODELS
    + """
class PostViewSet(viewsets.ModelViewSet):
    queryset = Post.objects.all()
    serializer_class = PostSerializer
""",
]
GOOD = [
    _MODELS
    + """
class PostViewSet(viewsets.ModelViewSet):
    queryset = Post.objects.select_related("author")
    serializer_class = PostSerializer
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a serializer touches."""
    asked = sighting.asked
    if sighting.loop.where is not Where.SERIALIZER or asked.kind not in {Kind.OBJECT, Kind.ROWS}:
        return None
    if asked.row is None or asked.relation is None or asked.relation.generic:
        return None
    return Found(
        remedies.loading(asked.row, asked.relation), f"each row's .{asked.relation.name} is a query of its own"
    )
