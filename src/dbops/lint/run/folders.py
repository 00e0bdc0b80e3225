"""Folders whose SQL files follow one another: migrations, of which each sees what the earlier ones built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dbops.files.migration import order_key, version_key
from dbops.lint.run.files import Texts
from dbops.lint.step import NUMBERED, Step, step
from dbops.lint.text import NotText, SourceText


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder's migrations, by version."""

    path: str
    steps: tuple[Step, ...]


def folders(files: Iterable[str], texts: Texts) -> Iterator[Folder]:
    """Yield the folders of migrations that any of these files are in, whole: also the files nobody asked for."""
    parents = dict.fromkeys(str(Path(file).parent) for file in files if NUMBERED.fullmatch(Path(file).name))
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
    versions = {name: match["version"] for name in names if (match := NUMBERED.fullmatch(name))}
    found = {name: step(texts.load(str(Path(path) / name))) for name in versions}
    ordered = sorted(versions, key=lambda name: (order_key(version_key(versions[name])), not found[name].down, name))
    ups = {versions[name]: found[name].source for name in reversed(ordered) if not found[name].down}
    steps = tuple(_with_up(found[name], ups.get(versions[name])) for name in ordered)
    if not steps or (len(steps) < len(names) and not any(each.migration or each.wrong for each in steps)):
        return None
    return Folder(path, steps)


def _with_up(down: Step, up: SourceText | NotText | None) -> Step:
    return replace(down, up=up) if down.down and isinstance(up, SourceText) else down


def _is_sql(name: str) -> bool:
    return name.lower().endswith(".sql") and not name.startswith(".")
