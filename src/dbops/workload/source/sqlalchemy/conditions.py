"""SQLAlchemy's columns, and what they are compared with. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbops.workload.source.models import Model, Relation
from dbops.workload.source.values import NOTHING, Call, Value, union

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_BOUNDS = frozenset({"between", "not_in", "notin_", "is_not", "isnot", "desc", "asc", "label", "nulls_last"})


@dataclass(frozen=True, slots=True)
class Condition(Value):
    """What a statement is narrowed by: ``keyed`` are the loops in which what is compared for equality differs."""

    keyed: frozenset[int] = NOTHING
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column(Value):
    """``Post.author_id``, or the relation ``Post.author``."""

    model: Model = None  # type: ignore[assignment]
    name: str = ""

    @property
    def relation(self) -> Relation | None:
        """The relation, if it is one."""
        return self.model.relations.get(self.name)

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return a condition, or for ``of_type`` and ``and_`` itself."""
        if name in {"of_type", "and_"}:
            return self
        if name in _BOUNDS:
            return Condition(call.varies)
        if name == "in_":
            return within(self, call)
        return Condition(call.varies, call.varies, (self.name,) if call.varies else ())


def within(column: Column, call: Call) -> Condition:
    """Return the condition of ``column.in_(values)``: a batch that has a name is asked for together."""
    named = len(call.node.args) == 1 and isinstance(call.node.args[0], ast.Name)
    return Condition(call.varies, NOTHING if named else call.varies, (column.name,))


def together(call: Call) -> Condition:
    """Return several conditions as one; what is no condition (``filter_by(author=…)``) is compared for equality."""
    given = (*call.args, *call.keywords.values())
    known = frozenset[int]().union(*(_keys(each) for each in given)) | call.spread
    columns = tuple(name for each in given if isinstance(each, Condition) for name in each.columns)
    columns += tuple(name for name, value in call.keywords.items() if value.varies)
    return Condition(union(given) | call.spread, known, columns)


def _keys(value: Value) -> frozenset[int]:
    return value.keyed if isinstance(value, Condition) else value.varies
