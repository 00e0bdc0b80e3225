"""SQLAlchemy's functions, and its sessions: known by what they are called with. Pure."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from dbops.workload.source.rows import Root
from dbops.workload.source.sqlalchemy.conditions import Column, Condition, together
from dbops.workload.source.sqlalchemy.options import NAMES, option
from dbops.workload.source.sqlalchemy.rows import SQLAlchemyModel, got
from dbops.workload.source.sqlalchemy.statements import Result, Statement
from dbops.workload.source.values import NOTHING, UNKNOWN, Call, Many, Named, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_EXECUTES = frozenset({"execute", "stream", "exec"})
_SCALARS = frozenset({"scalars", "stream_scalars"})


def _selected(call: Call, _scene: Scene) -> Value:
    """Return what ``select(…)`` makes."""
    return Statement(call.varies, tuple(map(_entity, call.args)), text=ast.unparse(call.node))


def _entity(value: Value) -> Root | None:
    return Root(value.model, value.model.name) if isinstance(value, SQLAlchemyModel) else None


def _combined(call: Call, _scene: Scene) -> Value:
    return together(call)


def _negated(call: Call, _scene: Scene) -> Value:
    return Condition(call.varies)


def _first(call: Call, _scene: Scene) -> Value:
    return call.argument(0) or UNKNOWN


def _loading(name: str, call: Call, _scene: Scene) -> Value:
    return option(name, call)


def method(_receiver: Value, name: str, call: Call, scene: Scene) -> Value | None:
    """Return what a session's or a connection's method returns; None where nothing says that it is one."""
    first = call.argument(0, "statement")
    if isinstance(first, Statement) and not first.lazy:
        return _executed(first, name, scene)
    if name == "query" and (isinstance(first, SQLAlchemyModel | Column) or _is_function(first)):
        return _queried(call)
    if isinstance(first, SQLAlchemyModel) and name in {"get", "get_one", "get_or_404"} and len(call.args) > 1:
        return got(first.model, Call(call.node, call.args[1:], call.keywords, call.more, call.spread), name, scene)
    return None


def _is_function(value: Value | None) -> bool:
    """Whether it is what ``func.count(…)`` makes."""
    return isinstance(value, Named) and ".func." in value.name


def _executed(statement: Statement, name: str, scene: Scene) -> Value | None:
    if name == "paginate":
        return Many(NOTHING, statement.instance(0))
    if name not in _EXECUTES | _SCALARS | {"scalar"}:
        return None
    statement.ask(name, scene)
    if name == "scalar":
        return statement.instance(0)
    only = name in _SCALARS or (name == "exec" and len(statement.entities) == 1)
    return Result(statement.varies, statement, scalars=only)


def _queried(call: Call) -> Value:
    entities = tuple(_entity(each) for each in call.args)
    return Statement(NOTHING, entities, text=ast.unparse(call.node), lazy=True)


_CONDITIONS = {"and_": _combined, "or_": _combined, "not_": _negated, "aliased": _first}
_PLACES = (
    "sqlalchemy",
    "sqlalchemy.orm",
    "sqlalchemy.future",
    "sqlalchemy.sql",
    "sqlmodel",
    "sqlalchemy.sql.expression",
)
_NAMES: dict[str, Callable[[Call, Scene], Value]] = {
    "select": _selected,
    "text": _first,
    **_CONDITIONS,
    **{name: partial(_loading, name) for name in NAMES},
}
FUNCTIONS: dict[str, Callable[[Call, Scene], Value]] = {
    f"{place}.{name}": handler for place in _PLACES for name, handler in _NAMES.items()
}
