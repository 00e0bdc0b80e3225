"""Giving names their values, and what grows by a method's call. Pure."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from dbops.workload.source.evaluate.names import label
from dbops.workload.source.values import NOTHING, UNKNOWN, Call, Constant, Many, Pair, Record, Table, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_ADDS = frozenset({"append", "add", "appendleft", "insert"})
_EXTENDS = frozenset({"extend", "update"})


def bind(target: ast.expr, value: Value, scene: Scene) -> None:
    """Set a name, an attribute, an item, or several of them, to a value."""
    match target:
        case ast.Name(id=name):
            _forget(name, scene)
            scene.frame.names[name] = value
        case ast.Tuple(elts=inner) | ast.List(elts=inner):
            for at, each in enumerate(inner):
                rest = isinstance(each, ast.Starred)
                bind(each.value if isinstance(each, ast.Starred) else each, part(value, at, rest, scene), scene)
        case ast.Attribute():
            key = label(target)
            if key is not None:
                scene.frame.names[key] = value
        case ast.Subscript(value=ast.Name(id=name) as inner, slice=key):
            _put(name, inner, key, value, scene)


def part(value: Value, at: int, rest: bool, scene: Scene) -> Value:
    """Return one of the values that are taken apart."""
    if isinstance(value, Pair):
        return UNKNOWN if rest else value.item(Constant(NOTHING, at), scene)
    if isinstance(value, Many):
        return value if rest else value.element(scene)
    return value.item(Constant(NOTHING, at), scene)


def grown(inner: ast.expr, method: str, call: Call, scene: Scene) -> None:
    """Remember what a list, a set or a dictionary is given by ``append`` and its like."""
    if method not in _ADDS | _EXTENDS or not call.args:
        return
    name = inner.id if isinstance(inner, ast.Name) else label(inner)
    if isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Name):
        name = inner.value.id
    if name is None:
        return
    held = scene.frame.names.get(name)
    added = call.args[-1]
    match held:
        case Record() if method == "update":
            entries = added.entries if isinstance(added, Record) else tuple(call.keywords.items())
            for key, value in entries:
                held = held.having(key, value)
            scene.frame.names[name] = held
        case Pair(items=items) | Many(of=items) if method in _ADDS:
            known = items if isinstance(items, tuple) else (items,)
            scene.frame.names[name] = Many(held.varies, scene.joined([*known, added]))
        case Pair() | Many() if isinstance(added, Pair | Many):
            scene.frame.names[name] = replace(_many(scene.joined([held, added])), bounded=False)
        case Table() if method in _ADDS:
            scene.frame.names[name] = replace(held, of=Many(NOTHING, added))


def _many(value: Value) -> Many:
    return value if isinstance(value, Many) else Many(value.varies)


def _put(name: str, inner: ast.Name, key: ast.expr, value: Value, scene: Scene) -> None:
    held = scene.frame.names.get(name)
    if isinstance(held, Record) and isinstance(key, ast.Constant) and isinstance(key.value, str):
        scene.frame.names[name] = held.having(key.value, value)
    elif isinstance(held, Record) and not held.entries:
        scene.frame.names[name] = Table(NOTHING, UNKNOWN, value)
    elif isinstance(held, Table):
        scene.frame.names[name] = replace(held, of=scene.joined([held.of, value]))


def _forget(name: str, scene: Scene) -> None:
    """Forget what was known of a name's attributes and items."""
    names = scene.frame.names
    for key in [each for each in names if each.startswith((f"{name}.", f"{name}["))]:
        del names[key]
