"""SQLAlchemy's statements, queries and results: what they load, and when they ask. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Asked, Kind
from dbops.workload.source.models import Framework, Relation
from dbops.workload.source.rows import Root, Row
from dbops.workload.source.sqlalchemy.conditions import together
from dbops.workload.source.sqlalchemy.options import applied
from dbops.workload.source.values import NOTHING, UNKNOWN, Call, Many, Pair, Slice, Value, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_NARROWS = frozenset({"where", "filter", "filter_by", "having"})
_CHOOSES = frozenset({"with_entities", "with_only_columns", "add_columns", "values"})
_ONE = frozenset({"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "first_or_404"})
_ALL = frozenset({"all", "partitions", "paginate", "yield_per"})
_FIGURES = frozenset({"count", "exists"})
_GETS = frozenset({"get", "get_or_404"})
_BECOMES = frozenset({"subquery", "cte", "scalar_subquery", "exists", "as_scalar", "label", "alias", "lateral"})
_ENDS = _BECOMES | {"update", "delete", "add", "add_all", "append", "remove"}
"""Methods of a query that read nothing."""


@dataclass(frozen=True, slots=True)
class Statement(Value):
    """``select(…)``, or a query of a session that asks by itself (``lazy``).

    ``entities`` are the roots of the models that it returns, None for a column. ``keyed`` are the loops in which what
    it compares for equality differs, ``columns`` the names of that. ``owner`` and ``relation`` are given for a
    relation that is a query. ``locks`` says that it locks what it finds.
    """

    entities: tuple[Root | None, ...] = ()
    keyed: frozenset[int] = NOTHING
    columns: tuple[str, ...] = ()
    text: str = ""
    lazy: bool = False
    bounded: bool = False
    owner: Row | None = None
    relation: Relation | None = None
    locks: bool = False
    plain: bool = False

    @property
    def few(self) -> bool:
        """Whether it was limited to few rows."""
        return self.bounded

    @property
    def origin(self) -> str:
        """The query, with all methods that led to it."""
        return self.text

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what a method returns; a query's may ask."""
        if name in _NARROWS:
            condition = together(call)
            return replace(
                self._longer(name, call),
                varies=self.varies | condition.varies,
                keyed=self.keyed | condition.keyed,
                columns=(*self.columns, *condition.columns),
            )
        if name == "options":
            given = (*call.args, *([UNKNOWN] if call.more else []))
            entities = tuple(None if each is None else applied(each, given) for each in self.entities)
            return replace(self._longer(name, call), entities=entities)
        if name in _CHOOSES:
            return replace(self._longer(name, call), entities=(None,), plain=True)
        if name == "with_for_update":
            return replace(self, locks=True)
        if name in _BECOMES and not self.lazy:
            return Value(self.varies)
        return self._asking(name, call, scene) if self.lazy else self._longer(name, call)

    def _asking(self, name: str, call: Call, scene: Scene) -> Value:
        found: Value = Value(self.varies)
        if name == "select" and self.owner is not None:
            found = replace(self, lazy=False)
        elif name in _GETS and self.entities[0] is not None:
            from dbops.workload.source.sqlalchemy.rows import got

            found = got(self.entities[0].model, call, name, scene)
        elif name in _ONE:
            self.ask(name, scene)
            found = self.row(scene)
        elif name in _ALL:
            found = self.rows(name, scene)
        elif name in _FIGURES:
            self.ask(name, scene, figure=True)
        elif name not in _ENDS:
            found = self._longer(name, call)
        return found

    def rows(self, name: str, scene: Scene) -> Many:
        """Return all rows, having asked for them."""
        self.ask(name, scene)
        return Many(NOTHING, self.row(scene), self.bounded)

    def ask(self, method: str, scene: Scene, *, figure: bool = False) -> None:
        """Take note that it is asked."""
        if self.locks:
            return
        if self.owner is not None and self.relation is not None:
            kind = Kind.FIGURE if figure else Kind.SUBSET
            model = self.relation.target
            loops = self.keyed | self.owner.varies
            scene.ask(Asked(kind, Framework.SQLALCHEMY, loops, self.owner, self.relation, model, self.text, method))
            return
        model = next((each.model for each in self.entities if each is not None), None)
        asked = Asked(Kind.QUERY, Framework.SQLALCHEMY, self.keyed, None, None, model, self.text, method, self.columns)
        scene.ask(asked)

    def row(self, scene: Scene) -> Value:
        """Return one of its rows: an instance where there is one entity of a query, else a tuple."""
        instances = tuple(self.instance(at) for at in range(len(self.entities)))
        if len(instances) == 1:
            return instances[0]
        return Pair(self.varies, instances)

    def instance(self, at: int) -> Value:
        """Return what a row has at a place."""
        from dbops.workload.source.sqlalchemy.rows import SQLAlchemyRow

        root = self.entities[at] if at < len(self.entities) else None
        if root is None:
            return Value(self.varies)
        return SQLAlchemyRow(self.varies, replace(root, text=self.text), (), root.model)

    def element(self, scene: Scene) -> Value:
        """Return a row of a query; going over it asks."""
        return self.rows("", scene).of if self.lazy else Value(self.varies)

    def item(self, key: Value, scene: Scene) -> Value:
        """Return a part of a query, or one row of it."""
        if isinstance(key, Slice):
            return replace(self, bounded=key.most is not None and key.most < 5)
        return self.element(scene)

    def _longer(self, name: str, call: Call) -> Statement:
        arguments = ", ".join(map(ast.unparse, (*call.node.args, *call.node.keywords)))
        bounded = self.bounded
        if name == "limit" and call.args:
            most = getattr(call.args[0], "value", None)
            bounded = bounded or (isinstance(most, int) and most < 5)
        return replace(self, text=f"{self.text}.{name}({arguments})", bounded=bounded)


@dataclass(frozen=True, slots=True)
class Result(Value):
    """What ``session.execute`` returns: its rows are tuples, until ``scalars`` takes the first of each."""

    of: Statement = None  # type: ignore[assignment]
    scalars: bool = False

    @property
    def few(self) -> bool:
        """Whether it is of few rows."""
        return self.of.bounded

    @property
    def origin(self) -> str:
        """The statement that was executed."""
        return self.of.text

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return its rows, or one of them: the database was asked already."""
        found: Value = Value(self.varies | call.varies)
        if name == "scalars":
            found = replace(self, scalars=True)
        elif name in {"unique", "freeze", "yield_per", "columns", "tuples", "execution_options"}:
            found = self
        elif name in {"all", "fetchall", "fetchmany"}:
            found = Many(self.varies, self.element(scene), self.of.bounded)
        elif name == "partitions":
            found = Many(self.varies, Many(self.varies, self.element(scene)), bounded=True)
        elif name in {"scalar", "scalar_one", "scalar_one_or_none"}:
            found = self.of.instance(0)
        elif name in {"first", "one", "one_or_none", "fetchone"}:
            found = self.element(scene)
        return found

    def element(self, _scene: Scene) -> Value:
        """Return a row."""
        instances = tuple(self.of.instance(at) for at in range(len(self.of.entities)))
        if self.scalars:
            return instances[0] if instances else UNKNOWN
        return Line(self.varies, instances, self.of.entities)

    def item(self, key: Value, scene: Scene) -> Value:
        """Return one of its rows."""
        return varying(self.element(scene), key.varies)


@dataclass(frozen=True, slots=True)
class Line(Pair):
    """A row of a result: a tuple whose items have names too, those of their models."""

    entities: tuple[Root | None, ...] = ()

    def attribute(self, name: str, _scene: Scene) -> Value | None:
        """Return the instance of a model by the model's name."""
        for item, root in zip(self.items, self.entities, strict=False):
            if root is not None and root.model.name == name:
                return varying(item, self.varies)
        return Value(self.varies)

    def item(self, key: Value, scene: Scene) -> Value:
        """Return one of them."""
        return varying(Pair.item(self, key, scene), self.varies)
