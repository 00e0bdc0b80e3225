"""Attributes and methods of the project's classes, and making instances of them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbops.workload.source.django import managers, serializers, views
from dbops.workload.source.django.querysets import DjangoModel, QuerySet
from dbops.workload.source.evaluate import calls, typed
from dbops.workload.source.evaluate.frames import Frame
from dbops.workload.source.evaluate.names import of_class
from dbops.workload.source.modules import Class, Function
from dbops.workload.source.values import NOTHING, UNKNOWN, Bound, Call, Instance, Super, Type, Value, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_PROPERTIES = frozenset({"property", "cached_property", "hybrid_property"})


def bound(function: Function, receiver: Value, scene: Scene) -> Value:
    """Return a method, or the value of a property."""
    if function.decorators & _PROPERTIES:
        return scene.call(function, scene.no_arguments, receiver)
    return Bound(receiver.varies, function, receiver)


def member(which: Class, name: str, receiver: Value, scene: Scene) -> Value | None:
    """Return a member of a class for an instance of it, or for the class itself."""
    found = scene.modules.member(which, name)
    if found is None:
        return views.attribute(which, name, receiver, scene) or _declared(which, name, scene)
    owner, value = found
    if isinstance(value, Function):
        if isinstance(receiver, Type | DjangoModel) and "classmethod" not in value.decorators:
            return Bound(NOTHING, value)  # called with the instance as an argument
        return bound(value, receiver, scene)
    if isinstance(value, Class):
        return of_class(value, scene)
    if value not in scene.known:
        scene.known[value] = UNKNOWN
        scene.known[value] = calls.outside(owner.module, value, scene)
    return varying(scene.known[value], receiver.varies)


def _declared(which: Class, name: str, scene: Scene) -> Value | None:
    """Return what the type says that an attribute was given."""
    for each in scene.modules.ancestors(which):
        if isinstance(each, Class) and name in each.annotations:
            with scene.within(Frame(each.module, each.module.path, each.node)):
                return typed.annotated(each.annotations[name], name, scene)
    return None


def instance(which: Class, call: Call, scene: Scene) -> Value:
    """Return an instance of a class that is no model, with what it is given."""
    if serializers.is_serializer(which, scene.modules):
        return serializers.made(which, call, scene)
    query = managers.made(which, call, scene)
    if query is not None:
        return query
    return Instance(call.varies, which, _given(which, call, scene))


def _given(which: Class, call: Call, scene: Scene) -> tuple[tuple[str, Value], ...]:
    """Return the attributes that ``__init__`` sets, or those of a dataclass."""
    function = scene.method_of(which, "__init__")
    if function is None:
        names = [name for name in which.annotations if not name.startswith("_")]
        return (*zip(names, call.args, strict=False), *call.keywords.items())
    entered = any(frame.function is function for frame in scene.frames)
    if entered or scene.left <= 0:
        return ()
    scene.left -= 1
    frame = calls.enter(function, call, Instance(NOTHING, which), {}, scene)
    return tuple((name[5:], value) for name, value in frame.names.items() if name.startswith("self."))


def itself(which: Class, scene: Scene) -> Value:
    """Return what ``self`` is in a class's methods when nothing is known of who calls them."""
    model = scene.models.by_class.get(which)
    if model is not None:
        return typed.row(model, "self")
    if ("self", which) not in scene.known:
        query = managers.itself(which, scene)
        given = () if query is not None else _given(which, scene.any_arguments, scene)
        scene.known["self", which] = Instance(NOTHING, which, given) if query is None else query
    return scene.known["self", which]


def call_super(above: Super, name: str, call: Call, scene: Scene) -> Value:
    """Return what the method returns that a class's bases have, of the project or of the framework."""
    receiver = above.receiver
    bases = [] if above.after is None else list(scene.modules.ancestors(above.after))[1:]
    for base in bases:
        found = base.members.get(name) if isinstance(base, Class) else None
        if isinstance(found, Function):
            return scene.call(found, call, receiver)
    match receiver:
        case QuerySet():
            return receiver.built_in(name, call, scene)
        case Instance():
            return views.default(receiver, name, call, scene)
    return Value(receiver.varies | call.varies)
