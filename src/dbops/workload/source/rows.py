"""Rows of models: what was loaded with them, and what touching one of their attributes asks. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Asked, Kind
from dbops.workload.source.models import Framework, Lazy, Model, Relation
from dbops.workload.source.modules import Function
from dbops.workload.source.values import Bound, Call, Value, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_WRITES = frozenset({"save", "asave", "delete", "adelete"})
"""What these read, where a project has its own, belongs to a write."""
Steps = tuple[str, ...]
"""Relations one after the other, as in ``author__company``."""


class Known(Enum):
    """What is known of what was loaded with rows."""

    EXACTLY = "exactly"
    NOTHING = "nothing"
    """They came from somewhere else: only what the project never loads early is not loaded."""
    EVERYTHING = "everything"
    """It can't be told what was loaded: so nothing is said."""


@dataclass(frozen=True, slots=True)
class Root:
    """Where rows come from: a query, as ``text`` has it, or a name of something that was given.

    ``loaded`` are the relations that come with them, ``absent`` the columns that don't, ``kept`` those that do when
    the others don't. ``extras`` are attributes that the query adds.
    """

    model: Model
    text: str
    loaded: frozenset[Steps] = frozenset()
    known: Known = Known.EXACTLY
    absent: frozenset[str] = frozenset()
    kept: frozenset[str] | None = None
    extras: tuple[tuple[str, Value], ...] = ()

    def loading(self, *steps: Steps) -> Root:
        """Return it with these relations, and those on the way to them, loaded."""
        whole = {step[:end] for step in steps for end in range(1, len(step) + 1)}
        return replace(self, loaded=self.loaded | whole)

    def with_extra(self, name: str, value: Value) -> Root:
        """Return it with an attribute more."""
        return replace(self, extras=(*self.extras, (name, value)))


@dataclass(frozen=True, slots=True)
class Row(Value):
    """A row of ``root``, or of what ``path`` leads to from there."""

    root: Root = None  # type: ignore[assignment]
    path: Steps = ()
    model: Model = None  # type: ignore[assignment]

    def attribute(self, name: str, scene: Scene) -> Value | None:
        """Return an attribute; a relation that is not loaded asks."""
        if not self.path:
            for key, value in self.root.extras:
                if key == name:
                    return varying(value, self.varies)
        relation = self.model.relations.get(name)
        if relation is not None:
            return self.related(relation, scene)
        if name in self.model.columns:
            self._column(name, scene)
            return Value(self.varies)
        return self._member(name, scene)

    def related(self, relation: Relation, scene: Scene) -> Value:
        """Return what a relation leads to."""
        raise NotImplementedError

    def has(self, relation: Relation, scene: Scene) -> bool:
        """Whether a relation was loaded with the row."""
        path = (*self.path, relation.name)
        if relation.lazy is Lazy.LOADED or len(set(path)) < len(path):  # round and round: that is one way of many
            return True
        match self.root.known:
            case Known.EVERYTHING:
                return True
            case Known.NOTHING if relation.name in scene.loaded_early:
                return True
        return path in self.root.loaded

    def touch(self, relation: Relation, kind: Kind, scene: Scene) -> None:
        """Ask for what a relation leads to, unless it was loaded."""
        if not self.has(relation, scene):
            scene.ask(Asked(kind, self.model.framework, self.varies, self, relation, relation.target))

    def beyond(self, relation: Relation, model: Model) -> Row:
        """Return the row, or one of the rows, that a relation leads to; of these the way back is known."""
        path = (*self.path, relation.name)
        root = self.root if relation.back is None else self.root.loading((*path, relation.back))
        return replace(self, root=root, path=path, model=model)

    def shown(self, scene: Scene) -> None:
        """Take note that it is written as text."""
        function = scene.method_of(self.model.source, "__str__")
        if function is not None:
            scene.call(function, scene.no_arguments, self)

    def _column(self, name: str, scene: Scene) -> None:
        root = self.root
        if self.path:
            return
        left_out = name in root.absent or (root.kept is not None and name not in root.kept)
        if left_out or (name in self.model.deferred and root.known is Known.EXACTLY and name not in (root.kept or ())):
            scene.ask(Asked(Kind.COLUMN, self.model.framework, self.varies, self, model=self.model, text=name))

    def _member(self, name: str, scene: Scene) -> Value | None:
        if name == "awaitable_attrs":
            return self
        member = scene.member_of(self.model.source, name)
        if not isinstance(member, Function):
            return Value(self.varies)
        if member.decorators & {"property", "cached_property", "hybrid_property"}:
            return scene.call(member, scene.no_arguments, self)
        if "staticmethod" in member.decorators:
            return Bound(self.varies, member)
        return Bound(self.varies, member, self)

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what a method of the row returns."""
        if name in _WRITES:
            return Value(self.varies)
        if name in {"refresh_from_db", "arefresh_from_db"} and self.model.framework is Framework.DJANGO:
            scene.ask(Asked(Kind.REFRESH, self.model.framework, self.varies, self, model=self.model, method=name))
            return Value(self.varies)
        return Value.method(self, name, call, scene)
