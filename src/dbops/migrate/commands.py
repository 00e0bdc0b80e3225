"""``up``, ``down`` and ``redo``: what changes the schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

from dbops.errors import DbopsError
from dbops.files.migration import Key, Migration, version_key
from dbops.migrate import journal, limits, plan, source
from dbops.migrate.options import Options
from dbops.migrate.plan import Accepted
from dbops.migrate.record import Record
from dbops.migrate.runner import Runner
from dbops.migrate.script import DOWN, UP, build
from dbops.migrate.workplace import Workplace, workplace
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import Report
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.target import require_writable
from dbops.results.migration import DownResult, MigrationStatus, RedoResult, RunMigration, State, UpResult
from dbops.results.progress import Notice, TargetKnown, Warned


def up(
    dsn: Dsn,
    options: Options,
    accepted: Accepted | None = None,
    *,
    to: str | None = None,
    steps: int | None = None,
    interrupt: Interrupt | None = None,
) -> UpResult:
    """Apply the pending migrations in the order of their versions, up to ``to`` or at most ``steps`` of them.

    Raises a DbopsError; one raised while running carries ``applied``, ``failed`` and ``pending`` in its context.
    """
    accepted = accepted or Accepted()
    files = source.chosen(options)

    def choose(record: Record) -> Sequence[Migration]:
        try:
            return plan.to_apply(files, record, accepted, to=to, steps=steps)
        except DbopsError as error:
            error.context["pending"] = list(_pending(plan.assess(files, record)))
            raise

    with workplace(dsn, "up", options, interrupt, files=files) as place:
        warnings = _Warnings(place)
        done = _run(place, UP, "up", choose, warnings)
        if not files:
            warnings.add(f"{options.directory} holds no migrations: is it the right folder?")
        record = place.read_history()
        statuses = plan.assess(files, record)
        ahead = tuple(status.version for status in statuses if status.state == State.DATABASE_AHEAD)
        if ahead:
            warnings.add(
                f"the database is ahead: {len(ahead)} applied that this folder doesn't have "
                f"({', '.join(ahead[:3])}{' …' if len(ahead) > 3 else ''}); is an older release starting?"
            )
        return UpResult(place.target, place.run_id, tuple(done), _pending(statuses), ahead, tuple(warnings.said))


def _pending(statuses: Sequence[MigrationStatus]) -> tuple[str, ...]:
    return tuple(status.version for status in statuses if status.state in {State.PENDING, State.OUT_OF_ORDER})


def down(
    dsn: Dsn,
    options: Options,
    accepted: Accepted | None = None,
    *,
    to: str | None = None,
    steps: int | None = None,
    everything: bool = False,
    interrupt: Interrupt | None = None,
) -> DownResult:
    """Revert migrations, the latest applied first: one, ``steps``, all after ``to``, or ``everything``."""
    accepted = accepted or Accepted()
    files = source.chosen(options)

    with workplace(dsn, "down", options, interrupt, files=files) as place:
        warnings = _Warnings(place)
        done = _run(
            place,
            DOWN,
            "down",
            lambda record: plan.to_revert(files, record, accepted, to=to, steps=steps, everything=everything),
            warnings,
        )
        return DownResult(place.target, place.run_id, tuple(done), tuple(warnings.said))


def redo(
    dsn: Dsn, options: Options, accepted: Accepted | None = None, *, interrupt: Interrupt | None = None
) -> RedoResult:
    """Revert the migration that was applied last, and apply it and the repeatable ones that were there again."""
    accepted = accepted or Accepted()
    files = source.chosen(options)
    again: set[Key] = set()

    def choose(record: Record) -> Sequence[Migration]:
        again.update(file.key for file in files if file.repeatable and record.row(file.key) is not None)
        chosen = plan.to_revert(files, record, accepted, steps=1)
        for migration in chosen:
            build(migration, UP)  # what could not be applied again is not reverted
        return chosen

    with workplace(dsn, "redo", options, interrupt, files=files) as place:
        warnings = _Warnings(place)
        reverted = _run(place, DOWN, "redo", choose, warnings)
        again.update(version_key(migration.version) for migration in reverted)
        record = place.read_history()
        scripts = [build(file, UP) for file in files if file.key in again and not record.has(file)]
        runner = Runner(place, UP, "redo")
        try:
            runner.run(scripts, record)
        except DbopsError as error:
            error.message = f"{error.message} (it is reverted, and not applied again)"
            error.context["reverted"] = [asdict(migration) for migration in reverted]
            raise
        return RedoResult(place.target, place.run_id, tuple(reverted), tuple(runner.done), tuple(warnings.said))


class _Warnings:
    """Warnings as they come up, told at once and returned with the result."""

    def __init__(self, place: Workplace) -> None:
        self._emit = place.options.emit
        self.said: list[str] = []

    def add(self, message: str) -> None:
        self.said.append(message)
        self._emit(Warned(message))


def _run(
    place: Workplace,
    direction: str,
    action: str,
    choose: Callable[[Record], Sequence[Migration]],
    warnings: _Warnings,
) -> list[RunMigration]:
    """Choose, lock, choose again among the same, and run; an error says what was done, what failed, what is left."""
    key = "applied" if direction == UP else "reverted"
    chosen: Sequence[Migration] = ()
    try:
        chosen = _chosen(place, choose)
        if not chosen:
            return []
        scripts = [build(migration, direction) for migration in chosen]
        for script in scripts:
            if not script.transactional:
                journal.require_direct(place.target, script)
                journal.require_named(script)
        place.lock()
        for message in limits.overridden(place.options, place.worker_facts.settings):
            warnings.add(message)
        place.worker.on_notice = lambda report: _notice(place, report)
        # What another runner did while this one waited is left out; what it made possible is not added.
        record = place.read_history()
        still = {migration.version for migration in choose(record)}
        runner = Runner(place, direction, action)
        runner.run([script for script in scripts if script.migration.version in still], record)
    except DbopsError as error:
        pending = [migration.version for migration in chosen]
        error.context = {key: [], "failed": None, "pending": pending, "run_id": place.run_id} | error.context
        raise
    return runner.done


def _chosen(place: Workplace, choose: Callable[[Record], Sequence[Migration]]) -> Sequence[Migration]:
    """Read the history and choose, naming the target first whatever comes of it."""
    pending: int | None = None
    try:
        require_writable(place.facts)
        chosen = choose(place.read_history())
        pending = len(chosen)
    finally:
        place.options.emit(TargetKnown(place.target, place.run_id, pending))
    return chosen


def _notice(place: Workplace, report: Report) -> None:
    place.options.emit(Notice(report.severity, report.message))
