"""The modules of a project: what their names mean, followed from file to file. Pure."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_LOOP = re.compile(r"\b(?:for|while|map|filter|sorted|min|max|render\w*)\b")
_DEEPEST = 12
"""Imports of imports, and bases of bases, that are followed."""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A ``def``, or a ``lambda`` that has a name; ``owner`` is the class whose method it is."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    owner: Class | None = None

    @property
    def decorators(self) -> frozenset[str]:
        """The last names of its decorators: ``property`` for ``@functools.property``."""
        if isinstance(self.node, ast.Lambda):
            return frozenset()
        return frozenset(filter(None, map(last_name, self.node.decorator_list)))

    @property
    def loops(self) -> bool:
        """Whether there may be a loop in it."""
        at = bisect_left(self.module.loops, self.node.lineno)
        return at < len(self.module.loops) and self.module.loops[at] <= (self.node.end_lineno or 0)


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A ``class``: its members are methods (Function), inner classes, and the expressions that names are set to.

    ``annotations`` are the types that names are given.
    """

    module: Module
    node: ast.ClassDef
    members: dict[str, Function | Class | ast.expr] = field(default_factory=dict)
    annotations: dict[str, ast.expr] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name it was given."""
        return self.node.name


@dataclass(frozen=True, slots=True)
class Imported:
    """A name that stands for a module, or for something in it."""

    module: str
    name: str | None


@dataclass(frozen=True, slots=True)
class External:
    """Something outside of the project, by its whole name: ``django.db.models.ForeignKey``."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Set:
    """What a name of a module is set to."""

    module: Module
    node: ast.expr


Definition = Function | Class | Imported | ast.expr
Meaning = Function | Class | External | Set


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A file: ``name`` is dotted, as far as its path tells; ``stars`` are the modules all of whose names it takes.

    ``loops`` are the lines that may begin a loop, in order.
    """

    path: str
    name: str
    tree: ast.Module
    names: dict[str, Definition]
    stars: list[str]
    loops: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"Module({self.path})"


def module(path: str, tree: ast.Module, text: str) -> Module:
    """Return what a file defines."""
    parts = steps(path.removesuffix(".py"))
    package = parts[:-1]
    if parts[-1] == "__init__":
        parts.pop()
    loops = tuple(number for number, line in enumerate(text.split("\n"), 1) if _LOOP.search(line))
    made = Module(path, ".".join(parts), tree, {}, [], loops)
    for statement in _statements(tree.body):
        _define(made, package, statement)
    return made


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, and of what is within ``if``, ``try`` and ``with``."""
    for statement in body:
        match statement:
            case ast.If() | ast.Try() | ast.TryStar() | ast.With():
                inner = [*statement.body, *getattr(statement, "orelse", ()), *getattr(statement, "finalbody", ())]
                yield from _statements(inner)
            case _:
                yield statement


def _define(made: Module, package: list[str], statement: ast.stmt) -> None:
    match statement:
        case ast.Import(names=names):
            for alias in names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                made.names[alias.asname or whole] = Imported(whole, None)
        case ast.ImportFrom(module=name, names=names, level=level):
            base = package[: len(package) - level + 1] if level else []
            source = ".".join([*base, *([name] if name else [])])
            for alias in names:
                if alias.name == "*":
                    made.stars.append(source)
                else:
                    made.names[alias.asname or alias.name] = Imported(source, alias.name)
        case ast.ClassDef():
            made.names[statement.name] = read_class(made, statement)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            made.names[name] = Function(made, statement)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            made.names[name] = value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            made.names[name] = value


def read_class(made: Module, node: ast.ClassDef) -> Class:
    """Return a class with its members."""
    found = Class(made, node)
    for statement in _statements(node.body):
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.members.setdefault(name, Function(made, statement, found))  # of a property: its getter
            case ast.ClassDef(name=name):
                found.members[name] = read_class(made, statement)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.members[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                found.annotations[name] = annotation
                if value is not None:
                    found.members[name] = value
    return found


def last_name(node: ast.expr) -> str | None:
    """Return the last name of a dotted one, also of what is called with it."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func) | ast.Subscript(value=func):
            return last_name(func)
    return None


class Modules:
    """All files of a project."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.by_path = {each.path: each for each in modules}
        self._by_end: dict[str, list[Module]] = {}
        for each in self.by_path.values():
            self._by_end.setdefault(each.name.rpartition(".")[2], []).append(each)
        self._found: dict[tuple[str, str], Module | None] = {}
        self._meanings: dict[tuple[Module, str], Meaning | None] = {}
        self._ancestors: dict[Class, tuple[Class | External, ...]] = {}

    def find(self, dotted: str, seen_from: Module) -> Module | None:
        """Return the module of that name: of several that could be it, the one nearest to who asks."""
        key = (dotted, seen_from.path)
        if key not in self._found:
            ends = [each for each in self._by_end.get(dotted.rpartition(".")[2], ()) if _is(each.name, dotted)]
            self._found[key] = max(ends, key=lambda each: _shared(each.path, seen_from.path), default=None)
        return self._found[key]

    def meaning(self, seen_from: Module, name: str, depth: int = 0) -> Meaning | None:
        """Return what a module's name stands for; None for one that it has not."""
        if depth > _DEEPEST:
            return None
        key = (seen_from, name)
        if key not in self._meanings:
            found = self._meaning(seen_from, name, depth)
            if depth:  # deep within others it may only have been given up
                return found
            self._meanings[key] = found
        return self._meanings[key]

    def _meaning(self, seen_from: Module, name: str, depth: int) -> Meaning | None:
        defined = seen_from.names.get(name)
        match defined:
            case None:
                return self._through_star(seen_from, name, depth)
            case Imported(module, within):
                return self._imported(seen_from, module, within, depth)
            case ast.expr():
                return Set(seen_from, defined)
        return defined

    def imported(self, seen_from: Module, what: Imported) -> Meaning | None:
        """Return what an import that stands within a function gives a name."""
        return self._imported(seen_from, what.module, what.name, 0)

    def dotted(self, seen_from: Module, node: ast.expr) -> Meaning | None:
        """Return what ``a.b.c`` stands for in a module."""
        match node:
            case ast.Name(id=name):
                return self.meaning(seen_from, name)
            case ast.Attribute(value=value, attr=name):
                return self._within(self.dotted(seen_from, value), name, seen_from)
            case ast.Subscript(value=value):
                return self.dotted(seen_from, value)
        return None

    def ancestors(self, which: Class) -> tuple[Class | External, ...]:
        """Return a class, its bases, and theirs, the nearest first; what is outside of the project by name."""
        if which not in self._ancestors:
            self._ancestors[which] = tuple(self._above(which))
        return self._ancestors[which]

    def _above(self, which: Class, depth: int = 0) -> Iterator[Class | External]:
        yield which
        if depth > _DEEPEST:
            return
        for base in which.node.bases:
            match self.dotted(which.module, base):
                case Class() as found if found is not which:
                    yield from self._above(found, depth + 1)
                case External() as found:
                    yield found
                case Set(module, ast.Call(func=func)):
                    made = self.dotted(module, func)
                    yield External(f"{made.name if isinstance(made, External) else last_name(func)}()")
                case _ if isinstance(base, ast.Call):
                    made = self.dotted(which.module, base.func)
                    yield External(f"{made.name if isinstance(made, External) else last_name(base.func)}()")

    def member(self, which: Class, name: str) -> tuple[Class, Function | Class | ast.expr] | None:
        """Return a member of a class or the first of its bases that has it, and whose it is."""
        for each in self.ancestors(which):
            if isinstance(each, Class) and name in each.members:
                return each, each.members[name]
        return None

    def _through_star(self, seen_from: Module, name: str, depth: int) -> Meaning | None:
        for star in seen_from.stars:
            source = self.find(star, seen_from)
            found = None if source is None or source is seen_from else self.meaning(source, name, depth + 1)
            if found is not None:
                return found
        return None

    def _imported(self, seen_from: Module, dotted: str, within: str | None, depth: int) -> Meaning | None:
        if within is None:
            return External(dotted)
        source = self.find(dotted, seen_from) if dotted else None
        if source is not None and source is not seen_from:
            found = self.meaning(source, within, depth + 1)
            if found is not None:
                return found
        return External(f"{dotted}.{within}")

    def _within(self, meaning: Meaning | None, name: str, seen_from: Module) -> Meaning | None:
        match meaning:
            case External(dotted):
                source = self.find(dotted, seen_from)
                found = None if source is None else self.meaning(source, name)
                return found or External(f"{dotted}.{name}")
            case Class():
                inner = self.member(meaning, name)
                if inner is None:
                    return None
                return Set(inner[0].module, inner[1]) if isinstance(inner[1], ast.expr) else inner[1]
            case Set(module, ast.Call(func=func)):
                made = self.dotted(module, func)
                return External(f"{made.name}().{name}") if isinstance(made, External) else None
        return None


def steps(path: str) -> list[str]:
    """Return the folders on the way to a file, and its name."""
    return path.replace("\\", "/").split("/")


def _is(name: str, dotted: str) -> bool:
    return name == dotted or name.endswith(f".{dotted}")


def _shared(one: str, other: str) -> tuple[int, int]:
    """Return how much of two paths is the same, and, of two alike, the shorter first."""
    ours, theirs = steps(one), steps(other)
    shared = 0
    for mine, yours in zip(ours, theirs, strict=False):
        if mine != yours:
            break
        shared += 1
    return shared, -len(ours)
