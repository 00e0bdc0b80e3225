"""Which columns a query reads of each item of its FROMs: what an index must have to answer it alone. Pure."""

from __future__ import annotations

from dbops.explain.advise.candidates.scene import Scene
from dbops.lint.queries.from_items import pairings
from dbops.lint.queries.query import folded
from dbops.sql.query import exp

Reads = dict[int, frozenset[str] | None]


def reads(scene: Scene) -> Reads:
    """Return the columns by the ``id()`` of their items; None where that isn't known, or rows are needed themselves."""
    found: dict[int, set[str]] = {}
    unknown: set[int] = set()
    for reader in scene.query.all_readers:
        for source in scene.query.sources(reader):
            found.setdefault(id(source.node), set())
        if _needs_rows(reader):
            unknown.update(id(source.node) for source in scene.query.sources(reader))
        for item, name in _merged(reader):
            found.setdefault(item, set()).add(name)
    for column in scene.query.tree.find_all(exp.Column):
        origin = scene.query.origin(column)
        if origin is None:
            unknown.update(_visible(scene, column))
        elif isinstance(column.this, exp.Star):
            unknown.add(id(origin[0].node))
        else:
            found.setdefault(id(origin[0].node), set()).add(folded(column.this))
    return {item: None if item in unknown else frozenset(names) for item, names in found.items()}


def _needs_rows(reader: exp.Expr) -> bool:
    """Whether it writes or locks rows, or wants all of their columns."""
    if not isinstance(reader, exp.Select) or reader.args.get("locks"):
        return True
    return any(isinstance(output, exp.Star) for output in reader.expressions)


def _merged(reader: exp.Expr) -> list[tuple[int, str]]:
    """Return the columns that joins with USING read."""
    found: list[tuple[int, str]] = []
    for pairing in pairings(reader):
        for name in () if pairing.join is None else pairing.join.args.get("using") or ():
            found += [(id(item), folded(name)) for item in (*pairing.left, *pairing.right)]
    return found


def _visible(scene: Scene, column: exp.Column) -> set[int]:
    """Return the items that a column could be of whose origin isn't known; none for the name of an output."""
    readers = scene.query.readers(column)
    if column.args.get("table") is None and any(_is_output(reader, folded(column.this)) for reader in readers):
        return set()
    return {id(source.node) for reader in readers for source in scene.query.sources(reader)}


def _is_output(reader: exp.Expr, name: str) -> bool:
    outputs = reader.expressions if isinstance(reader, exp.Select) else ()
    return any(isinstance(each, exp.Alias) and folded(each.args.get("alias")) == name for each in outputs)
