"""peewee: tables named ``"t1"``, conditions in brackets."""

from __future__ import annotations

import re

from dbops.workload.nplusone.shape import Shape

NAME = "peewee"

_QUERY = re.compile(r'SELECT .*FROM "\w+" AS "t1" .*WHERE \(+"t\d"\."\w+" = ', re.DOTALL)


def wrote(shape: Shape) -> bool:
    """Say yes to its names of tables."""
    return _QUERY.match(shape.sql) is not None


def hint(shape: Shape) -> str:
    """Say how rows of another table come along."""
    if shape.children:
        return f"in peewee prefetch() with the query of {shape.table or '…'} {shape.on}"
    return f"in peewee join() and select() both models {shape.on}"
