"""pydantic's models with ``from_attributes``: reading a row's attributes touches its relations. Pure."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Where
from dbops.workload.source.modules import Class, Function, last_name
from dbops.workload.source.rows import Row
from dbops.workload.source.values import Call, Instance, Many, Type, Value, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_READS = frozenset({"model_validate", "from_orm"})
_BASES = ("pydantic.BaseModel", "ninja.Schema", "ninja.ModelSchema", "sqlmodel.SQLModel")
_DEEPEST = 4


def method(receiver: Value, name: str, call: Call, scene: Scene) -> Value | None:
    """Return what ``PostOut.model_validate(post)`` makes, having read the row; None for anything else."""
    if name not in _READS or not isinstance(receiver, Type) or not call.args:
        return None
    assert receiver.of is not None
    if not _is_schema(receiver.of, scene):
        return None
    read(receiver.of, call.args[0], scene)
    return Instance(call.varies, receiver.of)


def answered(function: Function, value: Value, scene: Scene) -> None:
    """Read what a function returns as the ``response_model`` of its route says."""
    wanted = _wanted(function)
    schema = None if wanted is None else _schema(function, wanted, scene)
    if schema is None or wanted is None:
        return
    if _is_list(wanted):
        over = value
        element = over.element(scene)
        scene.frame.node = wanted
        with scene.loop(Where.SERIALIZER, wanted, over, many=not over.few) as differs:
            read(schema, varying(element, differs), scene)
    else:
        read(schema, value, scene)


def read(schema: Class, value: Value, scene: Scene, depth: int = 0) -> None:
    """Read a row's attributes as a schema names them, those of its relations as theirs do."""
    if not isinstance(value, Row) or depth > _DEEPEST:
        return
    for each in scene.modules.ancestors(schema):
        if not isinstance(each, Class):
            continue
        for name, annotation in each.annotations.items():
            relation = value.model.relations.get(name)
            inner = _inner(each, annotation, scene)
            if relation is None or inner is None:
                continue
            found = value.attribute(name, scene)
            if isinstance(found, Many):
                with scene.loop(Where.SERIALIZER, annotation, found) as differs:
                    read(inner, varying(found.element(scene), differs), scene, depth + 1)
            elif found is not None:
                read(inner, found, scene, depth + 1)


def _wanted(function: Function) -> ast.expr | None:
    """Return what a route of FastAPI's or Ninja's says that it answers."""
    node = function.node
    if isinstance(node, ast.Lambda):
        return None
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and last_name(decorator.func) in {
            "get",
            "post",
            "put",
            "patch",
            "api_route",
        }:
            given = next(
                (each.value for each in decorator.keywords if each.arg in {"response_model", "response"}), None
            )
            return given or node.returns
    return None


def _is_list(node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and last_name(node.value) in {"list", "List", "Sequence", "Page", "Iterable"}


def _schema(function: Function, wanted: ast.expr, scene: Scene) -> Class | None:
    node = wanted.slice if isinstance(wanted, ast.Subscript) else wanted
    found = scene.modules.dotted(function.module, node)
    return found if isinstance(found, Class) and _is_schema(found, scene) else None


def _inner(owner: Class, annotation: ast.expr, scene: Scene) -> Class | None:
    """Return the schema that an annotation has in it."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            found = scene.modules.meaning(owner.module, node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            found = scene.modules.meaning(owner.module, node.value)
        else:
            continue
        if isinstance(found, Class) and _is_schema(found, scene):
            return found
    return None


def _is_schema(which: Class, scene: Scene) -> bool:
    return any(not isinstance(each, Class) and each.name in _BASES for each in scene.modules.ancestors(which))
