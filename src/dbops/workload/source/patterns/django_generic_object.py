"""What a generic foreign key of each row leads to.

Why: `tag.content_object` may be a row of any model, so it is a query of its own for each tag. No join can bring it.

Instead: `prefetch_related("content_object")` asks once for each model that is among them.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Kind, Sighting
from dbops.workload.source.pattern import Found

_MODELS = """\
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

class Tag(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    content_object = GenericForeignKey("content_type", "object_id")
"""
BAD = [
    _MODELS
    + """
def tagged():
    return [str(tag.content_object) for tag in Tag.objects.all()]
""",
]
GOOD = [
    _MODELS
    + """
def tagged():
    return [str(tag.content_object) for tag in Tag.objects.prefetch_related("content_object")]
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a loop touches."""
    asked = sighting.asked
    if asked.kind is not Kind.OBJECT or asked.relation is None or not asked.relation.generic:
        return None
    assert asked.row is not None
    return Found(remedies.loading(asked.row, asked.relation), f"each .{asked.relation.name} is a query of its own")
