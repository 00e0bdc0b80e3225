"""Python's own functions: what they make of rows, and which call a function for each. Pure."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Where
from dbops.workload.source.rows import Row
from dbops.workload.source.values import (
    NOTHING,
    UNKNOWN,
    Call,
    Constant,
    Many,
    Pair,
    Record,
    Slice,
    Table,
    Value,
)

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

LOOPS = frozenset({"map", "filter", "sorted", "min", "max"})
"""What calls a function for each element of something."""
_COLLECTS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "filter", "iter", "aiter", "deque"})
_LOOKS = frozenset({"len", "bool", "any", "all", "sum"})


def looped(name: str, node: ast.Call, scene: Scene) -> Value:
    """Return what ``map``, ``sorted`` and their like return, having called the function for each."""
    from dbops.workload.source.evaluate.expressions import arguments

    call = arguments(node, scene)
    first = name in {"map", "filter"}
    function = call.argument(0) if first else call.keywords.get("key")
    over = call.argument(1 if first else 0)
    if over is None:
        return Value(call.varies)
    scene.frame.node = node
    element = over.element(scene)
    found: Value = UNKNOWN
    if function is not None:
        iterated = node.args[1 if first else 0] if len(node.args) > first else node
        with scene.loop(Where.EACH, iterated, over, many=not over.few) as differs:
            varying = replace(element, varies=element.varies | differs)
            inner = Call(node, (varying,))
            scene.frame.node = node
            found = function.called(inner, scene)
    if name == "map":
        return Many(NOTHING, found, over.few)
    return element if name in {"min", "max"} else _collected(over, element)


def _collected(over: Value, element: Value) -> Value:
    if isinstance(over, Pair):
        return Many(over.varies, element, bounded=True)
    return Many(over.varies, element, over.few)


def _collect(call: Call, scene: Scene) -> Value:
    over = call.argument(0)
    if over is None:
        return Pair()
    if isinstance(over, Pair):
        return over
    return Many(NOTHING, over.element(scene), over.few)


def _look(call: Call, scene: Scene) -> Value:
    for each in call.args:
        each.looked_at(scene)
    return Value(call.varies)


def _enumerated(call: Call, scene: Scene) -> Value:
    over = call.argument(0) or UNKNOWN
    return Many(NOTHING, Pair(NOTHING, (UNKNOWN, over.element(scene))), over.few)


def _zipped(call: Call, scene: Scene) -> Value:
    elements = tuple(each.element(scene) for each in call.args)
    return Many(NOTHING, Pair(NOTHING, elements), any(each.few for each in call.args))


def _chained(call: Call, scene: Scene) -> Value:
    return Many(NOTHING, scene.joined([each.element(scene) for each in call.args]), all(e.few for e in call.args))


def _next(call: Call, scene: Scene) -> Value:
    return call.args[0].element(scene) if call.args else UNKNOWN


def _shown(call: Call, scene: Scene) -> Value:
    for each in call.args:
        if isinstance(each, Row):
            each.shown(scene)
    return Value(call.varies)


def _dictionary(call: Call, scene: Scene) -> Value:
    if not call.args:
        return Record(NOTHING, tuple(call.keywords.items()), call.more)
    given = call.args[0]
    if isinstance(given, Record | Table):
        return given
    element = given.element(scene)
    return Table(NOTHING, *element.items) if isinstance(element, Pair) and len(element.items) == 2 else Table()


def _default_dictionary(_call: Call, _scene: Scene) -> Value:
    return Table()


def _got(call: Call, scene: Scene) -> Value:
    name = call.argument(1)
    if len(call.args) < 2 or not isinstance(name, Constant) or not isinstance(name.value, str):
        return Value(call.varies)
    return call.args[0].attribute(name.value, scene) or Value(call.varies)


def _range(call: Call, _scene: Scene) -> Value:
    known = [each.value for each in call.args if isinstance(each, Constant) and isinstance(each.value, int)]
    few = len(known) == len(call.args) == 1 and known[0] < 5
    return Many(NOTHING, Value(call.varies), few)


def _grouped(call: Call, scene: Scene) -> Value:
    over = call.argument(0) or UNKNOWN
    element = over.element(scene)
    return Many(NOTHING, Pair(NOTHING, (UNKNOWN, Many(NOTHING, element))), over.few)


def _first(call: Call, _scene: Scene) -> Value:
    return call.argument(0) or UNKNOWN


def _cut(call: Call, scene: Scene) -> Value:
    last = call.argument(1)
    most = last.value if isinstance(last, Constant) and isinstance(last.value, int) else None
    return (call.argument(0) or UNKNOWN).item(Slice(NOTHING, most), scene)


FUNCTIONS: dict[str, Callable[[Call, Scene], Value]] = {
    **dict.fromkeys(_COLLECTS, _collect),
    **dict.fromkeys(_LOOKS, _look),
    **dict.fromkeys(("str", "print", "format"), _shown),
    "enumerate": _enumerated,
    "zip": _zipped,
    "itertools.zip_longest": _zipped,
    "itertools.chain": _chained,
    "itertools.islice": _cut,
    "itertools.groupby": _grouped,
    "itertools.tee": _first,
    "collections.deque": _collect,
    "collections.defaultdict": _default_dictionary,
    "tqdm.tqdm": _first,
    "rich.progress.track": _first,
    "alive_progress.alive_it": _first,
    "next": _next,
    "anext": _next,
    "dict": _dictionary,
    "getattr": _got,
    "range": _range,
    "copy.copy": _first,
    "copy.deepcopy": _first,
    "typing.cast": lambda call, _scene: call.argument(1) or UNKNOWN,
}
