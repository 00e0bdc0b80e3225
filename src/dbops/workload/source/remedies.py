"""What to write instead of a loop that asks: the exact options of the query that the rows come from. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dbops.workload.source.asked import Sighting, Where
from dbops.workload.source.models import Framework, Model, Relation
from dbops.workload.source.rows import Known, Root, Row, Steps

_GETS = frozenset({"get", "get_one", "get_or_404"})
_ALL = re.compile(r"\.all\(\)\Z")
_LONGEST = 90
"""Characters of a query that are repeated in what to write."""
_WHOLE = 400
"""Characters of an expression that are shown."""


def loading(row: Row, relation: Relation) -> str:
    """Return the query that the row comes from with what loads a relation, and all on the way to it."""
    steps = (*row.path, relation.name)
    if row.root.model.framework is Framework.DJANGO:
        return placed(row.root, django_loader(row.root, steps))
    return placed(row.root, f"options({sqlalchemy_loader(row.root, steps)})")


def walks(sighting: Sighting) -> bool:
    """Whether a ``while`` loop goes from row to row of the same model: no option brings what is further on."""
    asked = sighting.asked
    if sighting.loop.where is not Where.WHILE or asked.relation is None or asked.row is None:
        return False
    return asked.relation.target is asked.row.model


def django_loader(root: Root, steps: Steps) -> str:
    """Return ``select_related("author")`` where each step leads to one row, else ``prefetch_related("tags")``."""
    single = all(not each.many and not each.generic for each in relations(root.model, steps))
    return f'{"select" if single else "prefetch"}_related("{"__".join(steps)}")'


def sqlalchemy_loader(root: Root, steps: Steps) -> str:
    """Return ``selectinload(Post.comments).joinedload(Comment.author)``."""
    made: list[str] = []
    model = root.model
    for relation in relations(root.model, steps):
        made.append(f"{'selectinload' if relation.many else 'joinedload'}({model.name}.{relation.name})")
        model = relation.target or model
    return ".".join(made)


def relations(model: Model, steps: Steps) -> Iterator[Relation]:
    """Yield the relations that the steps name, as far as they are known."""
    for step in steps:
        relation = model.relations.get(step)
        if relation is None:
            return
        yield relation
        if relation.target is None:
            return
        model = relation.target


def placed(root: Root, loader: str) -> str:
    """Return the query of a root with a method more, or say where to put it."""
    if root.known is Known.EVERYTHING:
        return f".{loader} in the query that these rows come from"
    if root.known is Known.NOTHING:
        return f".{loader} in the query that {root.text} comes from"
    rows, got = _got(root.text)
    if got is None:
        return f"{_ALL.sub('', shortened(rows))}.{loader}"
    if root.model.framework is Framework.SQLALCHEMY and ".query" not in rows:
        option = loader.removeprefix("options(").removesuffix(")")
        return f"{rows}.{got.removesuffix(')')}, options=[{option}])"
    return f"{_ALL.sub('', shortened(rows))}.{loader}.{got}"


def _got(text: str) -> tuple[str, str | None]:
    """Return the rows and the last call where a query ends with ``get(…)``: what it loads is said before."""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text, None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _GETS:
        arguments = ", ".join(map(ast.unparse, (*node.args, *node.keywords)))
        return ast.unparse(node.func.value), f"{node.func.attr}({arguments})"
    return text, None


def line(text: str) -> str:
    """Return an expression in one line, of a very long one the begin."""
    whole = " ".join(text.split())
    return whole if len(whole) <= _WHOLE else whole[:_WHOLE] + "…"


def shortened(text: str) -> str:
    """Return a query in one line that more is put behind: what a long one is called with is left out."""
    whole = " ".join(text.split())
    if len(whole) <= _LONGEST:
        return whole
    return whole[: whole.find("(")] + "(…)" if 0 < whole.find("(") < _LONGEST else whole[:_LONGEST] + "…"
