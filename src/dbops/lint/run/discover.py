"""From the paths of a command line to the files that are to be linted."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from dbops.errors import UsageError
from dbops.lint.text import STDIN

SQL = frozenset({".sql", ".psql", ".pgsql", ".ddl"})
PYTHON = frozenset({".py"})
_NOT_OURS = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})


def discover(
    paths: Iterable[str], suffixes: frozenset[str] = SQL | PYTHON, *, required: bool = True
) -> tuple[str, ...]:
    """Return the files that the paths name, each once, by folder and name.

    A path is a file (of any name: it was asked for), a folder, a glob pattern (``**`` crosses folders) or ``-``. In
    folders, files with ``suffixes`` are looked for. Raises UsageError for a path that names nothing; with ``required``
    also for a folder that holds none.
    """
    found: dict[str, str] = {}
    for path in paths:
        named = list(_named(path, suffixes))
        if not named and required:
            hint = "give .sql or .py files, or a folder that holds some"
            raise _refused(path, "there is nothing to lint", hint, "no .sql or .py file")
        for each in named:
            found.setdefault(each if each == STDIN else os.path.abspath(each), each)  # noqa: PTH100 - links stay apart
    return tuple(found.values())


def _named(path: str, suffixes: frozenset[str]) -> Iterator[str]:
    if path == STDIN:
        yield STDIN
        return
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - as the path was given
    except (FileNotFoundError, NotADirectoryError):
        yield from _matching(path, suffixes)
        return
    except OSError as error:
        raise _refused(path, f"can't be read: {error.strerror}", "check the path and its permissions") from None
    if stat.S_ISDIR(mode):
        yield from _within(path, suffixes)
    elif stat.S_ISREG(mode):
        yield _tidy(path)
    else:
        raise _refused(path, "is no regular file", "what a pipe or a device gives can be read from stdin: dbops lint -")


def _matching(pattern: str, suffixes: frozenset[str]) -> Iterator[str]:
    if os.path.islink(pattern):  # noqa: PTH114 - as the path was given
        raise _refused(pattern, "is a link to nothing", "mend the link, or leave it out")
    if not glob.has_magic(pattern):
        hint = "check the path; a pattern needs quotes where the shell has none, such as 'sql/**/*.sql'"
        raise _refused(pattern, "no such file or folder", hint)
    for each in sorted(glob.iglob(pattern, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute patterns
        if Path(each).is_dir():
            yield from _within(each, suffixes)
        elif Path(each).suffix.lower() in suffixes and _holds_text(each):
            yield _tidy(each)


def _within(folder: str, suffixes: frozenset[str]) -> Iterator[str]:
    """Yield the files below a folder; hidden ones, caches and installed packages are none of ours.

    A folder that can't be read is yielded as if it were a file: reading it then tells why, and the others are linted.
    """
    closed: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        yield from (_tidy(error.filename) for error in closed)
        closed.clear()
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NOT_OURS)
        for name in sorted(names):
            path = str(Path(parent) / name)
            if Path(name).suffix.lower() in suffixes and not name.startswith(".") and _holds_text(path):
                yield _tidy(path)
    yield from (_tidy(error.filename) for error in closed)


def _holds_text(path: str) -> bool:
    """Whether reading could give a text, or tell why not: a pipe would be waited for, and a device may never end."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 - as the path was given
    except OSError:
        return True  # a dangling link, say, of which there is a finding


def _tidy(path: str) -> str:
    return os.path.normpath(path)


def _refused(path: str, problem: str, hint: str, error: str | None = None) -> UsageError:
    details = [{"field": "PATH", "error": error or problem, "file": path}]
    separator = "" if problem.startswith(("is ", "can't")) else ":"
    return UsageError(f"{path}{separator} {problem}", hint=hint, details=details)
