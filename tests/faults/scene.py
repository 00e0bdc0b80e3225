"""A folder of migrations, a database, and dbops as the process that a deploy runs.

A migration's effect is counted in the table ``ledger``: what ran twice, half or not at all shows there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

PATIENCE = 120.0
"""Seconds after which a command counts as hung: above any bound of dbops's own that the tests meet."""

_SCENE = """
CREATE TABLE ledger (entry text NOT NULL);
CREATE SEQUENCE tries;
CREATE FUNCTION slow(text, float8 DEFAULT 0.5) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_catalog.pg_sleep($2); RETURN $1; END';
CREATE FUNCTION stuck_at(text, integer) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_catalog.pg_sleep(CASE pg_catalog.nextval(''public.tries'') WHEN $2 THEN 600 ELSE 0 END);
    RETURN $1; END';
CREATE TABLE items (name text NOT NULL, tag text NOT NULL);
INSERT INTO items VALUES ('a', 'x'), ('b', 'x');
"""
"""``tries`` counts what was rolled back too. An index on ``slow(name)`` takes a second to build, and one on
``stuck_at(name, N)`` hangs at the Nth row since the beginning; PostgreSQL has to believe that they are immutable."""


def full_count(small: int, full: int) -> int:
    """Return how often to repeat a fault: ``make faults`` sets DBOPS_FAULT_COUNT to ``full`` or a number."""
    asked = os.environ.get("DBOPS_FAULT_COUNT", "")
    if asked.isdigit():
        return int(asked)
    return full if asked == "full" else small


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command that ended left: exit status and both streams."""

    status: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        return json.loads(self.stdout)

    @property
    def data(self) -> dict[str, Any]:
        assert "data" in self.document, self.explain()
        return self.document["data"]

    @property
    def error(self) -> dict[str, Any]:
        assert "error" in self.document, self.explain()
        return self.document["error"]

    @property
    def applied(self) -> list[str]:
        """The versions that ``up`` says it applied, also when it failed."""
        return [migration["version"] for migration in self.document.get("data", self.document.get("error"))["applied"]]

    def explain(self) -> str:
        return f"exit {self.status}\n{self.stdout}\n{self.stderr}"


class Running:
    """A command under way."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def kill(self) -> None:
        """End it as the kernel does: it gets no chance to do anything more."""
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def finish(self, timeout: float = PATIENCE) -> Ran:
        stdout, stderr = self.process.communicate(timeout=timeout)
        return Ran(self.process.returncode, stdout, stderr)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None


class Project:
    """The migrations of one test and the database they are for."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.folder = folder
        self.dsn = dsn
        self._started: list[Running] = []
        folder.mkdir(exist_ok=True)

    def set_scene(self) -> None:
        """Make what migrations of these tests count in and build on."""
        self.execute(_SCENE)

    def write(self, version: str, up: str, down: str | None = None, *, options: str = "") -> Path:
        """Write (or overwrite) a migration's file."""
        text = f"-- migrate:up {options}\n{up}\n"
        if down is not None:
            text += f"-- migrate:down {options}\n{down}\n"
        path = self.folder / f"{version}_m{version}.sql"
        path.write_text(text, encoding="utf-8")
        return path

    def start(
        self, *words: str, dsn: str | None = None, output: str = "json", env: dict[str, str] | None = None
    ) -> Running:
        """Start ``dbops migrate WORDS`` for this folder; without ``dsn`` (may be empty) for this database."""
        database = self.dsn if dsn is None else dsn
        command = [sys.executable, "-m", "dbops", "migrate", *words, "--dir", str(self.folder), "-o", output]
        running = Running(
            subprocess.Popen(
                [*command, *(["--dsn", database] if database else [])],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=self.folder,
                env=_environment() | (env or {}),
            )
        )
        self._started.append(running)
        return running

    def run(self, *words: str, timeout: float = PATIENCE, **options: Any) -> Ran:
        return self.start(*words, **options).finish(timeout)

    def up(self, *words: str, **options: Any) -> Ran:
        """Run ``up``, which must succeed."""
        ran = self.run("up", *words, **options)
        assert ran.status == 0, ran.explain()
        return ran

    def execute(self, sql: str, *, dsn: str | None = None) -> None:
        with self.connect(dsn) as connection:
            connection.execute(sql)

    def value(self, sql: str, *parameters: Any, dsn: str | None = None) -> Any:
        """Return the first column of the one row."""
        with self.connect(dsn) as connection:
            row = connection.execute(sql, parameters or None).fetchone()
        assert row is not None
        return row[0]

    def column(self, sql: str, *, dsn: str | None = None) -> list[Any]:
        with self.connect(dsn) as connection:
            return [row[0] for row in connection.execute(sql).fetchall()]

    @contextmanager
    def connect(self, dsn: str | None = None, *, application: str = "a test") -> Iterator[psycopg.Connection]:
        """Give an autocommit connection."""
        opened = psycopg.connect(dsn or self.dsn, autocommit=True, connect_timeout=10, application_name=application)
        with closing(opened) as connection:
            yield connection

    def ledger(self) -> list[str]:
        return sorted(self.column("SELECT entry FROM public.ledger"))

    def states(self) -> dict[str, str]:
        """The history: state by version."""
        with self.connect() as connection:
            return dict(connection.execute("SELECT version, state FROM dbops.schema_migrations ORDER BY 1").fetchall())

    def logged(self, outcome: str) -> list[str]:
        """The versions that migration_log has with this outcome, oldest first."""
        return self.column(f"SELECT version FROM dbops.migration_log WHERE outcome = '{outcome}' ORDER BY id")

    def invalid_indexes(self) -> list[str]:
        return self.column("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")

    def workers(self, condition: str = "true") -> list[int]:
        """The pids of dbops's working backends in this database."""
        return self.column(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name "
            f"LIKE 'dbops migrate%' AND application_name !~ ' (watch|look)$' AND ({condition})"
        )

    def wait_for_worker(self, condition: str = "wait_event = 'PgSleep'") -> int:
        """Wait until a working backend is where the condition says (in a pg_sleep), and return its pid."""
        return eventually(lambda: self.workers(condition), f"no dbops backend with {condition}")[0]

    def wait_for_watcher(self) -> int:
        """Wait until a backend holds the runner lock, and return its pid."""
        return eventually(self.lock_holders, "nobody takes the runner lock")[0]

    def lock_holders(self) -> list[int]:
        """The pids of who holds an advisory lock in this database."""
        return self.column(
            "SELECT pid FROM pg_locks JOIN pg_database AS d ON d.oid = database "
            "WHERE locktype = 'advisory' AND granted AND d.datname = current_database()"
        )

    def assert_quiet(self, *, pooled: bool = False) -> None:
        """Nothing of dbops is left on the server; a pool keeps idle connections, with the last client's name."""
        everything = (
            "SELECT application_name || ': ' || query FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name LIKE 'dbops%'"
        )
        if pooled:
            everything += " AND state <> 'idle'"
        eventually(lambda: not self.column(everything), "a backend of dbops is left")

    def assert_finished(self, versions: list[str], *, pooled: bool = False) -> None:
        """Exactly these are applied, nothing is half done, and nothing of dbops is left on the server."""
        assert self.states() == dict.fromkeys(versions, "applied")
        assert self.column("SELECT version FROM dbops.migration_steps") == []
        assert self.invalid_indexes() == []
        self.assert_quiet(pooled=pooled)

    def close(self) -> None:
        """End the commands that a failed test left running."""
        for running in self._started:
            if not running.ended:
                running.kill()


def eventually(condition: Callable[[], Any], complaint: str, timeout: float = 30.0) -> Any:
    """Return the condition's value once it is true."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{complaint} after {timeout:g} s"
        time.sleep(0.02)
    return value


def _environment() -> dict[str, str]:
    """Return the environment without what would configure dbops or libpq."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBOPS_", "PG", "DATABASE_"))}
    return kept | {"PYTHONUNBUFFERED": "1"}
