"""What is known of the value of an expression, whatever framework it is of. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from dbops.workload.source.modules import Class, Function

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

NOTHING: frozenset[int] = frozenset()
_V = TypeVar("_V", bound="Value")


@dataclass(frozen=True, slots=True)
class Value:
    """Nothing is known but the loops, by number, from round to round of which it differs."""

    varies: frozenset[int] = NOTHING

    @property
    def few(self) -> bool:
        """Whether there are few of it, or always as many: a loop over it is no loop over rows."""
        return False

    @property
    def origin(self) -> str:
        """The query that it comes from, as it is written; empty where that is not known."""
        return ""

    def attribute(self, _name: str, _scene: Scene) -> Value | None:
        """Return ``value.name``; None when it is not known to have it."""
        return None

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return ``value.name(…)``."""
        found = self.attribute(name, scene)
        return scene.unknown_method(self, name, call) if found is None else found.called(call, scene)

    def called(self, call: Call, _scene: Scene) -> Value:
        """Return ``value(…)``."""
        return Value(self.varies | call.varies)

    def element(self, _scene: Scene) -> Value:
        """Return what a loop over it gives, each time."""
        return Value(self.varies)

    def item(self, key: Value, _scene: Scene) -> Value:
        """Return ``value[key]``."""
        return Value(self.varies | key.varies)

    def looked_at(self, _scene: Scene) -> None:
        """Take note that a program wants to know whether it is empty, or how long it is."""


UNKNOWN = Value()


@dataclass(frozen=True, slots=True)
class Call:
    """What a function is called with; ``more`` says that there are arguments that can't be told (``*a``, ``**b``)."""

    node: ast.Call
    args: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict)
    more: bool = False
    spread: frozenset[int] = NOTHING

    @property
    def varies(self) -> frozenset[int]:
        """The loops that any of the arguments differs in."""
        return union((*self.args, *self.keywords.values())) | self.spread

    def argument(self, at: int, name: str = "") -> Value | None:
        """Return an argument by its place or its name."""
        if at < len(self.args):
            return self.args[at]
        return self.keywords.get(name)


def union(values: Iterable[Value]) -> frozenset[int]:
    """Return the loops that any of the values differs in."""
    found = NOTHING
    for each in values:
        if each.varies:
            found |= each.varies
    return found


def varying(value: _V, loops: frozenset[int]) -> _V:
    """Return the value as one that differs in these loops too."""
    return value if loops <= value.varies else replace(value, varies=value.varies | loops)


@dataclass(frozen=True, slots=True)
class Constant(Value):
    """A string, number, or None."""

    value: object = None


@dataclass(frozen=True, slots=True)
class Text(Value):
    """A string of which parts are known: ``{}`` stands for what isn't."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Many(Value):
    """A collection whose elements are alike."""

    of: Value = UNKNOWN
    bounded: bool = False

    @property
    def few(self) -> bool:
        """Whether it was made of few."""
        return self.bounded

    def element(self, _scene: Scene) -> Value:
        """Return any of them."""
        return varying(self.of, self.varies)

    def item(self, key: Value, _scene: Scene) -> Value:
        """Return one of them, or, for a slice, them."""
        return self if isinstance(key, Slice) else varying(self.of, self.varies | key.varies)

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what a list's or a set's method does."""
        if name in {"copy", "union", "intersection", "difference"}:
            return self
        if name in {"pop", "popleft"}:
            return self.element(scene)
        return Value(self.varies | call.varies)


@dataclass(frozen=True, slots=True)
class Slice(Value):
    """What stands between brackets as ``a:b``; ``most`` is how many that takes, where it can be told."""

    most: int | None = None


@dataclass(frozen=True, slots=True)
class Pair(Value):
    """A literal tuple, list or set."""

    items: tuple[Value, ...] = ()

    @property
    def few(self) -> bool:
        """It is as long as it is written."""
        return True

    def element(self, scene: Scene) -> Value:
        """Return what all of them have in common."""
        return varying(scene.joined(self.items), self.varies) if self.items else UNKNOWN

    def item(self, key: Value, scene: Scene) -> Value:
        """Return one of them."""
        if isinstance(key, Constant) and isinstance(key.value, int) and -len(self.items) <= key.value < len(self.items):
            return self.items[key.value]
        return self if isinstance(key, Slice) else varying(self.element(scene), key.varies)


@dataclass(frozen=True, slots=True)
class Table(Value):
    """A dictionary whose keys aren't known: all of its values are alike."""

    key: Value = UNKNOWN
    of: Value = UNKNOWN
    bounded: bool = False

    @property
    def few(self) -> bool:
        """Whether it was made of few."""
        return self.bounded

    def element(self, _scene: Scene) -> Value:
        """Return a key."""
        return varying(self.key, self.varies)

    def item(self, key: Value, _scene: Scene) -> Value:
        """Return the value of a key."""
        return varying(self.of, self.varies | key.varies)

    def attribute(self, name: str, _scene: Scene) -> Value | None:
        """Return what a template finds, which looks keys up like attributes."""
        return None if name in {"items", "values", "keys"} else varying(self.of, self.varies)

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what a dictionary's methods do."""
        match name:
            case "items":
                return Many(self.varies, Pair(NOTHING, (self.key, self.of)), self.bounded)
            case "values":
                return Many(self.varies, self.of, self.bounded)
            case "keys":
                return Many(self.varies, self.key, self.bounded)
            case "get" | "pop" | "setdefault":
                return self.item(call.args[0] if call.args else UNKNOWN, scene)
        return Value(self.varies | call.varies)


@dataclass(frozen=True, slots=True)
class Record(Value):
    """A dictionary whose keys are known; ``more`` says that it may have others."""

    entries: tuple[tuple[str, Value], ...] = ()
    more: bool = False

    @property
    def few(self) -> bool:
        """It is as long as it is written."""
        return not self.more

    def get(self, name: str) -> Value | None:
        """Return the value of a key."""
        return next((value for key, value in reversed(self.entries) if key == name), None)

    def having(self, name: str, value: Value) -> Record:
        """Return the dictionary with a key more."""
        kept = tuple(each for each in self.entries if each[0] != name)
        return replace(self, entries=(*kept, (name, value)))

    def attribute(self, name: str, _scene: Scene) -> Value | None:
        """Return what a template finds, which looks keys up like attributes."""
        return self.get(name)

    def element(self, _scene: Scene) -> Value:
        """Return a key."""
        return UNKNOWN

    def item(self, key: Value, _scene: Scene) -> Value:
        """Return the value of a key."""
        found = self.get(key.value) if isinstance(key, Constant) and isinstance(key.value, str) else None
        return Value(self.varies | key.varies) if found is None else found

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what a dictionary's methods do."""
        everything = tuple(value for _, value in self.entries)
        match name:
            case "items":
                inner = Pair(NOTHING, (UNKNOWN, scene.joined(everything)))
                return Many(self.varies, inner, self.few)
            case "values":
                return Many(self.varies, scene.joined(everything), self.few)
            case "get" | "pop":
                return self.item(call.args[0] if call.args else UNKNOWN, scene)
            case "copy":
                return self
        return Value(self.varies | call.varies)


@dataclass(frozen=True, slots=True)
class Named(Value):
    """Something outside of the project, by its whole name; ``()`` in it stands for what a call returned."""

    name: str = ""

    def attribute(self, name: str, scene: Scene) -> Value | None:
        """Return what has that name in it."""
        return scene.named(f"{self.name}.{name}", self.varies)

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what its function returns."""
        return scene.call_named(f"{self.name}.{name}", self, name, call)

    def called(self, call: Call, scene: Scene) -> Value:
        """Return what it returns."""
        return scene.call_named(self.name, self, "", call)


@dataclass(frozen=True, slots=True)
class Bound(Value):
    """A function of the project; ``receiver`` is its first argument when it is a method."""

    function: Function | None = None
    receiver: Value | None = None

    def called(self, call: Call, scene: Scene) -> Value:
        """Return what it returns."""
        assert self.function is not None
        return scene.call(self.function, call, self.receiver)


@dataclass(frozen=True, slots=True, eq=False)
class Closure(Value):
    """A function within a function: it sees the names around it."""

    function: Function | None = None
    around: Mapping[str, Value] = field(default_factory=dict)

    def called(self, call: Call, scene: Scene) -> Value:
        """Return what it returns."""
        assert self.function is not None
        return scene.call(self.function, call, None, self.around)


@dataclass(frozen=True, slots=True)
class Type(Value):
    """A class of the project that is no model."""

    of: Class | None = None

    @property
    def few(self) -> bool:
        """A loop over a class is one over an enumeration."""
        return True

    def attribute(self, name: str, scene: Scene) -> Value | None:
        """Return its member."""
        assert self.of is not None
        if name == "choices":
            return Pair()
        return scene.member(self.of, name, self)

    def called(self, call: Call, scene: Scene) -> Value:
        """Return an instance."""
        assert self.of is not None
        return scene.instance(self.of, call)


@dataclass(frozen=True, slots=True)
class Instance(Value):
    """An instance of a class of the project that is no model."""

    of: Class | None = None
    attributes: tuple[tuple[str, Value], ...] = ()

    def attribute(self, name: str, scene: Scene) -> Value | None:
        """Return what it was given, or its class's member."""
        assert self.of is not None
        found = next((value for key, value in self.attributes if key == name), None)
        return scene.member(self.of, name, self) if found is None else varying(found, self.varies)


@dataclass(frozen=True, slots=True)
class Super(Value):
    """``super()``: what the class that follows ``after`` has, for ``receiver``."""

    receiver: Value = UNKNOWN
    after: Class | None = None

    def method(self, name: str, call: Call, scene: Scene) -> Value:
        """Return what the base class's method returns."""
        return scene.call_super(self, name, call)
