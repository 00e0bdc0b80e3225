"""Entity Framework Core: tables named by their first letter, columns in quotes."""

from __future__ import annotations

import re

from dbops.workload.nplusone.shape import Shape

NAME = "Entity Framework"

_QUERY = re.compile(
    r'SELECT (?:[a-z]\d?\."\w+"|count\(\*\)).*\sFROM "\w+" AS [a-z]\d?\s.*WHERE [a-z]\d?\."\w+" = ', re.DOTALL
)


def wrote(shape: Shape) -> bool:
    """Say yes to ``b."Id"`` without brackets around its conditions."""
    return _QUERY.match(shape.sql) is not None


def hint(shape: Shape) -> str:
    """Say what brings related rows along."""
    what = f" of {shape.table}" if shape.table else ""
    return f"in Entity Framework Include(…){what} {shape.on}, or a projection with Select instead of lazy loading"
