"""A query of its own for each round of a loop, with another key each time.

Why: `Author.objects.get(pk=key)` in a loop asks as often as there are keys, and each time waits for an answer.

Instead: Ask once before the loop: `Author.objects.in_bulk(keys)` gives a dictionary by key,
`filter(email__in=emails)` all rows that the loop needs, and `values("author").annotate(Count("pk"))` a count of each.
"""

from __future__ import annotations

import re

from dbops.workload.source import remedies
from dbops.workload.source.asked import Asked, Kind, Sighting
from dbops.workload.source.models import Framework
from dbops.workload.source.pattern import Found

_MODELS = """\
from django.db import models
from django.shortcuts import get_object_or_404

class Author(models.Model):
    name = models.TextField()
    email = models.TextField()
"""
BAD = [
    _MODELS
    + """
def authors(keys):
    return [Author.objects.get(pk=key) for key in keys]
""",
    _MODELS
    + """
def known(emails):
    for email in emails:
        if Author.objects.filter(email=email).exists():
            print(email)
""",
    _MODELS
    + """
def authors(keys):
    for key in keys:
        print(get_object_or_404(Author, pk=key).name)
""",
]
GOOD = [
    _MODELS
    + """
def authors(keys):
    return list(Author.objects.in_bulk(keys).values())
""",
    _MODELS
    + """
def known(batches):
    for emails in batches:
        print(Author.objects.filter(email__in=emails).count())
""",
    _MODELS
    + """
def add(names):
    for name in names:
        Author.objects.create(name=name)
""",
]
_MANAGER = re.compile(r"[\w.]*?\b\w+\.(?:objects|_default_manager|\w+)(?=\.|\Z)")
_KEYS = frozenset({"pk", "id"})


def find(sighting: Sighting) -> Found | None:
    """Judge a query that a loop asks."""
    asked = sighting.asked
    if asked.kind not in {Kind.QUERY, Kind.FIGURE} or asked.framework is not Framework.DJANGO or asked.row is not None:
        return None
    return Found(_remedy(asked), f"it asks once for each of {remedies.shortened(sighting.loop.text)}")


def _remedy(asked: Asked) -> str:
    match = _MANAGER.match(asked.text)
    manager = match[0] if match is not None else f"{asked.model.name if asked.model else '…'}.objects"
    lookup = asked.lookups[0] if asked.lookups else "…"
    if asked.method in {"count", "aggregate"} and lookup != "…":
        return f'{manager}.values("{lookup}").annotate(count=Count("pk")), before the loop'
    if asked.method == "get" and lookup in _KEYS and len(asked.lookups) == 1:
        return f"{manager}.in_bulk(keys), before the loop"
    return f"{manager}.filter({lookup.removesuffix('__in')}__in=…), before the loop"
