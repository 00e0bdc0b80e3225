"""Django's managers: which model has which, and what their querysets load by themselves. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dbops.workload.source.django.querysets import DjangoModel, QuerySet, queryset
from dbops.workload.source.models import Framework, Model
from dbops.workload.source.modules import Class, Module, Modules, Set, last_name
from dbops.workload.source.values import Call

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_PLAIN = frozenset({"objects", "_default_manager", "_base_manager"})
_KINDS = ("Manager", "QuerySet")


def manager(model: Model, name: str, scene: Scene) -> QuerySet | None:
    """Return the manager of a model that has this name, the first of its class where the name is empty."""
    key = (model, name)
    if key not in scene.known:
        found = _manager(model, name, scene)
        if found is None:
            return None
        scene.known[key] = found
        scene.known[key] = _narrowed(found, scene)
    known = scene.known[key]
    assert isinstance(known, QuerySet), "only such are kept under a model's name"
    return known


def _manager(model: Model, name: str, scene: Scene) -> QuerySet | None:
    found = _members(scene, model)
    if name and name not in found and name not in _PLAIN:
        return None
    chosen = name if name in found else next(iter(found), "objects")
    return queryset(model, f"{model.name}.{name or 'objects'}", found.get(chosen, ()))


def _members(scene: Scene, model: Model) -> dict[str, tuple[Class, ...]]:
    """Return the managers that a model's class and its bases have, with the classes they are made of."""
    if model not in scene.managers:
        found: dict[str, tuple[Class, ...]] = {}
        for name, classes in _named(scene.modules, model):
            found.setdefault(name, classes)
        scene.managers[model] = found
    return scene.managers[model]


def _named(modules: Modules, model: Model) -> Iterator[tuple[str, tuple[Class, ...]]]:
    if model.source is None:
        return
    for each in modules.ancestors(model.source):
        if not isinstance(each, Class):
            continue
        for name, value in each.members.items():
            if isinstance(value, ast.Call) and not name.startswith("__"):
                classes = tuple(dict.fromkeys(_classes(modules, each.module, value)))
                if classes or (last_name(value.func) or "").endswith((*_KINDS, "as_manager")):
                    yield name, classes


def _classes(modules: Modules, module: Module, node: ast.expr, depth: int = 0) -> Iterator[Class]:
    """Yield the project's managers and querysets that an expression names."""
    for inner in ast.walk(node):
        if not isinstance(inner, ast.Name):
            continue
        match modules.meaning(module, inner.id):
            case Class() as found if is_manager(modules, found):
                yield found
            case Set(elsewhere, value) if depth < 2:
                yield from _classes(modules, elsewhere, value, depth + 1)


def is_manager(modules: Modules, which: Class) -> bool:
    """Whether a class is a manager or a queryset of Django's."""
    for each in modules.ancestors(which):
        if not isinstance(each, Class) and each.name.removesuffix("()").endswith((*_KINDS, "from_queryset")):
            return True
        if isinstance(each, Class) and each.name in {"Manager", "QuerySet", "BaseManager"}:
            return True
    return False


def _narrowed(found: QuerySet, scene: Scene) -> QuerySet:
    """Return a manager with what its ``get_queryset`` loads."""
    for each in found.classes:
        function = scene.method_of(each, "get_queryset")
        if function is not None:
            made = scene.call(function, scene.no_arguments, found)
            if isinstance(made, QuerySet) and made.root.model is found.root.model:
                root = replace(made.root, text=found.root.text)
                return replace(found, root=root, plain=made.plain)
    return found


def made(which: Class, call: Call, scene: Scene) -> QuerySet | None:
    """Return what ``PostQuerySet(self.model)`` makes."""
    if not is_manager(scene.modules, which):
        return None
    model = call.argument(0, "model")
    if isinstance(model, DjangoModel):
        return queryset(model.model, f"{model.model.name}.objects", (which,))
    return itself(which, scene)


def itself(which: Class, scene: Scene) -> QuerySet | None:
    """Return what ``self`` is in the methods of a manager or a queryset: it is of the model that has it."""
    if not is_manager(scene.modules, which):
        return None
    for model in scene.models.by_class.values():
        if model.framework is Framework.DJANGO and not model.abstract:
            for classes in _members(scene, model).values():
                if which in classes:
                    return queryset(model, "self", classes)
    return None
