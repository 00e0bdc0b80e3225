"""What a run of lint is asked for, and what it answers beside its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from dbops.files.migration import Migration
from dbops.lint.options import Options
from dbops.lint.run.database import Database
from dbops.results.lint import LintResult


class Fixing(Enum):
    """What is done about findings that can be fixed."""

    NO = "no"
    DIFF = "diff"
    """Say what would be edited."""
    WRITE = "write"


def _silent(_done: int, _total: int) -> None:
    pass


@dataclass(frozen=True)
class Request:
    """``paths`` are files, folders, patterns or ``-``, which is called ``stdin_name``.

    ``directory`` is the folder of migrations that tells of the tables of files outside of any; it need not exist.
    ``programs`` are its migrations, in order, where they are programs that were run to see their SQL (Alembic's).
    ``database`` is one that was asked. ``baseline`` names the file of old findings, which ``write_baseline`` writes.
    ``workers`` is the number of processes, ``cache`` whether reports are kept. ``progress`` is called with how many
    files of how many are done.
    """

    paths: tuple[str, ...]
    options: Options = field(default_factory=Options)
    directory: Path | None = None
    programs: tuple[Migration, ...] = ()
    database: Database | None = None
    baseline: Path | None = None
    write_baseline: bool = False
    fixing: Fixing = Fixing.NO
    stdin_name: str = "stdin.sql"
    workers: int | None = None
    cache: bool = True
    progress: Callable[[int, int], None] = _silent


@dataclass(frozen=True)
class Outcome:
    """``sources`` are the texts of all files that were read, by path; ``diff`` is what fixing would change.

    ``notes`` are for a person to know about what was edited, and what was not.
    """

    result: LintResult
    sources: Mapping[str, str]
    diff: str = ""
    notes: tuple[str, ...] = ()
