"""Hibernate: words in small letters, tables named ``author0_`` (5) or ``a1_0`` (6)."""

from __future__ import annotations

import re

from dbops.workload.nplusone.shape import Shape

NAME = "Hibernate"

_QUERY = re.compile(r"\s*(?:/\*.*?\*/\s*)?select .*\bfrom\s+\S+ (?:\w+\d_|[a-z]+\d+_\d+)\s", re.DOTALL)


def wrote(shape: Shape) -> bool:
    """Say yes to its names of tables."""
    return _QUERY.match(shape.sql) is not None


def hint(shape: Shape) -> str:
    """Name the association where a column tells it."""
    if shape.same_table:
        return "in Hibernate findAllById or session.byMultipleIds(…).multiLoad(ids)"
    name = shape.reference
    what = "the collection" if shape.children else "the association" if name is None else name
    return f"in Hibernate join fetch or an @EntityGraph of {what} {shape.on}, or @BatchSize at its mapping"
