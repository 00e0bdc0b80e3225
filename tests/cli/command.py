"""Running dbops as a shell does, in this process or in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import dbops as dbops_package
from dbops.cli.main import status_of
from dbops.config import KEYS, variables

SOURCE = Path(dbops_package.__file__).parents[1]
EXAMPLE = Path(__file__).parents[2] / "sql" / "migrations"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command line left: its exit status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Return the one JSON object on stdout."""
        return json.loads(self.out)

    @property
    def data(self) -> dict[str, Any]:
        return self.document["data"]

    @property
    def meta(self) -> dict[str, Any]:
        return self.document["meta"]

    @property
    def error(self) -> dict[str, Any]:
        return self.document["error"]

    @property
    def logged(self) -> list[dict[str, Any]]:
        """Return the log lines on stderr."""
        return [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]

    @property
    def everything(self) -> str:
        return self.out + self.err


class _Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def dbops(*arguments: object, terminal: bool = False) -> Ran:
    """Run the command line in this process; ``terminal`` lets both streams look like one."""
    out, err = _Stream(terminal), _Stream(terminal)
    with redirect_stdout(out), redirect_stderr(err):
        status = status_of([str(argument) for argument in arguments])
    return Ran(status, out.getvalue(), err.getvalue())


def process(*arguments: object, environ: Mapping[str, str] | None = None, python: tuple[str, ...] = ()) -> Ran:
    """Run the command line in a process of its own."""
    done = subprocess.run(
        [sys.executable, *python, "-m", "dbops", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(SOURCE), **(environ or {})},
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and an environment that says nothing to dbops or libpq."""
    ours = {name for key in KEYS for name in variables(key)}
    for name in os.environ:
        if name in ours | {"DBOPS_ENV", "DBOPS_CHANGE_ID", "NO_COLOR", "FORCE_COLOR"} or name.startswith("PG"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "no.pgpass"))
    monkeypatch.chdir(tmp_path)
    return tmp_path
