"""What a run has to read: which files, what tells of their tables, and which reports are known already."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from dbops.lint.run import folders
from dbops.lint.run.cache import code_version, key
from dbops.lint.run.discover import discover
from dbops.lint.run.files import Texts
from dbops.lint.run.folders import Folder
from dbops.lint.run.request import Request
from dbops.lint.step import Step
from dbops.lint.text import STDIN, NotText, SourceText


@dataclass(frozen=True, slots=True)
class Item:
    """A file to lint. ``step`` is folder and index of a migration, ``told_by`` the folder that tells of its tables.

    ``key`` is what its report is kept under: a hash of all that the report depends on.
    """

    source: SourceText | NotText
    told_by: str
    key: str
    step: tuple[int, int] | None = None

    @property
    def path(self) -> str:
        """The file's path."""
        return self.source.path


@dataclass(frozen=True, slots=True)
class Plan:
    """The files to lint, in the order of the command line, and the folders of migrations that tell."""

    items: tuple[Item, ...]
    folders: tuple[Folder, ...]
    chains: tuple[tuple[str, ...], ...] = ()
    """A hash for each migration of each folder: of all that decides on what it and those before it make."""


def plan(request: Request, texts: Texts, catalog: str) -> Plan:
    """Read the files; ``catalog`` tells one state of the database from another, "" without a database.

    Raises UsageError for paths that name nothing.
    """
    files = [texts.load(STDIN).path if file == STDIN else file for file in discover(request.paths)]
    found = (*_programs(request, texts), *_folders(files, request.directory, texts))
    keys = _Keys(request, catalog, found)
    return Plan(tuple(_items(files, texts, found, keys)), found, keys.made)


def _programs(request: Request, texts: Texts) -> Iterator[Folder]:
    if request.programs:
        steps = (Step(texts.load(migration.path), migration) for migration in request.programs)
        yield Folder(str(request.directory), tuple(steps))


def _folders(files: Sequence[str], directory: Path | None, texts: Texts) -> Iterator[Folder]:
    paths = set()
    for folder in folders.folders(files, texts):
        paths.add(os.path.realpath(folder.path))
        yield folder
    if directory is not None and os.path.realpath(directory) not in paths:
        told = folders.read(str(directory), texts)
        if told is not None:
            yield told


def _items(files: Sequence[str], texts: Texts, found: Sequence[Folder], keys: _Keys) -> Iterator[Item]:
    steps = {
        os.path.realpath(step.path): (number, index)
        for number, folder in enumerate(found)
        for index, step in enumerate(folder.steps)
    }
    for file in files:
        place = steps.get(os.path.realpath(file))
        if place is not None:
            yield Item(found[place[0]].steps[place[1]].source, "", keys.step(*place), place)
            continue
        source = texts.load(file)
        told_by = _nearest(source.path, found)
        yield Item(source, told_by, keys.file(source, told_by))


def _nearest(path: str, found: Sequence[Folder]) -> str:
    """Return the folder of migrations that shares most of its path with the file's; "" when there is none."""
    parts = Path(os.path.realpath(path)).parts

    def shared(folder: Folder) -> int:
        theirs = Path(os.path.realpath(folder.path)).parts
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(parts, theirs, strict=False)))

    return max(found, key=shared).path if found else ""


class _Keys:
    """What reports are kept under."""

    def __init__(self, request: Request, catalog: str, found: Sequence[Folder]) -> None:
        self._options = request.options
        self._catalog = catalog
        self._general = key(code_version(), catalog)
        self._chains = [tuple(self._chain(folder)) for folder in found]
        self.made = tuple(tuple(key(self._general, link) for link in chain) for chain in self._chains)
        self._told = {folder.path: chain[-1] for folder, chain in zip(found, self._chains, strict=True)}

    def file(self, source: SourceText | NotText, told_by: str) -> str:
        """Return the key of a file that stands for itself."""
        told, options = self._told.get(told_by, ""), self._options.fingerprint(source.path)
        return key(self._general, told, options, source.path, _content(source))

    def step(self, number: int, index: int) -> str:
        """Return the key of a migration: of it, of all before it, and with a database of all after it."""
        chain = self._chains[number]
        return key(self._general, chain[index], chain[-1] if self._catalog else "", str(index))

    def _chain(self, folder: Folder) -> Iterator[str]:
        before = ""
        for step in folder.steps:
            up = "" if step.up is None else _content(step.up)
            written = _written(step)
            before = key(before, self._options.fingerprint(step.path), step.path, _content(step.source), up, written)
            yield before


def _written(step: Step) -> str:
    """Return the SQL that a program writes: it depends on more than the program's own file."""
    migration = step.migration
    sections = () if migration is None else (migration.up, migration.down)
    return "\0".join(section.sql for section in sections if section is not None and section.places)


def _content(source: SourceText | NotText) -> str:
    return source.reason if isinstance(source, NotText) else f"{source.newline!r}{source.bom}{source.text}"
