"""TypeORM: columns named after their table, ``"Author"."id" AS "Author_id"``."""

from __future__ import annotations

import re

from dbops.workload.nplusone.shape import Shape

NAME = "TypeORM"

_LABEL = re.compile(r'"(\w+)"\."(\w+)" AS "\1_\2"')


def wrote(shape: Shape) -> bool:
    """Say yes to its labels."""
    return _LABEL.search(shape.sql) is not None


def hint(shape: Shape) -> str:
    """Name the relation where a column tells it."""
    name = "…" if shape.children or shape.reference is None else shape.reference
    return f"in TypeORM find({{ relations: {{ {name}: true }} }}) or leftJoinAndSelect {shape.on}"
