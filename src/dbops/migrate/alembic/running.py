"""Running one revision by Alembic itself, on a session of dbops's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from dbops.errors import DbopsError, InvalidMigration, MigrationFailed
from dbops.files.migration import at_line
from dbops.migrate.alembic import environment
from dbops.migrate.alembic.engine import engine_over
from dbops.migrate.alembic.failures import line_in, said, servers
from dbops.migrate.alembic.revision import History, Revision
from dbops.migrate.failure import failed
from dbops.migrate.script import UP, Script
from dbops.postgres.errors import ConnectionLost, Report, ServerError
from dbops.postgres.lent import Lent, translated
from dbops.postgres.session import TICK, Session, Tick
from dbops.sql.split import Statement

Log = Callable[[int], str]
"""Returns the SQL that logs a revision, given its milliseconds; it is committed together with the version table."""


@dataclass(slots=True)
class Step:
    """One revision's run; what is known of it fills in.

    ``took_ms`` stays None when there was nothing to do: somebody else had done it. ``kept`` says whether something of
    it was committed, ``line`` in which line of the file it failed, ``statement`` the SQL that failed.
    """

    script: Script
    revision: Revision
    took_ms: int | None = None
    kept: bool = False
    line: int | None = None
    statement: str = ""

    def run(
        self,
        session: Session,
        *,
        opening: Sequence[str] = (),
        log: Log | None = None,
        tick: Tick | None = None,
        every: float = TICK,
    ) -> None:
        """Run it; ``opening`` are statements that each transaction begins with.

        Raises ServerError for what PostgreSQL refuses, ConnectionLost, what the tick raises, Interrupted, and
        MigrationFailed for what fails in Python.
        """
        with (
            engine_over(session, opening=opening, tick=tick, every=every) as (engine, lent),
            environment.opened(self.revision.history.project) as (config, scripts),
        ):
            connect = engine.connect  # env.py's own engines are made to give this one's
            try:
                environment.run(config, scripts, lambda c, kw: self._work(scripts, lent, c, kw, log), connect)
                if lent.stopped is not None:
                    raise lent.stopped
            except (DbopsError, ServerError, ConnectionLost):
                raise
            except Exception as error:
                raise self._own(error, scripts) from error
            finally:
                self.kept = lent.kept

    def failure(self, report: Report, *, show_data: bool = False) -> DbopsError:
        """Return what PostgreSQL refused as an error at its line of the file."""
        text = self.script.migration.text
        lines = text.splitlines(keepends=True)
        at = sum(map(len, lines[: (self.line or self.script.section.line) - 1]))
        section = replace(self.script.section, places=((0, at),))
        script = replace(self.script, section=section)
        shown = Statement(self.statement, 0, 1, 1, 0, None)
        error = failed(script, report, shown if self.statement else None, None, show_data=show_data)
        error.context["left"] = self.left
        return error

    @property
    def left(self) -> str:
        """Say what a failure leaves."""
        return "what ran before, and in its autocommit block, was committed and stays" if self.kept else "rolled back"

    def _work(
        self, scripts: ScriptDirectory, lent: Lent, context: MigrationContext, kw: Mapping[str, Any], log: Log | None
    ) -> None:
        """Do what ``alembic upgrade`` or ``downgrade`` by this one revision does."""

        def steps(heads: Iterable[str], _context: MigrationContext) -> list[Any]:
            return [step] if (step := self._step(scripts, tuple(heads))) is not None else []

        def applied(**_told: Any) -> None:
            took = round((time.monotonic() - started) * 1000)
            if log is not None:
                lent.execute(log(took).encode())
            self.took_ms = took

        context._migrations_fn = steps
        context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, applied)
        lent.kept = False
        started = time.monotonic()
        with Operations.context(context):
            context.run_migrations(**kw)

    def _step(self, scripts: ScriptDirectory, heads: tuple[str, ...]) -> Any:
        """Return Alembic's step, None when it is done already; raises MigrationFailed when it can't be its turn."""
        revision, history = self.revision, self.revision.history
        history.require_known(heads)
        applied = set(history.applied(heads))
        script: Any = scripts.get_revision(revision.version)
        if self.script.direction == UP:
            if revision.version in applied:
                return None
            self._require(set(history.depends[revision.version]) <= applied)
            return MigrationStep.upgrade_from_script(scripts.revision_map, script)
        if revision.version not in applied:
            return None
        self._require(not any(revision.version in history.depends[each] for each in applied))
        return MigrationStep.downgrade_from_script(scripts.revision_map, script)

    def _require(self, its_turn: bool) -> None:
        if not its_turn:
            raise MigrationFailed(
                f"{self.revision.label}: another session changed Alembic's version table meanwhile",
                hint="run it again; `dbops migrate status` shows what is applied",
                details=[{"field": "version", "error": "changed meanwhile", "version": self.revision.version}],
                retryable=True,
            )

    def _own(self, error: Exception, scripts: ScriptDirectory) -> Exception:
        """Return what came up in env.py or in the revision as an error of ours."""
        files = scripts.get_revision(self.revision.version)
        path = Path(files.path) if files is not None else Path(self.revision.path)
        self.line = line_in(error, path)
        if isinstance(error, DBAPIError) and error.orig is not None:
            self.statement = error.statement or ""
            own = translated(error.orig)
            if own is not None:
                return own
        if self.line is None:
            env = Path(scripts.env_py_location)
            return _failed(at_line(str(env), line_in(error, env) or 1, said(error), "correct it and run it again"))
        return _failed(at_line(self.revision.path, self.line, said(error), "correct the revision and run it again"))


def ensure(session: Session, history: History) -> None:
    """Make Alembic's version table, where there is none. Raises ServerError, ConnectionLost, MigrationFailed."""

    def work(context: MigrationContext, _kw: Mapping[str, Any]) -> None:
        context._migrations_fn = lambda _heads, _context: ()
        context.run_migrations()

    with (
        servers(),
        engine_over(session) as (engine, _),
        environment.opened(history.project) as (config, scripts),
    ):
        environment.run(config, scripts, work, engine.connect)


def tried(session: Session, script: Script, revision: Revision) -> str | None:
    """Run a revision where nothing depends on it, and return why it failed, if it did. Raises ConnectionLost."""
    step = Step(script, revision)
    try:
        step.run(session)
    except ServerError as error:
        return step.failure(error.report).message
    except MigrationFailed as error:
        return error.message
    return None if step.took_ms is not None else "its revision is recorded already"


def _failed(error: InvalidMigration) -> MigrationFailed:
    return MigrationFailed(error.message, hint=error.hint, details=error.details)
