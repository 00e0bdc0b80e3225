"""All files of a project: the models in them, and the functions to look at one after the other. Pure."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dbops.workload.source import schemas
from dbops.workload.source.asked import Sighting
from dbops.workload.source.django import admin, views
from dbops.workload.source.django import models as django
from dbops.workload.source.evaluate import calls, members
from dbops.workload.source.evaluate.frames import Frame
from dbops.workload.source.evaluate.scene import Scene
from dbops.workload.source.evaluate.statements import run
from dbops.workload.source.models import Models
from dbops.workload.source.modules import Class, Function, Module, Modules, module
from dbops.workload.source.sqlalchemy import models as sqlalchemy
from dbops.workload.source.templates.templates import Templates
from dbops.workload.source.values import Instance, Value

_LOADS = re.compile(
    r"\b(?:select_related|[a]?prefetch_related(?:_objects)?|Prefetch|selectinload|joinedload|subqueryload|contains_eager)\("
)
_NAME = re.compile(r"[\"'](\w+)[\"']|\.(\w+)")
_WINDOW = 1500
"""Characters of a call of these that are looked at: names that only seem to be loaded early cost no truth."""
_DEFINES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A file that is no Python, with the line at which that shows."""

    path: str
    line: int
    reason: str


class Project:
    """Python files and templates by their paths, read once."""

    def __init__(self, programs: Mapping[str, str], templates: Mapping[str, str]) -> None:
        self.texts = {**templates, **programs}
        self.files, self.templates = len(programs), len(templates)
        self.unparsed: list[Unparsed] = []
        self.modules = Modules(self._parsed(programs))
        models = Models(self.modules)
        django.read(models)
        sqlalchemy.read(models)
        self.scene = Scene(models, frozenset(_loaded_early(programs.values())), Templates(templates))

    def _parsed(self, programs: Mapping[str, str]) -> Iterator[Module]:
        for path, text in programs.items():
            try:
                with warnings.catch_warnings(action="ignore"):  # of escapes in strings, say
                    tree = ast.parse(text)
            except SyntaxError as error:
                self.unparsed.append(Unparsed(path, error.lineno or 1, error.msg))
            except (ValueError, RecursionError, MemoryError) as error:
                self.unparsed.append(Unparsed(path, 1, str(error) or type(error).__name__))
            else:
                yield module(path, tree, text)

    def look(self, paths: Collection[str]) -> Iterator[Sighting]:
        """Yield what asks in the loops of these files."""
        for path in paths:
            found = self.modules.by_path.get(path)
            if found is not None:
                yield from self._look(found)

    def _look(self, found: Module) -> Iterator[Sighting]:
        for begin in self._beginnings(found):
            self.scene.begin(loops=begin.loops)
            try:
                begin.follow(self.scene)
            except RecursionError:  # an expression of a thousand terms, say
                self.unparsed.append(Unparsed(found.path, begin.line, "it is too deep to be followed"))
            except Exception as error:  # what the rest of a project has is to be said all the same
                reason = f"following it failed with {type(error).__name__}, a defect of dbops"
                self.unparsed.append(Unparsed(found.path, begin.line, reason))
            yield from self.scene.seen

    def _beginnings(self, found: Module) -> Iterator[Beginning]:
        """Yield where a file's programs begin: its statements, its functions, and its views."""
        yield Statements(found)
        seen: set[Function] = set()
        for function in _functions(found):
            if function.module is found and function not in seen:
                seen.add(function)
                yield Called(function)
        for defined in found.names.values():
            if isinstance(defined, Class) and views.kinds(defined, self.modules):
                yield Shown(defined)
            elif isinstance(defined, Class) and admin.is_admin(defined, self.modules):
                yield Listed(defined)


@dataclass(frozen=True, slots=True)
class Statements:
    """A module's own statements."""

    module: Module

    line = 1
    loops = True

    def follow(self, scene: Scene) -> None:
        """Run them."""
        with scene.within(Frame(self.module, self.module.path, self.module.tree)):
            run((each for each in self.module.tree.body if not isinstance(each, _DEFINES)), scene)


@dataclass(frozen=True, slots=True)
class Called:
    """A function that is called by who knows whom."""

    function: Function

    @property
    def line(self) -> int:
        """The line it begins in."""
        return self.function.node.lineno

    @property
    def loops(self) -> bool:
        """Whether there may be a loop in it."""
        return self.function.loops

    def follow(self, scene: Scene) -> None:
        """Run it with arguments of which no more is known than their types."""
        owner = self.function.owner
        receiver = None if owner is None else members.itself(owner, scene)
        if receiver is not None and "classmethod" in self.function.decorators:
            receiver = Value()
        frame = calls.enter(self.function, scene.any_arguments, receiver, {}, scene)
        with scene.within(frame):
            schemas.answered(self.function, calls.returned(frame, scene), scene)


@dataclass(frozen=True, slots=True)
class Shown:
    """A class-based view that is asked for."""

    view: Class

    loops = True

    @property
    def line(self) -> int:
        """The line it begins in."""
        return self.view.node.lineno

    def follow(self, scene: Scene) -> None:
        """Follow what it shows, and with which template or serializer."""
        with scene.within(Frame(self.view.module, self.view.module.path, self.view.node)):
            views.show(self.view, Instance(of=self.view), scene)


@dataclass(frozen=True, slots=True)
class Listed:
    """The list of an admin."""

    admin: Class

    loops = True

    @property
    def line(self) -> int:
        """The line it begins in."""
        return self.admin.node.lineno

    def follow(self, scene: Scene) -> None:
        """Follow what its columns show."""
        with scene.within(Frame(self.admin.module, self.admin.module.path, self.admin.node)):
            admin.show(self.admin, scene)


Beginning = Statements | Called | Shown | Listed


def _functions(found: Module) -> Iterator[Function]:
    yield from _within(found.names.values())


def _within(defined: Iterable[object]) -> Iterator[Function]:
    for each in defined:
        if isinstance(each, Function):
            yield each
        elif isinstance(each, Class):
            yield from _within(each.members.values())


def _loaded_early(texts: Iterable[str]) -> Iterator[str]:
    """Yield the relations that a project names where it loads some early."""
    for text in texts:
        for match in _LOADS.finditer(text):
            for name, attribute in _NAME.findall(text[match.end() : match.end() + _WINDOW]):
                yield from (name or attribute).split("__")
