"""Which loops go over rows, and which are short, or right to ask each time. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Where
from dbops.workload.source.django.querysets import FEW
from dbops.workload.source.evaluate import binding
from dbops.workload.source.modules import last_name
from dbops.workload.source.values import Value, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_BATCHES = frozenset({"batched", "chunked", "ichunked", "grouper", "sliced", "chunks", "batches", "partitions"})
_BATCHES |= {"split_every", "in_batches", "chunk", "batch", "batch_qs", "queryset_in_batches", "fetchmany", "divide"}
_TAKES = frozenset({"pop", "popleft", "popitem", "append", "extend", "add", "get_nowait"})
_ENDLESS = frozenset({"count", "cycle", "repeat"})
_PORTION = re.compile(r"(^|_)(chunk|batch|page|slice|attempt|retry|retries|tries)(e?s)?($|_)")
_STREAM = re.compile(
    r"(?:.*_)?(?:consumer|queue|websocket|ws|pubsub|listener|stdin|subscription|channel)"
    r"|listen|consume|subscribe|notifies|iter_text|iter_json|iter_bytes|messages|page_range"
)


@contextmanager
def over(
    where: Where, target: ast.expr, iterated: ast.expr, value: Value, body: Sequence[ast.stmt], scene: Scene
) -> Iterator[None]:
    """Open a loop over a value, with its names bound to what a round has."""
    scene.frame.node = iterated
    element = value.element(scene)
    targets = frozenset(each.id for each in ast.walk(target) if isinstance(each, ast.Name))
    many = not (value.few or _is_bounded(iterated) or _is_portion(iterated, targets) or _is_left(body))
    with scene.loop(where, iterated, value, many=many) as differs:
        binding.bind(target, varying(element, differs), scene)
        _vary(target, differs, scene)
        yield


def _vary(target: ast.expr, differs: frozenset[int], scene: Scene) -> None:
    """Let all that a round's value was taken apart into differ from round to round."""
    if isinstance(target, ast.Name):
        return
    for each in ast.walk(target):
        if isinstance(each, ast.Name) and each.id in scene.frame.names:
            scene.frame.names[each.id] = varying(scene.frame.names[each.id], differs)


@contextmanager
def until(node: ast.While, scene: Scene) -> Iterator[None]:
    """Open a ``while`` loop: what is set in it may differ from round to round. One without an end is a worker."""
    names = frozenset((*_set_in(node.body), *_named_in(node.test)))
    right = isinstance(node.test, ast.Constant) or _is_stream(node.test) or any(map(_PORTION.search, names))
    many = not (right or _is_left(node.body))
    with scene.loop(Where.WHILE, node.test, None, many=many) as differs:
        for name in names:
            if name in scene.frame.names:
                scene.frame.names[name] = varying(scene.frame.names[name], differs)
        yield


def remembers(test: ast.expr, body: Sequence[ast.stmt], scene: Scene) -> bool:
    """Whether ``if key not in known`` guards a body that puts it there: each key is asked for once.

    ``if row is None`` does so too where ``row`` is what ``known.get(key)`` gave.
    """
    if not any(loop.many for loop in scene.loops):
        return False
    if test not in scene.kept:
        scene.kept[test] = frozenset(ast.unparse(name) for name in _put_into(body))
    kept = scene.kept[test]
    if not kept:
        return False
    mentioned = {ast.unparse(each) for each in ast.walk(test) if isinstance(each, ast.Name | ast.Attribute)}
    if kept & mentioned:
        return True
    missing = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is)
    if not missing and not isinstance(test, ast.UnaryOp):
        return False
    return any("cache" in name.lower() for name in kept) or bool(kept & frozenset(_gave(mentioned, scene)))


def _gave(names: Set[str], scene: Scene) -> Iterator[str]:
    """Yield whose ``get`` gave, in the function that is run, the values that have these names."""
    for node in ast.walk(scene.frame.function.node) if scene.frame.function is not None else ():
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(value=inner, attr="get")))
                | ast.NamedExpr(target=ast.Name(id=name), value=ast.Call(func=ast.Attribute(value=inner, attr="get")))
            ) if name in names:
                yield ast.unparse(inner)


def missed(handler: ast.ExceptHandler) -> bool:
    """Whether it is run for a key that a dictionary hasn't, and puts it there."""
    return handler.type is not None and last_name(handler.type) == "KeyError" and any(_put_into(handler.body))


def _put_into(body: Sequence[ast.stmt]) -> Iterator[ast.expr]:
    """Yield what a body puts something into: ``known[key] = …``, ``known.add(…)``, ``cache.set(…)``."""
    for statement in body:
        for node in ast.walk(statement):
            match node:
                case ast.Assign(targets=targets):
                    yield from (each.value for each in targets if isinstance(each, ast.Subscript))
                case ast.Call(func=ast.Attribute(value=inner, attr="add" | "set" | "append" | "setdefault")):
                    yield inner


def _is_bounded(node: ast.expr) -> bool:
    """Whether it is a range of few, or of steps."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[*_, _] as args):
            numbers = [each.value for each in args if isinstance(each, ast.Constant) and isinstance(each.value, int)]
            if len(args) == 3:
                return True
            return len(numbers) == len(args) and len(range(*numbers)) < FEW
        case ast.Call(func=ast.Name(id="enumerate" | "reversed" | "sorted" | "list" | "tqdm"), args=[inner, *_]):
            return _is_bounded(inner)
        case ast.Call(func=ast.Name(id="iter"), args=[_, _]):
            return True
    return False


def _is_portion(node: ast.expr, targets: frozenset[str]) -> bool:
    """Whether it goes over batches, pages, attempts, or what comes in: there is nothing to ask for at once."""
    called = last_name(node) if isinstance(node, ast.Call) else None
    if called in _BATCHES or called in _ENDLESS:
        return True
    return any(map(_PORTION.search, targets)) or _is_stream(node)


def _is_stream(node: ast.expr) -> bool:
    """Whether what comes in is waited for, as the names say."""
    names = (each.id if isinstance(each, ast.Name) else getattr(each, "attr", "") for each in ast.walk(node))
    return any(map(_STREAM.fullmatch, names))


def _is_left(body: Sequence[ast.stmt]) -> bool:
    """Whether a loop is left at the end of its first round."""
    return bool(body) and isinstance(body[-1], ast.Break | ast.Return | ast.Raise)


def _named_in(test: ast.expr) -> Iterator[str]:
    """Yield the names that a test sets: ``while rows := …``."""
    for node in ast.walk(test):
        if isinstance(node, ast.NamedExpr):
            yield node.target.id


def _set_in(body: Sequence[ast.stmt]) -> Iterator[str]:
    for statement in body:
        for node in ast.walk(statement):
            match node:
                case ast.Name(id=name, ctx=ast.Store()):
                    yield name
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in _TAKES:
                    yield name
