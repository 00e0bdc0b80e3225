"""What became of a statement whose end nobody saw: looking at the server before anything is run again."""

from __future__ import annotations

from typing import Any

from dbops.errors import MigrationFailed, MigrationLocked
from dbops.migrate.failure import failed, lock_timeout
from dbops.migrate.record import Step
from dbops.migrate.script import Script
from dbops.migrate.watch import Watch, check_lock
from dbops.migrate.workplace import Workplace
from dbops.postgres.errors import LOCK_NOT_AVAILABLE, ServerError
from dbops.postgres.query import render
from dbops.results.progress import StatementSkipped, Waiting
from dbops.sql.effects import may_have_committed, repeatable
from dbops.sql.index import ConcurrentIndex, concurrent_index
from dbops.sql.split import Statement
from dbops.sql.transactions import enum_value_added

_PAUSE = 0.25


class Doubt:
    """The statement of an earlier run at which the journal ends."""

    def __init__(self, place: Workplace, script: Script, statement: Statement, step: Step) -> None:
        self._place = place
        self._script = script
        self._statement = statement
        self._step = step
        self._edited = step.statement_hash != self._script.hash(statement)

    def settle(self) -> bool:
        """Return True when the statement has done its work, False when it is to be run (again).

        Waits for a backend that still runs it; clears away what a failed one left. Raises MigrationLocked,
        MigrationFailed when only a person can tell.
        """
        if self._wait_for_backend():
            self._step = self._read_again()
        if self._edited and self._step.state != "failed":
            raise self._unknown()
        if self._step.done:
            return self._skip("done by the earlier run's backend")
        index = concurrent_index(self._statement.node)
        if index is not None:
            return self._settle_index(index)
        added = enum_value_added(self._statement.node)
        if added is not None:
            done = self._ask("enum_value", type=added[0], value=added[1])
            return bool(done) and self._skip("the value is there")
        if repeatable(self._statement.node):
            return False
        if self._step.state == "failed" and not may_have_committed(self._statement):
            return False
        raise self._unknown()

    def _settle_index(self, index: ConcurrentIndex) -> bool:
        if index.action == "create":
            return self._settle_create(index)
        if index.action == "drop":
            gone = index.names and self._ask("index_state", table=None, index=str(index.names[0]), name=None) is None
            return bool(gone) and self._skip("the index is gone")
        if index.target in {"INDEX", "TABLE"}:
            for leftover in self._ask("reindex_leftovers", relation=str(index.names[0])) or []:
                self._drop(leftover)
        return False

    def _settle_create(self, index: ConcurrentIndex) -> bool:
        if not index.names:
            raise self._unknown()
        if self._step.target_existed:
            return False
        state = index_state(self._place, index)
        if state is None:
            return False
        if state["valid"]:
            # Of an edited statement it is the old one's, or somebody else's: running the new one will say so.
            return not self._edited and self._skip("the index is there and valid")
        self._drop(state["name"])
        return False

    def _wait_for_backend(self) -> bool:
        """Wait until nobody runs the statement any more, up to --lock-wait; False when nobody did."""
        place = self._place
        began = place.elapsed
        bound = min(place.options.lock_wait, place.remaining)
        waits = False
        while (pid := self._busy()) is not None:
            waits = True
            waited = place.elapsed - began
            if waited >= bound:
                raise MigrationLocked(
                    f"{self._script.migration.label}: backend {pid} still runs statement {self._step.step + 1} for "
                    "an earlier run",
                    hint=f"let it finish and run again; or end it with SELECT pg_cancel_backend({pid})",
                    details=[{"field": "lock", "error": "an earlier run's backend", "pid": pid}],
                    retryable=True,
                )
            place.options.emit(Waiting("runner", waited, bound, f"pid {pid} of an earlier run"))
            place.interrupt.sleep(_PAUSE)
            check_lock(place)
        return waits

    def _read_again(self) -> Step:
        steps = self._place.read_history().steps_of(self._script.migration.key, self._script.direction)
        return steps.get(self._step.step, self._step)

    def _busy(self) -> int | None:
        """Return the pid of who still runs the statement: the journalled backend, or any builder of its index."""
        step = self._step
        if self._ask("backend_alive", pid=step.backend_pid, backend_start=step.backend_start):
            return step.backend_pid
        index = concurrent_index(self._statement.node)
        if index is not None and index.action == "create" and index.names:
            state = index_state(self._place, index)
            return state["builder"] if state else None
        return None

    def _drop(self, name: str) -> None:
        place, migration = self._place, self._script.migration
        watch = Watch(place, migration, self._step.step + 1, len(self._script.statements))
        try:
            place.worker.run(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", bound=None, tick=watch, heed=True)
        except ServerError as error:
            if error.sqlstate == LOCK_NOT_AVAILABLE:
                raise lock_timeout(
                    self._script, 1, place.options.concurrent_lock_timeout, watch.blockers, error.report
                ) from None
            raise failed(self._script, error.report, self._statement, None, show_data=place.options.show_data) from None
        self._skip(f"INVALID index {name} dropped")

    def _skip(self, reason: str) -> bool:
        migration = self._script.migration
        self._place.options.emit(StatementSkipped(migration.version, migration.name, self._step.step + 1, reason))
        return True

    def _ask(self, query: str, **values: Any) -> Any:
        return self._place.worker.json(render(query, **values))

    def _unknown(self) -> MigrationFailed:
        migration, number = self._script.migration, self._step.step + 1
        return MigrationFailed(
            f"{self._script.path}:{self._script.line(self._statement)}: statement {number} was under way when an "
            "earlier run ended, and whether it took effect can't be told",
            hint=f"look at the database; then `dbops migrate repair {migration.version} --resume-at {number}` to run "
            f"it again, or --resume-at {number + 1} when it is done",
            details=[{"field": "statement", "error": "in doubt", "file": self._script.path, "step": number}],
        )


def index_state(place: Workplace, index: ConcurrentIndex) -> dict[str, Any] | None:
    """Return ``valid``, ``name`` (qualified) and ``builder`` (a pid) of the index a CREATE names, None without it."""
    name = index.names[0]
    state: dict[str, Any] | None = place.worker.json(
        render("index_state", table=str(index.table), index=str(name), name=name.name)
    )
    return state
