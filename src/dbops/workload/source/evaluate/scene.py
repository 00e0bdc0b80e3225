"""Where the evaluation of a program is: the functions it is in, the loops around it, and what was seen. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from dbops.workload.source.asked import Asked, Loop, Place, Sighting, Where
from dbops.workload.source.django import managers
from dbops.workload.source.django.querysets import QuerySet
from dbops.workload.source.evaluate import calls, joining, library, members
from dbops.workload.source.evaluate.frames import Frame
from dbops.workload.source.models import Model, Models
from dbops.workload.source.modules import Class, Function, Modules
from dbops.workload.source.templates.templates import Templates
from dbops.workload.source.values import NOTHING, Call, Named, Super, Value

_EMPTY = ast.Call(ast.Name("_", ast.Load()), [], [])
_BUDGET = 200
"""Calls that are followed from a function with a loop: more than a reader would follow, and a bound on the time."""
_SMALL_BUDGET = 12
"""The same from a function without a loop: what it has may still be given to one with a loop."""


@dataclass(slots=True, eq=False)
class Scene:
    """All of it. ``loaded_early`` are the relations that the project names where it loads them early.

    ``known`` is what was found out before, ``left`` how many calls may still be followed, and ``given_up`` how many
    were not for that.
    """

    models: Models
    loaded_early: frozenset[str]
    templates: Templates
    frames: list[Frame] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    seen: list[Sighting] = field(default_factory=list)
    known: dict[object, Value] = field(default_factory=dict)
    kept: dict[ast.expr, frozenset[str]] = field(default_factory=dict)
    managers: dict[Model, dict[str, tuple[Class, ...]]] = field(default_factory=dict)
    left: int = _BUDGET
    given_up: int = 0
    _numbers: int = 0

    no_arguments = Call(_EMPTY)
    any_arguments = Call(_EMPTY, more=True)

    @property
    def modules(self) -> Modules:
        """The project's modules."""
        return self.models.modules

    @property
    def frame(self) -> Frame:
        """Where it is now."""
        return self.frames[-1]

    @property
    def is_muted(self) -> bool:
        """Whether what asks is right to, where it is now."""
        return any(frame.muted for frame in self.frames)

    def begin(self, *, loops: bool) -> None:
        """Begin anew, with a budget for the next function, which has loops or not."""
        self.left = _BUDGET if loops else _SMALL_BUDGET
        self.frames, self.loops, self.seen = [], [], []

    @contextmanager
    def within(self, frame: Frame) -> Iterator[Frame]:
        """Run something in another function."""
        self.frames.append(frame)
        try:
            yield frame
        finally:
            self.frames.pop()

    @contextmanager
    def loop(self, where: Where, node: ast.AST, over: Value | None, *, many: bool = True) -> Iterator[frozenset[int]]:
        """Run something once for each; yields what a value that differs each time varies with."""
        self._numbers += 1
        where = Where.TEMPLATE if where is Where.LOOP and self.frame.template else where
        opened = Loop(self._numbers, where, many, node, over, len(self.frames) - 1)
        self.loops.append(opened)
        try:
            yield frozenset({opened.number})
        finally:
            self.loops.pop()

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Run something that may ask, which is right there."""
        self.frame.muted += 1
        try:
            yield
        finally:
            self.frame.muted -= 1

    def ask(self, asked: Asked) -> None:
        """Take note that the database is asked, when that is for each round of a loop."""
        if not asked.keys or self.is_muted:
            return
        for loop in reversed(self.loops):
            if loop.many and loop.number in asked.keys:
                self.seen.append(self._sighting(asked, loop))
                return

    def _sighting(self, asked: Asked, loop: Loop) -> Sighting:
        frame = self.frames[loop.frame]
        place = Place(frame.path, getattr(frame.node, "lineno", 1))
        inner = Place(self.frame.path, getattr(self.frame.node, "lineno", 1))
        text = ast.unparse(self.frame.node) if isinstance(self.frame.node, ast.expr) else ""
        return Sighting(asked, loop, text, place, None if loop.frame == len(self.frames) - 1 else inner)

    def text(self) -> str:
        """Return the expression that is being evaluated, as it would be written."""
        return ast.unparse(self.frame.node) if isinstance(self.frame.node, ast.expr) else ""

    def joined(self, values: tuple[Value, ...] | list[Value]) -> Value:
        """Return what several values have in common."""
        return joining.joined(values)

    def named(self, name: str, varies: frozenset[int] = NOTHING) -> Value:
        """Return what is known of something outside of the project."""
        return library.named(name, varies, self)

    def call_named(self, name: str, receiver: Named, method: str, call: Call) -> Value:
        """Return what a function outside of the project returns."""
        return library.call(name, receiver, method, call, self)

    def unknown_method(self, receiver: Value, name: str, call: Call) -> Value:
        """Return what a method of something unknown returns: its arguments may tell."""
        return library.unknown_method(receiver, name, call, self)

    def call(
        self, function: Function, call: Call, receiver: Value | None, around: Mapping[str, Value] | None = None
    ) -> Value:
        """Return what a function of the project returns, having followed it."""
        return calls.follow(function, call, receiver, around or {}, self)

    def call_super(self, above: Super, name: str, call: Call) -> Value:
        """Return what the method of a base class returns."""
        return members.call_super(above, name, call, self)

    def bound(self, function: Function, receiver: Value) -> Value:
        """Return a method, or the value of a property."""
        return members.bound(function, receiver, self)

    def member(self, which: Class, name: str, receiver: Value) -> Value | None:
        """Return a member of a class for an instance of it."""
        return members.member(which, name, receiver, self)

    def class_member(self, which: Class | None, name: str, receiver: Value) -> Value | None:
        """Return a member of a model's class."""
        return None if which is None else members.member(which, name, receiver, self)

    def member_of(self, which: Class | None, name: str) -> Function | Class | ast.expr | None:
        """Return what a class has under a name."""
        found = None if which is None else self.modules.member(which, name)
        return None if found is None else found[1]

    def method_of(self, which: Class | None, name: str) -> Function | None:
        """Return a method of a class."""
        found = self.member_of(which, name)
        return found if isinstance(found, Function) else None

    def overrides(self, classes: tuple[Class, ...], name: str) -> bool:
        """Whether a project's own manager has another method under a name of Django's; not while that is run."""
        function = next(filter(None, (self.method_of(each, name) for each in classes)), None)
        return function is not None and all(frame.function is not function for frame in self.frames)

    def instance(self, which: Class, call: Call) -> Value:
        """Return an instance of a class."""
        return members.instance(which, call, self)

    def manager(self, model: Model, name: str) -> QuerySet | None:
        """Return the manager of a model that has this name, the first where it is empty."""
        return managers.manager(model, name, self)

    def raw(self, query: QuerySet, call: Call) -> Value:
        """Return the rows of a statement that is given as text."""
        return library.raw(query, call, self)
