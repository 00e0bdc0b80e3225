"""Prisma: three-part names in quotes, ``OFFSET`` with every query."""

from __future__ import annotations

import re

from dbops.workload.nplusone.shape import Shape

NAME = "Prisma"

_QUERY = re.compile(r'SELECT (?:COUNT\(\*\)|"\w+"\."\w+"\."\w+").* FROM "\w+"\."\w+" WHERE ', re.DOTALL)


def wrote(shape: Shape) -> bool:
    """Say yes to schema, table and column in quotes."""
    return _QUERY.match(shape.sql) is not None


def hint(shape: Shape) -> str:
    """Name the relation where a column tells it."""
    if shape.same_table:
        return f"in Prisma findMany with {{ where: {{ {shape.key.name}: {{ in: ids }} }} }}"
    if shape.counts:
        return f"in Prisma include: {{ _count: … }} {shape.on}"
    name = "…" if shape.children or shape.reference is None else shape.reference
    return f"in Prisma include: {{ {name}: true }} {shape.on}"
