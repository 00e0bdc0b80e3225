"""SQLAlchemy's models and their rows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Asked, Kind
from dbops.workload.source.models import Framework, Lazy, Model, Relation
from dbops.workload.source.rows import Known, Root, Row
from dbops.workload.source.sqlalchemy.conditions import Column
from dbops.workload.source.sqlalchemy.options import applied
from dbops.workload.source.sqlalchemy.statements import Statement
from dbops.workload.source.values import NOTHING, Call, Many, Value, union

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene


class SQLAlchemyRow(Row):
    """A row of a SQLAlchemy model."""

    __slots__ = ()

    def related(self, relation: Relation, scene: Scene) -> Value:
        """Return the row, or the rows, that a relation leads to."""
        if relation.lazy is Lazy.QUERY:
            return _query(self, relation, scene)
        self.touch(relation, Kind.ROWS if relation.many else Kind.OBJECT, scene)
        if relation.target is None:
            return Value(self.varies)
        row = self.beyond(relation, relation.target)
        return Many(self.varies, row) if relation.many else row


def _query(row: Row, relation: Relation, scene: Scene) -> Value:
    """Return a relation that is a query (``lazy="dynamic"``, ``WriteOnlyMapped``)."""
    if relation.target is None:
        return Value(row.varies)
    root = Root(relation.target, scene.text(), known=Known.EXACTLY)
    return Statement(row.varies, (root,), row.varies, (), scene.text(), lazy=True, owner=row, relation=relation)


@dataclass(frozen=True, slots=True)
class SQLAlchemyModel(Value):
    """The class of a SQLAlchemy model."""

    model: Model = None  # type: ignore[assignment]

    def attribute(self, name: str, scene: Scene) -> Value | None:
        """Return one of its columns or relations, or another member."""
        if name in self.model.relations or name in self.model.columns:
            return Column(NOTHING, self.model, name)
        if name in {"query", "metadata", "__table__"}:
            return statement(self.model, f"{self.model.name}.query") if name == "query" else None
        return scene.class_member(self.model.source, name, self)

    def called(self, call: Call, _scene: Scene) -> Value:
        """Return a new row, which has all that it is given."""
        return SQLAlchemyRow(call.varies, Root(self.model, self.model.name, known=Known.EVERYTHING), (), self.model)


def statement(model: Model, text: str) -> Statement:
    """Return the query of all rows of a model."""
    return Statement(NOTHING, (Root(model, text),), text=text, lazy=True)


def got(model: Model, call: Call, method: str, scene: Scene) -> Value:
    """Return the row that is got by its key; the session is asked first, and then the database."""
    key = union([*call.args, *(value for name, value in call.keywords.items() if name != "options")])
    text = scene.text()
    scene.ask(Asked(Kind.GET, Framework.SQLALCHEMY, key, None, None, model, text, method))
    options = call.keywords.get("options")
    root = Root(model, text) if options is None else applied(Root(model, text), [options])
    return SQLAlchemyRow(key, root, (), model)
