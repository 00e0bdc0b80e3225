"""Following a call into the function that is called, as far as that is worth it. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Where
from dbops.workload.source.evaluate.frames import Frame
from dbops.workload.source.evaluate.given import known
from dbops.workload.source.evaluate.typed import annotated
from dbops.workload.source.models import cached
from dbops.workload.source.modules import Function, Module
from dbops.workload.source.values import NOTHING, UNKNOWN, Call, Constant, Many, Record, Value, union, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_DEEPEST = 4
"""Calls within calls that are followed."""
_BELOW = 2
"""Calls within calls of a loop that are followed: what is further below is less the loop's fault than theirs."""
_AGAIN = 2
"""Times that a function is followed into itself, and what it does for the next of its kind is seen."""


def follow(function: Function, call: Call, receiver: Value | None, around: Mapping[str, Value], scene: Scene) -> Value:
    """Return what a function of the project returns; what it asks is seen as asked by who calls it."""
    varies = call.varies | (NOTHING if receiver is None else receiver.varies)
    key = (function, receiver, call.args, tuple(call.keywords.items()), call.spread, call.more)
    if not around and key in scene.known:
        return scene.known[key]
    entered = sum(frame.function is not None and frame.function.node is function.node for frame in scene.frames)
    if entered >= _AGAIN or scene.left <= 0 or _is_deep(varies, scene):
        scene.given_up += scene.left <= 0
        return Value(varies)
    scene.left -= 1
    before = scene.given_up
    found = returned(enter(function, call, receiver, around, scene), scene)
    if not around and scene.given_up == before and not scene.is_muted:  # else the next may see more
        scene.known[key] = found
    return found


def _is_deep(varies: frozenset[int], scene: Scene) -> bool:
    """Whether a call is too far below the loop that its arguments differ in, or below where it all began."""
    depth = len(scene.frames)
    inner = next((loop for loop in reversed(scene.loops) if loop.many and loop.number in varies), None)
    if inner is None or inner.where in {Where.SERIALIZER, Where.TEMPLATE}:
        return depth > _DEEPEST
    return depth - 1 - inner.frame >= _BELOW


def returned(frame: Frame, scene: Scene) -> Value:
    """Return what a function that was run returns."""
    return scene.joined(frame.returned) if frame.returned else Constant(NOTHING, None)


def enter(function: Function, call: Call, receiver: Value | None, around: Mapping[str, Value], scene: Scene) -> Frame:
    """Run a function, and return what is known at its end."""
    from dbops.workload.source.evaluate.expressions import evaluate
    from dbops.workload.source.evaluate.statements import run

    frame = Frame(function.module, function.module.path, function.node, around=around, function=function)
    with scene.within(frame), scene.muted() if cached(function) else nullcontext():
        frame.names = dict(_arguments(function, call, receiver, scene))
        shift = int(receiver is not None and "staticmethod" not in function.decorators)
        frame.given = {name: (frame.names[name], value) for name, value in known(function.node.args, call, shift)}
        if isinstance(function.node, ast.Lambda):
            frame.returned.append(evaluate(function.node.body, scene))
        else:
            run(function.node.body, scene)
    return frame


def _arguments(function: Function, call: Call, receiver: Value | None, scene: Scene) -> Iterator[tuple[str, Value]]:
    """Yield the names of a function's parameters with what they are called with."""
    given = function.node.args
    positional = [*given.posonlyargs, *given.args]
    args = list(call.args)
    if receiver is not None and "staticmethod" not in function.decorators:
        args.insert(0, receiver)
    for parameter, given_value in zip(positional, args, strict=False):
        yield parameter.arg, _typed(parameter, given_value, scene)
    defaults = _defaults(given)
    for parameter in (*positional[len(args) :], *given.kwonlyargs):
        default = None if call.more else defaults.get(parameter.arg)
        missing = Value(call.spread) if default is None else Constant(NOTHING, default.value)
        yield parameter.arg, _typed(parameter, call.keywords.get(parameter.arg, missing), scene)
    if given.vararg is not None:
        yield given.vararg.arg, Many(NOTHING, scene.joined(args[len(positional) :]) if args else UNKNOWN)
    if given.kwarg is not None:
        known = {each.arg for each in (*positional, *given.kwonlyargs)}
        others = tuple(each for each in call.keywords.items() if each[0] not in known)
        yield given.kwarg.arg, Record(union(value for _, value in others), others, call.more)


def _defaults(given: ast.arguments) -> dict[str, ast.Constant]:
    """Return the defaults of parameters that are constants."""
    positional = [*given.posonlyargs, *given.args]
    pairs: list[tuple[ast.arg, ast.expr | None]] = []
    pairs += zip(positional[len(positional) - len(given.defaults) :], given.defaults, strict=True)
    pairs += zip(given.kwonlyargs, given.kw_defaults, strict=True)
    return {parameter.arg: default for parameter, default in pairs if isinstance(default, ast.Constant)}


def _typed(parameter: ast.arg, value: Value, scene: Scene) -> Value:
    if type(value) is not Value or parameter.annotation is None:
        return value
    return varying(annotated(parameter.annotation, parameter.arg, scene), value.varies)


def outside(module: Module, node: ast.expr, scene: Scene) -> Value:
    """Return what an expression is worth that stands in no function: what it asks, it asks once."""
    from dbops.workload.source.evaluate.expressions import evaluate

    loops, scene.loops = scene.loops, []
    try:
        with scene.within(Frame(module, module.path, node)):
            return evaluate(node, scene)
    finally:
        scene.loops = loops
