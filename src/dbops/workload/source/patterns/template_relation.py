"""What a template's loop touches of each row.

Why: `{{ post.author.name }}` in `{% for post in posts %}` is a query for each post, and a template doesn't show that.

Instead: Let the view's query bring it: `select_related("author")`, `prefetch_related("tags")`, SQLAlchemy's
`selectinload`.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Kind, Sighting, Where
from dbops.workload.source.pattern import Found

_MODELS = """\
# file: blog/models.py
from django.db import models

class Author(models.Model):
    name = models.TextField()

class Post(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
"""
_TEMPLATE = """\
<!-- file: blog/templates/blog/posts.html -->
{% for post in posts %}<p>{{ post.author.name }}</p>{% endfor %}
"""
BAD = [
    _MODELS
    + """\
# file: blog/views.py
from django.shortcuts import render
from blog.models import Post

def posts(request):
    return render(request, "blog/posts.html", {"posts": Post.objects.all()})
"""
    + _TEMPLATE,
]
GOOD = [
    _MODELS
    + """\
# file: blog/views.py
from django.shortcuts import render
from blog.models import Post

def posts(request):
    return render(request, "blog/posts.html", {"posts": Post.objects.select_related("author")})
"""
    + _TEMPLATE,
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a template's loop touches."""
    asked = sighting.asked
    if sighting.loop.where is not Where.TEMPLATE or asked.kind not in {Kind.OBJECT, Kind.ROWS}:
        return None
    if asked.row is None or asked.relation is None or asked.relation.generic:
        return None
    return Found(
        remedies.loading(asked.row, asked.relation), f".{asked.relation.name} is a query each time it is shown"
    )
