"""What a name is worth where it stands. Pure."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from dbops.workload.source.django.querysets import DjangoModel
from dbops.workload.source.models import Framework
from dbops.workload.source.modules import Class, External, Function, Meaning, Set
from dbops.workload.source.sqlalchemy.rows import SQLAlchemyModel
from dbops.workload.source.values import NOTHING, UNKNOWN, Bound, Type, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene


def value(name: str, scene: Scene) -> Value:
    """Return what a name is worth: a variable, one of the functions around, or what the module defines."""
    frame = scene.frame
    if name in frame.names:
        return frame.names[name]
    if name in frame.around:
        return frame.around[name]
    found = scene.modules.meaning(frame.module, name)
    return scene.named(name) if found is None else meant(found, scene)


def is_own(name: str, scene: Scene) -> bool:
    """Whether a builtin's name stands for something else here."""
    frame = scene.frame
    return name in frame.names or name in frame.around or scene.modules.meaning(frame.module, name) is not None


def dotted(node: ast.Attribute | ast.Subscript, scene: Scene) -> Value | None:
    """Return what ``name.attribute`` or ``name["key"]`` was set to in this function."""
    key = label(node)
    return None if key is None else scene.frame.names.get(key)


def label(node: ast.expr) -> str | None:
    """Return under which name is kept what an attribute or an item is set to."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{name}.{attribute}"
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
            return f"{name}[{key}"
    return None


def meant(meaning: Meaning, scene: Scene) -> Value:
    """Return the value of what a module defines or imports."""
    match meaning:
        case Function():
            return Bound(NOTHING, meaning)
        case Class():
            return of_class(meaning, scene)
        case External(name):
            return scene.named(name)
        case Set():
            return _set(meaning, scene)


def of_class(which: Class, scene: Scene) -> Value:
    """Return a class as a value."""
    model = scene.models.by_class.get(which)
    if model is None:
        return Type(NOTHING, which)
    return DjangoModel(NOTHING, model) if model.framework is Framework.DJANGO else SQLAlchemyModel(NOTHING, model)


def _set(found: Set, scene: Scene) -> Value:
    """Return what a module sets a name to; while that is being found out, nothing is known of it."""
    from dbops.workload.source.evaluate.calls import outside

    if found.node not in scene.known:
        scene.known[found.node] = UNKNOWN
        scene.known[found.node] = outside(found.module, found.node, scene)
    return scene.known[found.node]
