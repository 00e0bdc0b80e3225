"""ActiveRecord, of Rails: all columns of a quoted table, ``LIMIT $2`` where one row is expected."""

from __future__ import annotations

import re

from dbops.workload.nplusone.shape import Shape

NAME = "Rails"

_QUERY = re.compile(r'SELECT (?:"\w+"\.\*|1 AS one|COUNT\(\*\)) FROM "\w+"(?: INNER JOIN .*)? WHERE "\w+"\."\w+" = ')


def wrote(shape: Shape) -> bool:
    """Say yes to ``SELECT "users".*``."""
    return _QUERY.match(shape.sql) is not None


def hint(shape: Shape) -> str:
    """Name the association where the table or a column tells it."""
    if shape.same_table:
        return f"in Rails where({shape.key.name}: ids) instead of find in a loop"
    if shape.counts:
        return f"in Rails a counter_cache, or includes(:{shape.table}) with size instead of count"
    if shape.children and len(shape.own.relations) == 1:
        return f"in Rails includes(:{shape.table}) {shape.on}"
    if shape.reference is not None:
        return f"in Rails includes(:{shape.reference}) {shape.on}"
    return f"in Rails includes of the association to {shape.table or '…'} {shape.on}"
