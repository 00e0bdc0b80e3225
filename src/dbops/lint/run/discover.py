"""From the paths of a command line to the files that are to be linted."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from dbops.errors import UsageError
from dbops.lint.text import STDIN

SQL = frozenset({".sql", ".psql", ".pgsql", ".ddl"})
PYTHON = frozenset({".py"})
_NOT_OURS = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})


def discover(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the files that the paths name, each once, by folder and name.

    A path is a file (of any name: it was asked for), a folder, a glob pattern (``**`` crosses folders) or ``-``.
    Raises UsageError for a path that names nothing.
    """
    found: dict[str, None] = {}
    for path in paths:
        named = dict.fromkeys(_named(path))
        if not named:
            raise UsageError(
                f"{path}: there is nothing to lint",
                hint="give .sql or .py files, or a folder that holds some",
                details=[{"field": "PATH", "error": "no .sql or .py file", "file": path}],
            )
        found |= named
    return tuple(found)


def _named(path: str) -> Iterator[str]:
    if path == STDIN:
        yield STDIN
    elif Path(path).is_dir():
        yield from _within(path)
    elif Path(path).exists():
        yield _tidy(path)
    elif glob.has_magic(path):
        for each in sorted(glob.iglob(path, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute patterns
            if Path(each).is_dir() or Path(each).suffix.lower() in SQL | PYTHON:
                yield from _named(each)
    else:
        raise UsageError(
            f"{path}: no such file or folder",
            hint="check the path; a pattern needs quotes where the shell has none, such as 'sql/**/*.sql'",
            details=[{"field": "PATH", "error": "no such file or folder", "file": path}],
        )


def _within(folder: str) -> Iterator[str]:
    """Yield the files below a folder; hidden ones, caches and installed packages are none of ours."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NOT_OURS)
        for name in sorted(names):
            if Path(name).suffix.lower() in SQL | PYTHON and not name.startswith("."):
                yield _tidy(str(Path(parent) / name))


def _tidy(path: str) -> str:
    return os.path.normpath(path)
