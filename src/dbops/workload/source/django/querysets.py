"""Django's querysets, managers and rows: what each method asks, and what it loads. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Asked, Kind
from dbops.workload.source.django.conditions import compared, empty, keys
from dbops.workload.source.django.loading import loaded
from dbops.workload.source.models import Framework, Model, Relation
from dbops.workload.source.modules import Class
from dbops.workload.source.rows import Known, Root, Row
from dbops.workload.source.values import NOTHING, UNKNOWN, Call, Constant, Pair, Slice, Table, Value, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_SAME = frozenset({"all", "using", "get_queryset", "_chain", "_clone", "db_manager", "non_polymorphic"})
_NARROWS = frozenset({"filter", "exclude", "complex_filter"})
_CHANGES = frozenset({"order_by", "distinct", "reverse", "select_for_update", "extra", "union", "intersection"})
_CHANGES |= {"difference", "annotate", "alias", "defer", "only", "values", "values_list", "dates", "datetimes"}
_LOADS = frozenset({"select_related", "prefetch_related"})
_ONE = frozenset({"get", "first", "last", "latest", "earliest"})
_FIGURES = frozenset({"count", "exists", "aggregate", "contains"})
_WRITES = frozenset({"update", "delete", "bulk_create", "bulk_update", "add", "remove", "set", "clear", "_raw_delete"})
_GETS = frozenset({"get_or_create", "update_or_create"})
_MAKES = _GETS | {"create", "acreate"}
_ASKS = _ONE | _FIGURES | {"in_bulk"}
_ITERATORS = frozenset({"iterator", "aiterator"})
_CACHED = frozenset({"get_for_model", "get_for_models", "get_for_id", "get_current", "get_by_natural_key"})
"""Methods of Django's own managers that ask once and remember."""


class DjangoRow(Row):
    """A row of a Django model."""

    __slots__ = ()

    def related(self, relation: Relation, scene: Scene) -> Value:
        """Return the row that a relation leads to, or the manager of the rows."""
        if relation.many:
            return _related(self, relation, scene)
        self.touch(relation, Kind.OBJECT, scene)
        return Value(self.varies) if relation.target is None else self.beyond(relation, relation.target)


@dataclass(frozen=True, slots=True)
class QuerySet(Value):
    """A queryset, or a manager.

    ``keyed`` are the loops in which what it compares for equality differs, ``lookups`` the names of that. ``owner`` and
    ``relation`` say whose related rows they are, and ``narrowed`` that they are not just all of them. ``plain`` says
    that it gives no rows of the model but values, ``locks`` that it locks what it finds: a queue does. ``classes`` are
    the managers that its methods are looked up in.
    """

    root: Root = None  # type: ignore[assignment]
    keyed: frozenset[int] = NOTHING
    lookups: tuple[str, ...] = ()
    owner: Row | None = None
    relation: Relation | None = None
    narrowed: bool = False
    plain: bool = False
    bounded: bool = False
    ordered: bool = False
    locks: bool = False
    classes: tuple[Class, ...] = ()

    @property
    def few(self) -> bool:
        """Whether it was cut to few rows."""
        return self.bounded

    @property
    def origin(self) -> str:
        """The queryset, with all methods that led to it."""
        return self.root.text

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what a method returns; take note of what it asks."""
        known = name.removeprefix("a") if name[1:] in _ONE | _FIGURES | _WRITES | _GETS | {"in_bulk"} else name
        if (name not in _BUILT_IN and known not in _BUILT_IN) or scene.overrides(self.classes, name):
            return self._custom(name, call, scene)
        return self.built_in(known, call, scene)

    def built_in(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what Django's own method of that name returns."""
        found: Value = Value(call.varies)
        if name in _SAME:
            found = self._longer(name)
        elif name in _NARROWS:
            found = self._narrower(name, call)
        elif name in _LOADS:
            found = loads(self, name, call)
        elif name in _CHANGES:
            found = self._changed(name, call)
        elif name in _ASKS:
            found = self._terminal(name, call, scene)
        elif name in _MAKES:
            found = self._made(name, call)
        elif name == "raw":
            found = scene.raw(self, call)
        elif name in _ITERATORS:  # which passes over what is prefetched
            found = replace(self, narrowed=self.relation is not None)
        return found

    def _made(self, name: str, call: Call) -> Value:
        """Return a row that was written: of a new one all is known."""
        if name in _GETS:
            return Pair(NOTHING, (DjangoRow(call.varies, self.root, (), self.root.model), UNKNOWN))
        return DjangoRow(call.varies, replace(self.root, known=Known.EVERYTHING), (), self.root.model)

    def attribute(self, name: str, scene: Scene) -> Value | None:
        """Return a method that is called elsewhere: only a project's own can be."""
        if name == "model":
            return DjangoModel(NOTHING, self.root.model)
        function = next(filter(None, (scene.method_of(each, name) for each in self.classes)), None)
        return None if function is None else scene.bound(function, self)

    def element(self, scene: Scene) -> Value:
        """Return a row; going over it asks."""
        self.looked_at(scene)
        return self._row(self.varies)

    def item(self, key: Value, scene: Scene) -> Value:
        """Return a row, or, for a slice, part of it."""
        if isinstance(key, Slice):
            return replace(self, bounded=self.bounded or (key.most is not None and key.most < FEW))
        self.looked_at(scene)
        return varying(self._row(self.varies), key.varies & self.keyed)

    def looked_at(self, scene: Scene) -> None:
        """Take note that it is asked."""
        self._ask(Kind.ROWS, "", scene)

    def _row(self, varies: frozenset[int]) -> Value:
        if self.plain:
            return Value(varies)
        if self.owner is not None and self.relation is not None and not self.narrowed:
            row = self.owner.beyond(self.relation, self.root.model)
            inner = replace(row.root, loaded=row.root.loaded | {(*row.path, *each) for each in self.root.loaded})
            if self.owner.varies or self.root.extras:
                return replace(row, root=inner, varies=varies)
            return DjangoRow(varies, _as_own(inner, row.path, self.root), (), self.root.model)
        return DjangoRow(varies, self.root, (), self.root.model)

    def _longer(self, name: str) -> QuerySet:
        if name != "all":
            return self
        return replace(self, root=replace(self.root, text=f"{self.root.text}.all()"))

    def _narrower(self, name: str, call: Call) -> QuerySet:
        """Return it with conditions; those that bound a range are no keys."""
        excludes = name == "exclude"  # what is left out is no key
        added = () if excludes else tuple(each for each in compared(call) if each not in self.lookups)
        root = self._own_root(replace(self.root, text=_called(self.root.text, name, call)))
        return replace(
            self,
            varies=self.varies | call.varies,
            keyed=self.keyed if excludes else self.keyed | keys(call),
            lookups=(*self.lookups, *added),
            root=root if excludes else root.loading(*((each,) for each in empty(call, root.model))),
            narrowed=self.relation is not None,
        )

    def _changed(self, name: str, call: Call) -> QuerySet:
        root = self._own_root(replace(self.root, text=_called(self.root.text, name, call)))
        names = [each.value for each in call.args if isinstance(each, Constant) and isinstance(each.value, str)]
        match name:
            case "annotate" | "alias":
                for extra in call.keywords:
                    root = root.with_extra(extra, UNKNOWN)
            case "only":
                root = replace(root, kept=frozenset(names) | {"id", "pk"}) if not call.more else root
            case "defer":
                root = replace(root, absent=root.absent | frozenset(names))
        plain = self.plain or name in {"values", "values_list", "dates", "datetimes"}
        ordered = self.ordered or name == "order_by"
        locks = self.locks or name == "select_for_update"
        varies = self.varies | call.varies
        return replace(
            self,
            varies=varies,
            root=root,
            plain=plain,
            ordered=ordered,
            locks=locks,
            narrowed=self.relation is not None,
        )

    def _own_root(self, root: Root) -> Root:
        """Return the root of a query of its own: what was loaded with the owner's rows is not loaded with it."""
        if self.relation is None or self.narrowed or self.owner is None:
            return root
        return replace(root, known=Known.EXACTLY)

    def _terminal(self, name: str, call: Call, scene: Scene) -> Value:
        asked = self._narrower(name, call) if name in {"get", "in_bulk"} else self
        if name in _ONE and self.relation is not None:  # what is prefetched is asked again for one of it
            in_order = name == "first" and (self.ordered or self.root.model.ordered)
            asked = asked if in_order else replace(asked, narrowed=True)
        asked._ask(Kind.FIGURE if name in _FIGURES else Kind.ROWS, name, scene)
        if name in _FIGURES:
            return Value(asked.varies | call.varies)
        if name == "in_bulk":
            return Table(asked.varies, UNKNOWN, self._row(self.varies))
        if self.locks:  # a row that is locked for its round is worked on in it: what it asks, it asks then
            return asked._row(NOTHING)
        return asked._row(asked.varies | call.varies)

    def _ask(self, kind: Kind, method: str, scene: Scene) -> None:
        model, text = self.root.model, self.root.text
        if self.locks:
            return
        if self.owner is None or self.relation is None:
            scene.ask(Asked(Kind.QUERY, Framework.DJANGO, self.keyed, None, None, model, text, method, self.lookups))
            return
        if not self.narrowed and self.owner.has(self.relation, scene):
            return
        sort = kind if kind is Kind.FIGURE or not self.narrowed else Kind.SUBSET
        loops = self.owner.varies | self.keyed
        scene.ask(Asked(sort, Framework.DJANGO, loops, self.owner, self.relation, model, text, method, self.lookups))

    def _custom(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what a method of the project's own managers and querysets returns."""
        if name in _CACHED:
            return Value(call.varies)
        for each in self.classes:
            function = scene.method_of(each, name)
            if function is not None:
                return scene.call(function, call, self)
        return Value(self.varies | call.varies)


_BUILT_IN = _SAME | _NARROWS | _CHANGES | _LOADS | _ASKS | _WRITES | _MAKES | _ITERATORS | {"raw"}
FEW = 5
"""Fewer than these are few: the same as of what is seen in logs."""


@dataclass(frozen=True, slots=True)
class DjangoModel(Value):
    """The class of a Django model."""

    model: Model = None  # type: ignore[assignment]

    def attribute(self, name: str, scene: Scene) -> Value | None:
        """Return its manager, or another member."""
        return scene.manager(self.model, name) or scene.class_member(self.model.source, name, self)

    def called(self, call: Call, _scene: Scene) -> Value:
        """Return a new row, which has all that it is given."""
        return DjangoRow(call.varies, Root(self.model, self.model.name, known=Known.EVERYTHING), (), self.model)


def queryset(model: Model, text: str, classes: tuple[Class, ...] = (), known: Known = Known.EXACTLY) -> QuerySet:
    """Return all rows of a model."""
    return QuerySet(root=Root(model, text, known=known), classes=classes)


def loads(query: QuerySet, name: str, call: Call) -> QuerySet:
    """Return a queryset that loads what ``select_related`` or ``prefetch_related`` is called with."""
    root = loaded(query.root, name, call)
    text = _called(query.root.text, name, call)
    narrowed = query.relation is not None and (query.narrowed or name == "select_related")
    return replace(query, root=query._own_root(replace(root, text=text)) if narrowed else replace(root, text=text))


def _related(row: Row, relation: Relation, scene: Scene) -> Value:
    if relation.target is None:
        return Value(row.varies)
    base = scene.manager(relation.target, "") or queryset(relation.target, "")
    assert isinstance(base, QuerySet), "a manager is one"
    path = (*row.path, relation.name)
    inner = frozenset(each[len(path) :] for each in row.root.loaded if each[: len(path)] == path and each != path)
    back = frozenset({(relation.back,)} if relation.back is not None else ())
    root = replace(
        base.root,
        text=scene.text(),
        loaded=base.root.loaded | inner | back,
        known=row.root.known if row.root.known is not Known.EVERYTHING else Known.EXACTLY,
    )
    return replace(base, varies=row.varies, root=root, owner=row, relation=relation)


def _as_own(root: Root, path: tuple[str, ...], own: Root) -> Root:
    """Return the root of the rows that one row leads to: what they load is put with their own query."""
    inner = frozenset(each[len(path) :] for each in root.loaded if each[: len(path)] == path and each != path)
    return replace(own, loaded=own.loaded | inner, known=root.known)


def _called(text: str, name: str, call: Call) -> str:
    arguments = ", ".join(map(ast.unparse, (*call.node.args, *call.node.keywords)))
    return f"{text}.{name}({arguments})"
