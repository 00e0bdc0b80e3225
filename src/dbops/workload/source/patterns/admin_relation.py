"""What the columns of an admin's list touch of each row.

Why: A column that is a function, or a property of the model, may touch a relation, which is then a query for each row.
For columns that are foreign keys themselves Django loads what they lead to, and only then.

Instead: Name the relations: `list_select_related = ["author"]`, or override `get_queryset` with `prefetch_related`.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Kind, Sighting, Where
from dbops.workload.source.pattern import Found

_MODELS = """\
from django.contrib import admin
from django.db import models

class Author(models.Model):
    name = models.TextField()

class Post(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, models.CASCADE)
"""
BAD = [
    _MODELS
    + """
@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ["title", "by"]

    def by(self, post):
        return post.author.name
""",
]
GOOD = [
    _MODELS
    + """
@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ["title", "by"]
    list_select_related = ["author"]

    def by(self, post):
        return post.author.name
""",
    _MODELS
    + """
class PostAdmin(admin.ModelAdmin):
    list_display = ("title", "author")

admin.site.register(Post, PostAdmin)
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a column of an admin's list touches."""
    asked = sighting.asked
    if sighting.loop.where is not Where.ADMIN or asked.kind not in {Kind.OBJECT, Kind.ROWS}:
        return None
    if asked.row is None or asked.relation is None or asked.relation.generic:
        return None
    steps = (*asked.row.path, asked.relation.name)
    single = all(not each.many for each in remedies.relations(asked.row.root.model, steps))
    remedy = f'list_select_related = ["{"__".join(steps)}"]'
    if not single:
        remedy = f"get_queryset: {remedies.loading(asked.row, asked.relation)}"
    return Found(remedy, f"each row's .{asked.relation.name} is a query of its own")
