"""A migration that can't share a transaction: statement by statement, each in a journal, resumed where it stopped.

A statement that could run in a transaction does, together with its journal entry: it is done or it is not. The
others stand in the journal as running, with the backend that runs them, before they begin.
"""

from __future__ import annotations

from dataclasses import replace

from dbops.errors import ChecksumMismatch, ConfigError, DbopsError, MigrationFailed, MigrationLocked
from dbops.files.migration import at_line
from dbops.migrate import limits, transaction
from dbops.migrate.doubt import Doubt, index_state
from dbops.migrate.failure import failed, lock_timeout
from dbops.migrate.record import APPLIED, APPLYING, REVERTING, Record, Step
from dbops.migrate.script import UP, Script
from dbops.migrate.watch import Watch, check_duration, check_lock
from dbops.migrate.workplace import Workplace
from dbops.postgres.errors import DIVISION_BY_ZERO, LOCK_NOT_AVAILABLE, UNIQUE_VIOLATION, ServerError
from dbops.results.migration import RunMigration
from dbops.results.progress import StatementSkipped
from dbops.results.target import Target
from dbops.sql.effects import lives_in_session, sets_session
from dbops.sql.index import concurrent_index
from dbops.sql.quote import identifier
from dbops.sql.split import Statement
from dbops.sql.transactions import may_commit


def require_direct(target: Target, script: Script) -> None:
    """Raise ConfigError when a pooler stands between: the session's settings would stay with its server."""
    if target.pooled:
        raise ConfigError(
            f"{script.migration.label} runs outside a transaction, and that can't be done through a pooler",
            hint="set direct_url (or DBOPS_DIRECT_URL) to the server itself; migrate then uses it for everything",
            details=[{"field": "direct_url", "error": "needed", "version": script.migration.version}],
        )


def require_named(script: Script) -> None:
    """Raise InvalidMigration for CREATE INDEX CONCURRENTLY without a name, whose INVALID index can't be found."""
    for statement in script.statements:
        index = concurrent_index(statement.node)
        if index is not None and index.action == "create" and not index.names:
            raise at_line(
                script.path,
                script.line(statement),
                "CREATE INDEX CONCURRENTLY without a name: what a failed build leaves could not be found",
                "name the index",
            )


def require_unedited(script: Script, record: Record) -> dict[int, Step]:
    """Return the journal of the migration; raises ChecksumMismatch when a statement that was run was edited."""
    steps = record.steps_of(script.migration.key, script.direction)
    for number, step in steps.items():
        if step.done and (
            number >= len(script.statements) or script.hash(script.statements[number]) != step.statement_hash
        ):
            raise _edited(script, number, steps)
    return steps


def _edited(script: Script, number: int, steps: dict[int, Step]) -> ChecksumMismatch:
    after_done = max(step.step for step in steps.values() if step.done) + 2
    resume_at = min(after_done, len(script.statements) + 1)
    return ChecksumMismatch(
        f"{script.path}: statement {number + 1} was run already, and edited since",
        hint="put it back as it was; later statements may be edited. To accept the file as it is, and go on after what "
        f"was run: `dbops migrate repair {script.migration.version} --resume-at {resume_at}`",
        details=[{"field": "statement", "error": "edited", "file": script.path, "step": number + 1}],
    )


def run(place: Workplace, script: Script, record: Record, action: str) -> RunMigration | None:
    """Run, or resume, a script outside a transaction. Returns None when somebody else did so meanwhile."""
    return _Journal(place, script, record, action).run()


class _Journal:
    def __init__(self, place: Workplace, script: Script, record: Record, action: str) -> None:
        self._place = place
        self._script = script
        self._record = record
        self._action = action
        self._retries = 0

    def run(self) -> RunMigration | None:
        place, script = self._place, self._script
        began = place.elapsed
        require_direct(place.target, script)
        steps = require_unedited(script, self._record)
        if not self._enter():
            return None
        steps = self._follow(steps)
        role = [f"SET ROLE {identifier(place.options.role)}"] if place.options.role else []
        settings = limits.alone(place.options, place.worker_facts.settings, checks_client=place.checks_client)
        place.worker.run(";".join(settings + role))
        for statement in script.statements:
            check_duration(place)
            check_lock(place)
            place.interrupt.check()
            self._run_step(statement, steps.get(statement.index))
        return self._leave(round((place.elapsed - began) * 1000))

    def _enter(self) -> bool:
        """Write the migration's row as under way; False when somebody else did meanwhile."""
        place, migration = self._place, self._script.migration
        row = self._record.row(migration.key)
        if row is not None and row.state != APPLIED:
            return True
        if self._script.direction == UP:
            sql = place.history.begin_up(migration, APPLYING, transactional=False)
        else:
            sql = place.history.render("set_state", version=migration.version, from_state=APPLIED, state=REVERTING)
        try:
            place.history.write(place.worker, sql)
        except ServerError as error:
            if error.sqlstate in {UNIQUE_VIOLATION, DIVISION_BY_ZERO}:
                return False
            raise
        return True

    def _follow(self, steps: dict[int, Step]) -> dict[int, Step]:
        """Return the journal with the statement that failed where the file has it now.

        A statement that mends the data, put in before it, moves it: what it left is still its own to clear away.
        It has not moved while it stands where it stood, nor can it be told when the file has it twice.
        """
        hashes = [self._script.hash(statement) for statement in self._script.statements]
        followed = {}
        for number, step in steps.items():
            stands = number < len(hashes) and hashes[number] == step.statement_hash
            moved = number
            if not step.done and not stands and hashes.count(step.statement_hash) == 1:
                moved = hashes.index(step.statement_hash)
            if moved != number and moved not in steps:
                self._write(number, "step_move", to_step=moved)
                followed[moved] = replace(step, step=moved)
            else:
                followed[number] = step
        return followed

    def _leave(self, milliseconds: int) -> RunMigration:
        place, script = self._place, self._script
        version = script.migration.version
        place.worker.run(transaction.reset(place))
        finish = [
            place.history.render("require_row", version=version),
            place.history.render("steps_clear", version=version),
        ]
        if script.direction != UP:
            finish.append(place.history.render("remove", version=version))
        finish += place.history.finish(script.migration, script.direction, self._action, milliseconds)
        place.history.write(place.worker, ";".join(finish))
        return RunMigration(version, script.migration.name, milliseconds, transactional=False, retries=self._retries)

    def _run_step(self, statement: Statement, step: Step | None) -> None:
        if sets_session(statement.node):
            # Not journalled: the settings of a session that ended are gone, and what comes after relies on them.
            self._run_alone(statement)
        elif step is not None and step.done:
            self._require_still_there(statement)
            self._skipped(statement, "done by an earlier run")
        elif step is not None and Doubt(self._place, self._script, statement, step).settle():
            self._mark(statement, "done")
        elif statement.index in self._script.alone or may_commit(statement.node) or statement.node is None:
            self._run_journalled(statement)
        else:
            self._run_atomically(statement)

    def _run_atomically(self, statement: Statement) -> None:
        """Run a statement in one transaction with its journal entry."""
        facts, script = self._place.worker_facts, self._script
        entry = self._place.history.render(
            "step_atomic",
            version=script.migration.version,
            direction=script.direction,
            step=statement.index,
            statement_hash=self._script.hash(statement),
            backend_pid=facts.backend_pid,
            backend_start=facts.backend_start,
        )
        outcome = transaction.run_statement(self._place, script, statement, entry)
        if outcome is None:
            require_unedited(script, self._place.read_history())
            self._skipped(statement, "done by an earlier run's backend")
        else:
            self._retries += outcome

    def _run_journalled(self, statement: Statement) -> None:
        """Run a statement that can't be in a transaction, between two entries of the journal."""
        facts = self._place.worker_facts
        index = concurrent_index(statement.node)
        creates = index is not None and index.action == "create" and bool(index.names)
        existed = index_state(self._place, index) is not None if creates and index else None
        self._write(
            statement.index,
            "step_running",
            statement_hash=self._script.hash(statement),
            backend_pid=facts.backend_pid,
            backend_start=facts.backend_start,
            target_existed=existed,
        )
        try:
            self._run_alone(statement)
        except DbopsError:
            if not self._place.worker.closed:
                self._mark(statement, "failed")
            raise
        if creates and index:
            self._require_valid(statement, index_state(self._place, index))
        self._mark(statement, "done")

    def _run_alone(self, statement: Statement) -> None:
        place, script = self._place, self._script
        watch = Watch(place, script.migration, statement.index + 1, len(script.statements))
        try:
            place.worker.run(statement.text, bound=None, tick=watch, heed=True)
        except ServerError as error:
            if error.sqlstate == LOCK_NOT_AVAILABLE:
                raise lock_timeout(
                    script, 1, place.options.concurrent_lock_timeout, watch.blockers, error.report
                ) from None
            offset = None if error.report.position is None else error.report.position - 1 + statement.start
            raise failed(script, error.report, statement, offset, show_data=place.options.show_data) from None

    def _require_valid(self, statement: Statement, state: dict[str, object] | None) -> None:
        """Refuse to call an INVALID index done: IF NOT EXISTS is content with one that a failed build left."""
        if state is None or state["valid"]:
            return
        self._mark(statement, "failed")
        if state["builder"] is not None:
            raise MigrationLocked(
                f"{self._script.path}:{self._script.line(statement)}: backend {state['builder']} is building "
                f"index {state['name']} now",
                hint="let it finish and run again",
                details=[{"field": "index", "error": "being built", "pid": state["builder"]}],
                retryable=True,
            )
        raise MigrationFailed(
            f"{self._script.path}:{self._script.line(statement)}: index {state['name']} is there but "
            "INVALID, left by a build that failed before",
            hint=f"DROP INDEX CONCURRENTLY {state['name']}; then run again",
            details=[{"field": "index", "error": "INVALID", "index": state["name"]}],
        )

    def _require_still_there(self, statement: Statement) -> None:
        """Refuse to go on without the temporary table that an earlier run's session took with it."""
        if not lives_in_session(statement.node):
            return
        migration, number = self._script.migration, statement.index + 1
        raise MigrationFailed(
            f"{self._script.path}:{self._script.line(statement)}: what statement {number} made ended with the session "
            "of the earlier run",
            hint=f"go back to it with `dbops migrate repair {migration.version} --resume-at {number}`, if running the "
            "statements after it once more does no harm",
            details=[{"field": "statement", "error": "in doubt", "file": self._script.path, "step": number}],
        )

    def _mark(self, statement: Statement, state: str) -> None:
        self._write(statement.index, "step_state", state=state)

    def _write(self, step: int, query: str, **values: str | float | bool | None) -> None:
        history, script = self._place.history, self._script
        sql = history.render(query, version=script.migration.version, direction=script.direction, step=step, **values)
        history.write(self._place.worker, sql)

    def _skipped(self, statement: Statement, reason: str) -> None:
        migration = self._script.migration
        self._place.options.emit(StatementSkipped(migration.version, migration.name, statement.index + 1, reason))
