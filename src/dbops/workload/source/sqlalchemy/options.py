"""SQLAlchemy's loader options: ``selectinload(Post.comments).joinedload(Comment.author)``. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dbops.workload.source.models import Model
from dbops.workload.source.rows import Known, Root, Steps
from dbops.workload.source.sqlalchemy.conditions import Column
from dbops.workload.source.values import NOTHING, Call, Constant, Pair, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

LOADERS = frozenset({"selectinload", "joinedload", "subqueryload", "immediateload", "contains_eager", "raiseload"})
_PASSES = frozenset({"defaultload", "lazyload", "noload"})
_COLUMNS = frozenset({"load_only", "defer", "undefer", "undefer_group"})
NAMES = LOADERS | _PASSES | _COLUMNS | {"Load", "with_loader_criteria"}


@dataclass(frozen=True, slots=True)
class Loading(Value):
    """An option: ``steps`` are the relations that it loads, ``at`` where in them the next one begins.

    ``first`` is the model it begins at. ``everything`` says that it can't be told, or is of all relations.
    """

    first: Model | None = None
    at: Steps = ()
    steps: tuple[Steps, ...] = ()
    kept: frozenset[str] | None = None
    absent: frozenset[str] = frozenset()
    everything: bool = False

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return the option with one more behind, or beside (``options``)."""
        if name == "options":
            inner = [each for each in call.args if isinstance(each, Loading)]
            steps = tuple((*self.at, *step) for each in inner for step in each.steps)
            known = len(inner) == len(call.args) and not any(each.everything for each in inner)
            return replace(self, steps=(*self.steps, *steps), everything=self.everything or not known)
        return further(self, name, call) if name in NAMES else replace(self, everything=True)


def option(name: str, call: Call) -> Loading:
    """Return the option that a call of one of the loaders makes."""
    return further(Loading(NOTHING), name, call)


def further(before: Loading, name: str, call: Call) -> Loading:
    """Return an option with one more behind."""
    if name in {"Load", "with_loader_criteria"}:
        return before
    if name in _COLUMNS:
        return _columns(before, name, call)
    path, first = before.at, before.first
    for each in call.args:
        if not isinstance(each, Column) or each.relation is None:
            star = isinstance(each, Constant) and each.value == "*"
            return before if star and name == "lazyload" else replace(before, everything=True)
        first, path = first or each.model, (*path, each.name)
    steps = before.steps if name in {"defaultload", "lazyload"} else (*before.steps, path)
    return replace(before, first=first, at=path, steps=steps, everything=before.everything or not call.args)


def _columns(before: Loading, name: str, call: Call) -> Loading:
    names = frozenset(each.name for each in call.args if isinstance(each, Column))
    if before.at or len(names) < len(call.args):
        return before
    first = next((each.model for each in call.args if isinstance(each, Column)), None)
    match name:
        case "load_only":
            return replace(before, first=before.first or first, kept=names)
        case "defer":
            return replace(before, first=before.first or first, absent=names)
        case "undefer":
            return replace(before, first=before.first or first, kept=None)
    return before


def applied(root: Root, options: Iterable[Value]) -> Root:
    """Return a root with options; those of another model are not its own."""
    for each in options:
        match each:
            case Loading(everything=True):
                root = replace(root, known=Known.EVERYTHING)
            case Loading() if each.first is None or _same(each.first, root.model):
                root = root.loading(*each.steps)
                kept = each.kept if each.kept is not None else root.kept
                root = replace(root, kept=kept, absent=root.absent | each.absent)
            case Loading():
                continue
            case Pair(items=items):
                root = applied(root, items)
            case _:
                root = replace(root, known=Known.EVERYTHING)
    return root


def _same(one: Model, other: Model) -> bool:
    return one is other or any(relation is other.relations.get(name) for name, relation in one.relations.items())
