"""The calls of a Python text, and what the names in them stand for where they are assigned once. Pure."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(eq=False)
class Scope:
    """A module's, class's or function's own names: how often each is bound, and to which expression."""

    parent: Scope | None = None
    is_class: bool = False
    bound: Counter[str] = field(default_factory=Counter)
    values: dict[str, ast.expr] = field(default_factory=dict)

    def value(self, name: str) -> tuple[ast.expr, Scope] | None:
        """Return the one expression a name stands for here, and the scope it is written in."""
        scope: Scope | None = self
        while scope is not None:
            if scope.bound[name] and (scope is self or not scope.is_class):
                known = scope.bound[name] == 1 and name in scope.values
                return (scope.values[name], scope) if known else None
            scope = scope.parent
        return None


class Names:
    """All scopes of a module, and the calls in them, outer ones first."""

    def __init__(self, tree: ast.Module) -> None:
        self.calls: list[tuple[ast.Call, Scope]] = []
        self._classes: list[Scope] = []
        self._attributes: set[str] = set()
        waiting: list[tuple[ast.AST, Scope]] = [(tree, Scope())]
        while waiting:  # not by recursion: a program may be nested as deeply as Python's parser bears
            node, scope = waiting.pop()
            inside = self._enter(node, scope)
            waiting += reversed([(child, inside) for child in ast.iter_child_nodes(node)])

    def attribute(self, name: str) -> tuple[ast.expr, Scope] | None:
        """Return what ``self.name`` or ``Class.name`` stands for, if one class alone assigns it, and once."""
        having = [scope for scope in self._classes if scope.bound[name]]
        if len(having) != 1 or name in self._attributes:
            return None
        return having[0].value(name)

    def _enter(self, node: ast.AST, scope: Scope) -> Scope:
        """Take down what a node binds; return the scope of what stands in it."""
        match node:
            case ast.Call():
                self.calls.append((node, scope))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                scope.values[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                scope.values[name] = value
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                scope.bound[name] += 1
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                self._attributes.add(name)
            case _:
                return self._other(node, scope)
        return scope

    def _other(self, node: ast.AST, scope: Scope) -> Scope:
        match node:
            case ast.arg(arg=name) | ast.alias(asname=str(name)) | ast.alias(name=name):
                scope.bound[name] += 1
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                scope.bound[name] += 1
            case ast.ExceptHandler(name=str(name)):
                scope.bound[name] += 1
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                for outer in _outwards(scope):
                    outer.bound.update(names)
            case ast.ClassDef(name=name):
                scope.bound[name] += 1
                self._classes.append(Scope(scope, is_class=True))
                return self._classes[-1]
            case ast.Lambda():
                return Scope(scope)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                scope.bound[name] += 1
                return Scope(scope)
        return scope


def _outwards(scope: Scope | None) -> Iterator[Scope]:
    while scope is not None:
        yield scope
        scope = scope.parent
