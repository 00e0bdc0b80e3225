"""Ecto, of Elixir: tables named by a letter and a number, columns in quotes."""

from __future__ import annotations

import re

from dbops.workload.nplusone.shape import Shape

NAME = "Ecto"

_QUERY = re.compile(r'SELECT (?:[a-z]\d\."\w+"|count\().* FROM "\w+" AS [a-z]\d .*WHERE \([a-z]\d\."\w+" = ', re.DOTALL)


def wrote(shape: Shape) -> bool:
    """Say yes to ``u0."id"`` with its conditions in brackets."""
    return _QUERY.match(shape.sql) is not None


def hint(shape: Shape) -> str:
    """Name the association where a column or the table tells it."""
    name = shape.table if shape.children else shape.reference
    return f"in Ecto preload({f':{name}' if name else '…'}) {shape.on}"
