"""The walk up all migrations on a scratch server, with a trial of each that is to be verified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from dbops.errors import PermissionDenied
from dbops.files.migration import Key, Migration
from dbops.migrate.alembic.revision import history_of
from dbops.migrate.scratch import Scratch
from dbops.migrate.script import Script
from dbops.migrate.verify.data import carry
from dbops.migrate.verify.ground import Ground
from dbops.migrate.verify.judge import Carried, Judgement, Ran, Trial, judge, noted
from dbops.migrate.verify.names import changes_shared
from dbops.migrate.verify.run import begin, run, schema_of
from dbops.postgres.interrupt import Interrupt
from dbops.results.progress import Event, Verified, Warned
from dbops.results.schema import Difference
from dbops.results.verify import Outcome, VerifiedMigration
from dbops.schema.differences import compare
from dbops.schema.snapshot import Snapshot

_TICK = 0.2


@dataclass(frozen=True, slots=True)
class Scripts:
    """A migration's two directions, ready to run."""

    file: Migration
    up: Script
    down: Script | None

    @property
    def is_one_way(self) -> bool:
        """Say whether there is nothing to try: no down, and it need not be able to run again."""
        return self.down is None and not self.file.repeatable


class _EndOfWalkError(Exception):
    """What comes after can't be run."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How migrations are tried: so many at once, whether the order of columns matters, whether with rows."""

    jobs: int
    ignore_column_order: bool
    data: bool


@dataclass(slots=True)
class Course:
    """One walk up all migrations in the main database; the trials are in copies of it, so that none hides the next.

    ``unsure`` has what could not be tried, with the migrations of which that is so.
    """

    ground: Ground
    manner: Manner
    wanted: frozenset[Key]
    emit: Callable[[Event], None]
    interrupt: Interrupt
    done: dict[Key, VerifiedMigration] = field(default_factory=dict)
    not_run: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)
    unsure: dict[str, list[str]] = field(default_factory=dict)
    _trials: dict[Future[Judgement], Callable[[Judgement], None]] = field(default_factory=dict)
    _main: str = ""

    @property
    def scratch(self) -> Scratch:
        """Return where all is run."""
        return self.ground.scratch

    def run(self, scripts: Sequence[Scripts]) -> None:
        """Apply one migration after the other, and try each that is wanted."""
        self._begin(scripts)
        with ThreadPoolExecutor(self.manner.jobs, thread_name_prefix="trial") as pool:
            try:
                self._walk(pool, scripts)
                self._settle(at_most=0)
            except BaseException:
                for future in self._trials:
                    future.cancel()
                wait(self._trials)
                raise

    def _begin(self, scripts: Sequence[Scripts]) -> None:
        self._main = self.scratch.new()
        begin(self.scratch, self._main, [each.file for each in scripts])

    def _walk(self, pool: ThreadPoolExecutor, scripts: Sequence[Scripts]) -> None:
        before: Snapshot | None = None
        for count in range(1, len(scripts) + 1):
            self.interrupt.check()
            try:
                before = self._step(pool, scripts[:count], before)
            except _EndOfWalkError:
                self.not_run = tuple(each.file.version for each in scripts[count:])
                return

    def _step(self, pool: ThreadPoolExecutor, scripts: Sequence[Scripts], before: Snapshot | None) -> Snapshot | None:
        """Apply the last of the scripts, and try it if it is wanted; returns the schema after it where it is known."""
        each = scripts[-1]
        if each.file.key not in self.wanted:
            self._up(each)
            return None
        before = before or self._schema(self._main)
        if any(changes_shared(script) for script in (each.up, each.down) if script is not None):
            return self._in_place(scripts, before)
        return self._in_copy(pool, each, before)

    def _up(self, each: Scripts) -> Ran:
        ran = run(self.scratch, self._main, each.up)
        if ran.error is not None:
            self._settle(at_most=0)
            self._say(each, Judgement(Outcome.UP_FAILED, error=ran.error), None)
            raise _EndOfWalkError
        return ran

    def _in_copy(self, pool: ThreadPoolExecutor, each: Scripts, before: Snapshot) -> Snapshot:
        """Apply a migration, and begin its trial in a copy."""
        filled = self.scratch.new(self._main) if self.manner.data and each.down is not None else None
        ran = self._up(each)
        after = self._schema(self._main)
        if each.is_one_way:
            self._settle(at_most=0)
            self._say(each, judge(Trial()), ran)
            return after
        self._settle(at_most=self.manner.jobs - 1)
        copy = self.scratch.new(self._main)
        downs: list[Ran] = []

        def ended(judgement: Judgement) -> None:
            for name in filter(None, (copy, filled)):
                self.scratch.drop(name)
            self._say(each, judgement, ran, downs)

        self._trials[pool.submit(self._trial, copy, each, before, after, downs, filled)] = ended
        return after

    def _trial(
        self,
        database: str,
        each: Scripts,
        before: Snapshot,
        after: Snapshot,
        downs: list[Ran],
        filled: str | None = None,
    ) -> Judgement:
        """Go down and up again in a database that is ``after`` the migration; perhaps in a thread of its own."""
        trial = Trial()
        if each.down is not None and not each.file.repeatable:
            down = run(self.scratch, database, each.down)
            downs.append(down)
            trial = replace(trial, down=down)
            if down.error is not None:
                return judge(trial)
            trial = replace(trial, after_down=self._compare(before, self._schema(database)))
        if filled is not None:
            carried = self._carried(filled, each)
            notes = noted(self._compare(before, after), carried.kept) if each.down is not None else ()
            trial = replace(trial, carried=carried, notes=notes)
        again = run(self.scratch, database, each.up)
        if again.error is None:
            trial = replace(trial, after_again=self._compare(after, self._schema(database)))
        return judge(replace(trial, again=again), repeatable=each.file.repeatable)

    def _carried(self, filled: str, each: Scripts) -> Carried:
        if each.down is None:
            return Carried()
        history = history_of([each.file])
        return carry(self.scratch, filled, each.up, each.down, without=None if history is None else history.table)

    def _schema(self, database: str) -> Snapshot:
        return schema_of(self.scratch, database, self.ground.databases)

    def _compare(self, expected: Snapshot, actual: Snapshot) -> tuple[Difference, ...]:
        return compare(expected, actual, ignore_column_order=self.manner.ignore_column_order)

    def _in_place(self, scripts: Sequence[Scripts], before: Snapshot) -> Snapshot:
        """Apply and try the last of the scripts in the main database itself.

        All databases share roles: with a copy there, DROP ROLE would be refused for what the role has in it.
        """
        self._settle(at_most=0)
        each = scripts[-1]
        ran = self._up(each)
        after = self._schema(self._main)
        downs: list[Ran] = []
        judgement = judge(Trial()) if each.is_one_way else self._trial(self._main, each, before, after, downs)
        if self.manner.data and each.down is not None:
            judgement = replace(judgement, unsure=("rows were not tried where it changes what all databases share",))
        self._say(each, judgement, ran, downs)
        if judgement.outcome in {Outcome.RESTORED, Outcome.IRREVERSIBLE}:
            return after
        return self._again(scripts)

    def _again(self, scripts: Sequence[Scripts]) -> Snapshot:
        """Apply the scripts once more from the beginning, where a down left the roles other than they were."""
        self.scratch.drop(self._main)
        try:
            self.ground.lift()
            self.ground.lay()
            self._begin(scripts)
            errors = (run(self.scratch, self._main, each.up).error for each in scripts)
            error = next((error for error in errors if error is not None), None)
        except PermissionDenied as denied:
            error = denied.message
        if error is not None:
            label = scripts[-1].file.label
            message = f"{label}: what its down left keeps what is before it from being applied again: {error}"
            self.warnings.append(message)
            self.emit(Warned(message))
            raise _EndOfWalkError
        return self._schema(self._main)

    def _settle(self, *, at_most: int) -> None:
        """Wait until no more than so many trials are under way; the oldest first, so that they are told in order."""
        while len(self._trials) > at_most:
            oldest = next(iter(self._trials))
            wait([oldest], timeout=_TICK)
            self.interrupt.check()
            if oldest.done():
                self._trials.pop(oldest)(oldest.result())

    def _say(self, each: Scripts, judgement: Judgement, up: Ran | None, downs: Sequence[Ran] = ()) -> None:
        for words in judgement.unsure:
            self.unsure.setdefault(words, []).append(each.file.label)
        verified = VerifiedMigration(
            each.file.version,
            each.file.name,
            judgement.outcome,
            judgement.differences,
            None if up is None else up.took_ms,
            next((down.took_ms for down in downs if down.error is None), None),
            judgement.error,
            judgement.notes,
            judgement.rows_stop_up,
            each.up.path,
        )
        self.done[each.file.key] = verified
        self.emit(Verified(verified, len(self.done), len(self.wanted)))
