"""``dbops nplusone PATH…``: from the files of a project to the loops in them that ask the database each time."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dbops.errors import UsageError
from dbops.lint.run.discover import PYTHON, discover
from dbops.lint.run.files import Texts
from dbops.lint.run.pool import Pool
from dbops.lint.run.processors import processors
from dbops.lint.text import STDIN, NotText
from dbops.postgres.interrupt import Interrupt
from dbops.results.nplusone_source import SourceResult, Unreadable
from dbops.results.progress import Event, QueryRunning
from dbops.workload.source.judge import Part, examine, together
from dbops.workload.source.project import Project

_TEMPLATES = frozenset({".html", ".htm", ".jinja", ".jinja2", ".j2", ".djhtml"})
_NO_SOURCE = frozenset({".csv", ".json", ".jsonl", ".log", ".txt", ".gz", ".bz2", ".xz", ".zst", ".sql"})
"""Who names such a file forgot ``--log``."""
_ROOTS = ("pyproject.toml", "setup.cfg", "setup.py", "manage.py", "Pipfile", "requirements.txt", ".git")
"""One of these is in the folder of a whole project."""
_DEEPEST = 6000
"""Calls within calls of this program: enough for a thousand branches, few enough for the stack."""
_SILENT = 1.0
"""Seconds before anything is said of how far it is."""
_PER_JOB = 25
"""Files that a process looks at before the next are given out: few enough for both to end at about the same time."""


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """``paths`` are Python files, folders or patterns whose loops are looked at.

    ``project`` is the folder whose files tell of the models, functions and templates that these use; without it, the
    nearest folder above with a ``pyproject.toml``, ``manage.py`` or the like. ``workers`` is the number of processes.
    """

    paths: tuple[str, ...]
    project: Path | None = None
    workers: int | None = None
    report: Callable[[Event], None] = lambda _event: None


def nplusone_in_source(request: SourceRequest, interrupt: Interrupt | None = None) -> SourceResult:
    """Return the loops that ask once for each row, as far as source tells; nothing is run.

    Raises UsageError for paths that name nothing, and Interrupted.
    """
    if STDIN in request.paths:
        raise UsageError(
            "source can't be read from stdin", hint="name files or folders: the models are looked for there"
        )
    with (interrupt or Interrupt()).raising(), _uncollected(), _deep():
        return _looked_at(request)


def _looked_at(request: SourceRequest) -> SourceResult:
    wanted = discover(request.paths, PYTHON, required=False)
    for path in wanted:
        if Path(path).suffix.lower() in _NO_SOURCE:
            raise UsageError(
                f"{path} is no Python source",
                hint=f"a server's log is named as dbops nplusone --log {path}",
                details=[{"field": "PATH", "error": "no Python source", "file": path}],
            )
    folders = [str(request.project)] if request.project is not None else sorted({_root(path) for path in request.paths})
    texts = Texts()
    unread: dict[str, Unreadable] = {}
    programs = _read(wanted, texts, unread)
    paths = list(programs)
    programs.update(_read(discover(folders, PYTHON, required=False), texts, {}))
    templates = _read(discover(folders, _TEMPLATES, required=False), texts, {})
    project = Project(programs, templates)
    result = together(project, paths, _parts(project, paths, request))
    return _as_named(replace(result, unreadable=(*result.unreadable, *unread.values())), wanted)


def _as_named(result: SourceResult, wanted: Sequence[str]) -> SourceResult:
    """Return the result with the files under the names that they were asked for by, others as seen from here."""
    names = {_name(path): path for path in wanted}

    absolute = any(map(os.path.isabs, wanted))

    def shown(name: str) -> str:
        seen = names.get(name) or os.path.relpath(name)
        return name if absolute and seen.startswith(os.pardir) else seen

    def place(at: str | None) -> str | None:
        name, _, line = (at or "").rpartition(":")
        return f"{shown(name)}:{line}" if name else None

    return replace(
        result,
        files=len(wanted),
        findings=tuple(replace(each, file=shown(each.file), asked_at=place(each.asked_at)) for each in result.findings),
        unreadable=tuple(replace(each, file=shown(each.file)) for each in result.unreadable),
        unused=tuple(replace(each, file=shown(each.file)) for each in result.unused),
    )


def _read(paths: Sequence[str], texts: Texts, unread: dict[str, Unreadable]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        source, name = texts.load(path), _name(path)
        if isinstance(source, NotText):
            unread[name] = Unreadable(name, source.line, f"it {source.reason}")
        else:
            found[name] = source.text
    return found


def _name(path: str) -> str:
    """Return a file's whole path: so its module has its whole name, wherever this runs."""
    return os.path.abspath(path)  # noqa: PTH100 - links stay apart, as in lint


def _root(path: str) -> str:
    """Return the folder of the project that a path is in: the nearest that looks like one, else its package's own."""
    start = Path(path).absolute()
    folder = start if start.is_dir() else start.parent
    for above in (folder, *folder.parents):
        if any((above / name).exists() for name in _ROOTS):
            return str(above)
    while (folder / "__init__.py").exists() and folder.parent != folder:
        folder = folder.parent
    return str(folder)


def _parts(project: Project, paths: list[str], request: SourceRequest) -> Iterator[Part]:
    jobs = [tuple(paths[at : at + _PER_JOB]) for at in range(0, len(paths), _PER_JOB)]
    workers = min(request.workers or processors(), len(jobs))
    started = time.monotonic()
    found: Iterator[Part]
    if workers < 2 or sys.platform != "linux":  # elsewhere a process would have to be given the whole project
        found = (examine(project, job) for job in jobs)
    else:
        found = Pool(sys.modules[__name__], project, workers).run(jobs)
    for number, part in enumerate(found, 1):
        seen, running = min(number * _PER_JOB, len(paths)), time.monotonic() - started
        if running > _SILENT:
            request.report(QueryRunning(f"looked at {seen:,} of {len(paths):,} files", running, None))
        yield part


def work(project: Project, job: tuple[str, ...]) -> Part:
    """Look at some files."""
    return examine(project, job)


def parts(job: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return a job for each file of a job."""
    return tuple((path,) for path in job)


def crashed(_project: Project, job: tuple[str, ...]) -> Part:
    """Tell of the files of a job whose process ended."""
    gone = tuple(Unreadable(path, 1, "its process ended while it was looked at") for path in job)
    return Part((), (), frozenset(), gone)


@contextmanager
def _deep() -> Iterator[None]:
    """Let generated code be followed too: a thousand branches, each in the one before."""
    was = sys.getrecursionlimit()
    sys.setrecursionlimit(max(was, _DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(was)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for garbage in millions of nodes, of which none is: that takes half of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
