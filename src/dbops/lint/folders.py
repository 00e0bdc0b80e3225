"""Folders whose SQL files follow one another: migrations, of which each sees what the earlier ones built."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dbops.errors import InvalidMigration
from dbops.files.formats import format_of
from dbops.files.migration import Migration, SourceFile, version_key
from dbops.lint.text import NotText, SourceText, Texts, encode

_NUMBERED = re.compile(r"(?:[VvUuBb])?(?P<version>[0-9]+(?:[._][0-9]+)*)(?=\D|\Z).*\.sql", re.IGNORECASE)
_DOWN = re.compile(r"(?:\A[Uu][0-9].*|.*[._-](?:down|rollback|revert|undo))\.sql", re.IGNORECASE)
_MARKED = re.compile(r"^[ \t]*--[ \t]*(?:migrate:|(?:up|down)[ \t]+migration\b)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a folder of migrations.

    ``migration`` is it read in a format that dbops runs; without one it is plain SQL, and ``down`` says that it goes
    back. ``wrong`` is why a file in dbops' format can't be read.
    """

    source: SourceText | NotText
    migration: Migration | None = None
    down: bool = False
    wrong: InvalidMigration | None = None

    @property
    def path(self) -> str:
        """The file's path."""
        return self.source.path


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder's migrations, by version."""

    path: str
    steps: tuple[Step, ...]


def folders(files: Iterable[str], texts: Texts) -> Iterator[Folder]:
    """Yield the folders of migrations that any of these files are in, whole: also the files nobody asked for."""
    parents = dict.fromkeys(str(Path(file).parent) for file in files if _NUMBERED.fullmatch(Path(file).name))
    for parent in parents:
        folder = read(parent, texts)
        if folder is not None:
            yield folder


def read(path: str, texts: Texts) -> Folder | None:
    """Return a folder's migrations, or None when its SQL files don't follow one another.

    They do when all of them are numbered, or when one of those that are has dbops' markers.
    """
    try:
        names = [each.name for each in Path(path).iterdir() if _is_sql(each.name)]
    except OSError:
        return None
    versions = {name: match["version"] for name in names if (match := _NUMBERED.fullmatch(name))}
    ordered = sorted(versions, key=lambda name: (version_key(versions[name]), name))
    steps = tuple(step(texts.load(str(Path(path) / name))) for name in ordered)
    if not steps or (len(steps) < len(names) and not any(each.migration or each.wrong for each in steps)):
        return None
    return Folder(path, steps)


def _is_sql(name: str) -> bool:
    return name.lower().endswith(".sql") and not name.startswith(".")


def step(source: SourceText | NotText) -> Step:
    """Return a file as a migration: in dbops' format where it has the markers, whatever it is called."""
    if isinstance(source, NotText):
        return Step(source)
    name = Path(source.path).name
    if not _MARKED.search(source.text):
        return Step(source, down=_DOWN.fullmatch(name) is not None)
    file = SourceFile(source.path, name if _NUMBERED.fullmatch(name) else "0_unnamed.sql", encode(source, source.text))
    try:
        return Step(source, format_of([file]).parse([file])[0])
    except InvalidMigration as error:
        return Step(source, wrong=error)
