"""Django's admin: what the columns of a list touch of each row. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Where
from dbops.workload.source.django.loading import with_lookups
from dbops.workload.source.django.querysets import QuerySet
from dbops.workload.source.evaluate.frames import Frame
from dbops.workload.source.models import Model
from dbops.workload.source.modules import Class, Modules, last_name
from dbops.workload.source.rows import Known, Row
from dbops.workload.source.values import NOTHING, Bound, Call, Constant, Instance, Pair, Value, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene


def is_admin(which: Class, modules: Modules) -> bool:
    """Whether a class is an admin of a model that says what its list shows."""
    return modules.member(which, "list_display") is not None and any(
        not isinstance(each, Class) and each.name.endswith("admin.ModelAdmin") for each in modules.ancestors(which)
    )


def show(which: Class, scene: Scene) -> None:
    """Follow what the list of an admin shows of each of its rows."""
    model = _model(which, scene)
    admin = Instance(NOTHING, which)
    found = scene.modules.member(which, "list_display")
    rows = None if model is None else _rows(which, admin, model, scene)
    columns = None if found is None else found[1]
    if rows is None or found is None or not isinstance(columns, ast.List | ast.Tuple):
        return
    module = found[0].module
    with scene.within(Frame(module, module.path, columns)):
        element = rows.element(scene)
        with scene.loop(Where.ADMIN, ast.Name(which.name, ast.Load()), rows) as differs:
            for column in columns.elts:
                scene.frame.node = column
                _column(which, admin, column, varying(element, differs), scene)


def default_rows(which: Class, scene: Scene) -> QuerySet | None:
    """Return what an admin's own ``get_queryset`` returns; None for a class that is no admin."""
    model = _model(which, scene) if is_admin(which, scene.modules) else None
    return None if model is None else scene.manager(model, "")


def _column(which: Class, admin: Instance, column: ast.expr, row: Value, scene: Scene) -> None:
    if not isinstance(column, ast.Constant) or not isinstance(column.value, str) or not isinstance(row, Row):
        return
    function = scene.method_of(which, column.value)
    if function is not None:
        scene.call(function, Call(scene.no_arguments.node, (row,)), admin)
        return
    if column.value == "__str__":
        row.shown(scene)
        return
    found = row.attribute(column.value, scene)
    if isinstance(found, Bound):
        found.called(scene.no_arguments, scene)
    elif isinstance(found, Row):
        found.shown(scene)


def _rows(which: Class, admin: Instance, model: Model, scene: Scene) -> QuerySet | None:
    """Return the rows of a list: with ``list_select_related``, or the relations that Django loads for its columns."""
    own = scene.method_of(which, "get_queryset")
    rows = scene.manager(model, "") if own is None else scene.call(own, scene.no_arguments, admin)
    if not isinstance(rows, QuerySet):
        return None
    given = scene.member(which, "list_select_related", admin)
    if isinstance(given, Pair) and given.items:
        return replace(rows, root=with_lookups(rows.root, given.items))
    unset = given is None or (isinstance(given, Constant) and not given.value)
    if unset and not any(name in model.relations for name in _names(which, scene)):
        return rows
    return replace(rows, root=replace(rows.root, known=Known.EVERYTHING))


def _names(which: Class, scene: Scene) -> Iterator[str]:
    shown = scene.modules.member(which, "list_display")
    for node in ast.walk(shown[1]) if shown is not None and isinstance(shown[1], ast.expr) else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _model(which: Class, scene: Scene) -> Model | None:
    """Return the model that a class is registered for: by its decorator, or by ``admin.site.register``."""
    named = [
        each.args[0]
        for each in which.node.decorator_list
        if isinstance(each, ast.Call) and last_name(each.func) == "register" and each.args
    ]
    for statement in which.module.tree.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="register"), args=[model, ast.Name(id=name), *_])):
                named += [model] if name == which.name else []
    for each in named:
        found = scene.modules.dotted(which.module, each)
        if isinstance(found, Class) and found in scene.models.by_class:
            return scene.models.by_class[found]
    return None
