"""What an application's classes say of its tables: models, and how they are related. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from dbops.workload.source.modules import Class, External, Function, Module, Modules

_CACHES = frozenset({"lru_cache", "cache", "cached", "memoize", "ttl_cache"})


class Framework(Enum):
    """Whose models they are; SQL is a driver's, that has none."""

    DJANGO = "Django"
    SQLALCHEMY = "SQLAlchemy"
    SQL = "SQL"


class Lazy(Enum):
    """What touching a relation does."""

    ASKS = "asks"
    """The first time, unless it was loaded with its row."""
    LOADED = "loaded"
    """Nothing: it comes with its row, or may not be touched."""
    QUERY = "query"
    """It is a query, which asks each time."""


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """What a row of a model leads to.

    ``target`` is None for rows of any kind (a generic foreign key), or of a model outside of the project. ``back`` is
    the relation of the target that is known once these rows are loaded. ``column`` is the attribute that holds the key.
    """

    name: str
    target: Model | None
    many: bool
    lazy: Lazy = Lazy.ASKS
    generic: bool = False
    back: str | None = None
    column: str | None = None


@dataclass(slots=True, eq=False)
class Model:
    """A model; ``source`` is its class, None for one outside of the project.

    ``columns`` are the names of its other attributes that are stored, ``ordered`` says that its rows have an order of
    their own, ``managers`` are the names of what it is asked through, with what they are set to.
    """

    name: str
    framework: Framework
    source: Class | None = None
    relations: dict[str, Relation] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    ordered: bool = False
    abstract: bool = False

    def __repr__(self) -> str:
        return f"Model({self.name})"


class Models:
    """The models of a project, by their classes and by name."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.by_class: dict[Class, Model] = {}
        self.by_name: dict[str, list[Model]] = {}
        self.user: Model | None = None
        self._externals: dict[str, Model] = {}

    def add(self, model: Model) -> None:
        """Take a model of the project."""
        assert model.source is not None, "only what a class describes is added"
        self.by_class[model.source] = model
        self.by_name.setdefault(model.name, []).append(model)

    def external(self, name: str, framework: Framework) -> Model:
        """Return what stands for a model outside of the project."""
        return self._externals.setdefault(name, Model(name.rpartition(".")[2], framework))

    def named(self, name: str, seen_from: Module, framework: Framework) -> Model | None:
        """Return the model of that name, of several the one that is nearest: its module's own, then its folder's."""
        app, _, last = name.rpartition(".")
        found = [each for each in self.by_name.get(last, ()) if each.framework is framework]
        return max(found, key=lambda each: _nearness(each, app, seen_from), default=None)


def _nearness(model: Model, app: str, seen_from: Module) -> tuple[bool, bool, int, int]:
    assert model.source is not None, "only what a class describes has a name here"
    ours, theirs = seen_from.name.split("."), model.source.module.name.split(".")
    shared = next((at for at, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), len(ours))
    return (
        bool(app) and app.rsplit(".", maxsplit=1)[-1] in theirs,
        model.source.module is seen_from,
        shared,
        -len(theirs),
    )


def classes(modules: Modules) -> Iterator[Class]:
    """Yield the classes of all modules, those within classes not."""
    for module in modules.by_path.values():
        for defined in module.names.values():
            if isinstance(defined, Class):
                yield defined


def names_of(modules: Modules, which: Class) -> Iterator[str]:
    """Yield the whole names of what a class is made of, the project's own included."""
    for each in modules.ancestors(which):
        yield each.name if isinstance(each, External) else f"{each.module.name}.{each.name}"


def cached(function: Function) -> bool:
    """Whether what it returns is kept, so that it asks once for each key."""
    return bool(function.decorators & _CACHES)
