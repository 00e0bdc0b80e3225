"""A walk from row to row: the next one is asked for when it is needed.

Why: `while node.parent: node = node.parent` asks once for each level of the tree.

Instead: Bring the whole way with one query: `WITH RECURSIVE`, or read the tree once and walk in memory.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Kind, Sighting
from dbops.workload.source.pattern import Found

BAD = [
    """\
from django.db import models

class Folder(models.Model):
    name = models.TextField()
    parent = models.ForeignKey("self", models.CASCADE, null=True)

    def path(self):
        names, folder = [], self
        while folder is not None:
            names.append(folder.name)
            folder = folder.parent
        return names
""",
]
GOOD = [
    """\
from django.db import models

class Folder(models.Model):
    name = models.TextField()
    parent = models.ForeignKey("self", models.CASCADE, null=True)

    def path(self, folders: dict[int, "Folder"]):
        names, folder = [], self
        while folder is not None:
            names.append(folder.name)
            folder = folders.get(folder.parent_id)
        return names
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a ``while`` loop touches."""
    asked = sighting.asked
    if asked.relation is None or asked.kind not in {Kind.OBJECT, Kind.ROWS} or not remedies.walks(sighting):
        return None
    return Found(
        "WITH RECURSIVE for the whole way, or read the tree once and walk in memory",
        f"each step of .{asked.relation.name} is a query",
    )
