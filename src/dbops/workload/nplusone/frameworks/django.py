"""Django: all names quoted, each column with its table, ``LIMIT 21`` where one row is expected."""

from __future__ import annotations

import re

from dbops.workload.nplusone.shape import Shape

NAME = "Django"

_QUERY = re.compile(
    r'SELECT (?:DISTINCT )?(?:COUNT\(\*\) AS "__count"|'
    r'(?:\(?1\)? AS "a"|"\w+"\."\w+"(?: AS "\w+")?)(?:, "\w+"\."\w+")*) '
    r'FROM "\w+"(?: (?:INNER|LEFT OUTER) JOIN "\w+"(?: \w+)? ON \(.*\))? WHERE \(?"\w+"\."\w+" (?:=|IN) ',
    re.DOTALL,
)
_OTHERS = re.compile(r'" AS "\w+_\w+"|FROM "\w+" AS ')


def wrote(shape: Shape) -> bool:
    """Say yes to two-part names in quotes that have no other names."""
    return _QUERY.match(shape.sql) is not None and _OTHERS.search(shape.sql) is None


def hint(shape: Shape) -> str:
    """Name the foreign key or the way back, where the names of columns and tables tell it."""
    if shape.same_table:
        return "in Django filter(pk__in=…) or in_bulk(); where it is a deferred field, load it with the others"
    related = _related(shape)
    if shape.counts:
        return f"in Django annotate(Count({_quoted(related)})) {shape.on}"
    if shape.exists:
        return f"in Django annotate(Exists(…)) {shape.on}"
    if not shape.children:
        return f"in Django select_related({_quoted(shape.reference)}) {shape.on}"
    if related is None or _through(shape) is not None:
        return f"in Django prefetch_related({_quoted(related)}) {shape.on}"
    return f'in Django prefetch_related("{related}_set") {shape.on}, or the related_name of {shape.key.name}'


def _related(shape: Shape) -> str | None:
    """Return the name of a table's model, or of a many-to-many field, where the tables' names tell it."""
    if _through(shape) is not None:
        return _through(shape)
    application = shape.source_table.partition("_")[0] + "_"
    inside = len(application) > 1 and "_" in shape.source_table and shape.table.startswith(application)
    return shape.table.removeprefix(application).replace("_", "") if inside else None


def _through(shape: Shape) -> str | None:
    """Return a field's name, of a many-to-many's own table: ``blog_post_tags`` is that of ``blog_post.tags``."""
    table, source = shape.table, shape.source_table
    joined = len(shape.own.relations) > 1
    return table.removeprefix(f"{source}_") if joined and source and table.startswith(f"{source}_") else None


def _quoted(name: str | None) -> str:
    return "…" if name is None else f'"{name}"'
