"""What a function is called with decides its tests: what fills in for an argument is run only where none is. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dbops.workload.source.values import Call, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_SOMETHING = object()
"""What is given where the default is None or the like: that it is there is all that is known of it."""


def known(arguments: ast.arguments, call: Call, shift: int) -> Iterator[tuple[str, object]]:
    """Yield the parameters of which it is known what they are, or that they are given.

    ``shift`` is 1 where the first parameter is the receiver. What is written as a constant, in the call or as a
    default, is known; a variable's value isn't, as another round of a loop may have another one.
    """
    positional = [*arguments.posonlyargs, *arguments.args]
    places = {each.arg: at - shift for at, each in enumerate(positional)}
    written: dict[int | str, ast.expr] = {each.arg: each.value for each in call.node.keywords if each.arg is not None}
    if len(call.node.args) == len(call.args):
        written.update(enumerate(call.node.args))
    for name, default in _defaults(arguments, positional):
        at = places.get(name, -1)
        if name in call.keywords or 0 <= at < len(call.args):
            node = written.get(at if 0 <= at < len(call.args) else name)
            if isinstance(node, ast.Constant):
                yield name, node.value
            elif isinstance(default, ast.Constant) and not default.value:
                yield name, _SOMETHING
        elif not call.more and isinstance(default, ast.Constant):
            yield name, default.value


def _defaults(arguments: ast.arguments, positional: list[ast.arg]) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the parameters that have a default."""
    with_default = positional[len(positional) - len(arguments.defaults) :]
    pairs = [*zip(with_default, arguments.defaults, strict=True)]
    yield from ((parameter.arg, default) for parameter, default in pairs)
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield parameter.arg, default


def holds(test: ast.expr, scene: Scene) -> bool | None:
    """Return whether a test holds for what the function was called with; None when that decides nothing."""
    frame = scene.frame
    if not frame.given or any(loop.frame == len(scene.frames) - 1 for loop in scene.loops):  # a round may set it anew
        return None
    return _holds(test, frame.given, frame.names)


def _holds(test: ast.expr, given: Mapping[str, tuple[Value, object]], names: Mapping[str, Value]) -> bool | None:
    match test:
        case ast.Name(id=name) if _is_kept(name, given, names):
            return bool(given[name][1])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _holds(operand, given, names)
            return None if inner is None else not inner
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(None)]):
            return (given[name][1] is None) == isinstance(op, ast.Is) if _is_kept(name, given, names) else None
        case ast.BoolOp(op=op, values=values):
            decides = isinstance(op, ast.Or)
            found = {_holds(each, given, names) for each in values}
            return decides if decides in found else None if None in found else not decides
    return None


def _is_kept(name: str, given: Mapping[str, tuple[Value, object]], names: Mapping[str, Value]) -> bool:
    """Whether a parameter still is what it was called with."""
    return name in given and names.get(name) is given[name][0]
