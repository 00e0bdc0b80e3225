"""The walk up all migrations on a scratch server, with a trial of each that is to be verified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from dbops.files.migration import Key, Migration
from dbops.migrate.scratch import Scratch
from dbops.migrate.script import Script
from dbops.migrate.verify.data import carry
from dbops.migrate.verify.ground import forget_roles, roles_now
from dbops.migrate.verify.judge import Judgement, Ran, Trial, judge
from dbops.migrate.verify.names import changes_roles
from dbops.migrate.verify.run import begin, run, schema_of
from dbops.postgres.interrupt import Interrupt
from dbops.results.progress import Event, Warned
from dbops.results.schema import Difference
from dbops.results.verify import Outcome, Verified, VerifiedMigration
from dbops.schema.differences import compare
from dbops.schema.snapshot import Snapshot

_TICK = 0.2


@dataclass(frozen=True, slots=True)
class Scripts:
    """A migration's two directions, ready to run."""

    file: Migration
    up: Script
    down: Script | None


@dataclass(slots=True)
class Course:
    """One walk up all migrations in the main database; the trials are in copies of it, so that none hides the next."""

    scratch: Scratch
    jobs: int
    ignore_column_order: bool
    data: bool
    wanted: frozenset[Key]
    emit: Callable[[Event], None]
    interrupt: Interrupt
    done: dict[Key, VerifiedMigration] = field(default_factory=dict)
    not_run: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    trials: dict[Future[Judgement], Callable[[Judgement], None]] = field(default_factory=dict)

    def run(self, scripts: Sequence[Scripts]) -> None:
        """Apply one migration after the other, and try each that is wanted."""
        main = self.scratch.new()
        begin(self.scratch, main, [each.file for each in scripts])
        before: Snapshot | None = None
        with ThreadPoolExecutor(self.jobs, thread_name_prefix="trial") as pool:
            try:
                for index, each in enumerate(scripts):
                    self.interrupt.check()
                    is_wanted = each.file.key in self.wanted
                    if is_wanted and before is None:
                        before = schema_of(self.scratch, main)
                    if is_wanted and self._shares_roles(each):
                        self._settle(at_most=0)
                        assert before is not None  # it was just read
                        main, after = self._in_place(main, each, before)
                    else:
                        after = self._step(pool, main, each, before if is_wanted else None)
                    if each.file.key in self.done and self.done[each.file.key].result is Outcome.UP_FAILED:
                        self.not_run = [later.file.version for later in scripts[index + 1 :]]
                        break
                    before = after
                self._settle(at_most=0)
            except BaseException:
                for future in self.trials:
                    future.cancel()
                wait(self.trials)
                raise

    def _shares_roles(self, each: Scripts) -> bool:
        return any(changes_roles(script) for script in (each.up, each.down) if script is not None)

    def _step(self, pool: ThreadPoolExecutor, main: str, each: Scripts, before: Snapshot | None) -> Snapshot | None:
        """Apply a migration in the main database and, with ``before``, begin its trial in a copy."""
        filled = self.scratch.new(main) if self.data and before is not None and each.down is not None else None
        ran = run(self.scratch, main, each.up)
        if ran.error is not None:
            self._settle(at_most=0)
            self._say(each, Judgement(Outcome.UP_FAILED, error=ran.error), None, None)
            return None
        if before is None:
            return None
        after = schema_of(self.scratch, main)
        if each.down is None and not each.file.repeatable:
            self._settle(at_most=0)
            self._say(each, judge(Trial()), ran, None)
            return after
        self._settle(at_most=self.jobs - 1)
        copy = self.scratch.new(main)
        times: list[Ran] = []
        future = pool.submit(self._trial, copy, each, before, after, times, filled)

        def ended(judgement: Judgement) -> None:
            for name in filter(None, (copy, filled)):
                self.scratch.drop(name)
            self._say(each, judgement, ran, times[0] if times else None)

        self.trials[future] = ended
        return after

    def _trial(
        self,
        database: str,
        each: Scripts,
        before: Snapshot,
        after: Snapshot,
        times: list[Ran],
        filled: str | None = None,
    ) -> Judgement:
        """Go down and up again in a database that is ``after`` the migration; in a thread of its own."""
        down: Ran | None = None
        after_down: tuple[Difference, ...] = ()
        if each.down is not None and not each.file.repeatable:
            down = run(self.scratch, database, each.down)
            times.append(down)
            if down.error is not None:
                return judge(Trial(down))
            after_down = self._compare(before, schema_of(self.scratch, database))
        if filled is not None and each.down is not None:
            after_down += self._carried(each, filled, each.down)
        again = run(self.scratch, database, each.up)
        after_again = () if again.error is not None else self._compare(after, schema_of(self.scratch, database))
        return judge(Trial(down, after_down, again, after_again), repeatable=each.file.repeatable)

    def _carried(self, each: Scripts, filled: str, down: Script) -> tuple[Difference, ...]:
        carried = carry(self.scratch, filled, each.up, down)
        self.unsure += [f"{each.file.label}: {words}" for words in carried.unsure]
        return carried.lost

    def _compare(self, expected: Snapshot, actual: Snapshot) -> tuple[Difference, ...]:
        return compare(expected, actual, ignore_column_order=self.ignore_column_order)

    def _in_place(self, main: str, each: Scripts, before: Snapshot) -> tuple[str, Snapshot | None]:
        """Try a migration that changes roles in the main database itself, and return the one to go on with.

        All databases share roles: in a copy, DROP ROLE would be refused for what the role has in the other database.
        """
        backup, roles = self.scratch.new(main), roles_now(self.scratch)
        ran = run(self.scratch, main, each.up)
        if ran.error is not None:
            self._say(each, Judgement(Outcome.UP_FAILED, error=ran.error), None, None)
            return main, None
        after = schema_of(self.scratch, main)
        times: list[Ran] = []
        judgement = judge(Trial()) if each.down is None else self._trial(main, each, before, after, times)
        self._say(each, judgement, ran, times[0] if times else None)
        if judgement.outcome in {Outcome.RESTORED, Outcome.IRREVERSIBLE}:
            self.scratch.drop(backup)
            return main, after
        self.scratch.drop(main)
        forget_roles(self.scratch, roles)
        again = run(self.scratch, backup, each.up)
        if again.error is not None:
            self.warnings.append(
                f"{each.file.label}: what its down left keeps it from being applied again: {again.error}"
            )
            self.emit(Warned(self.warnings[-1]))
        return backup, schema_of(self.scratch, backup)

    def _warn(self, message: str) -> None:
        self.warnings.append(message)
        self.emit(Warned(message))

    def _settle(self, *, at_most: int) -> None:
        """Wait until no more than so many trials are under way; the oldest first, so that they are told in order."""
        while len(self.trials) > at_most:
            oldest = next(iter(self.trials))
            wait([oldest], timeout=_TICK)
            self.interrupt.check()
            if oldest.done():
                self.trials.pop(oldest)(oldest.result())

    def _say(self, each: Scripts, judgement: Judgement, up: Ran | None, down: Ran | None) -> None:
        verified = VerifiedMigration(
            each.file.version,
            each.file.name,
            judgement.outcome,
            judgement.differences,
            None if up is None else up.took_ms,
            None if down is None or down.error is not None else down.took_ms,
            judgement.error,
            each.up.path,
        )
        self.done[each.file.key] = verified
        self.emit(Verified(verified, len(self.done), len(self.wanted)))
