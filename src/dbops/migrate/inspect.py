"""``status`` and ``plan``: what only looks."""

from __future__ import annotations

from dbops.errors import DbopsError
from dbops.migrate import plan as planning
from dbops.migrate import source
from dbops.migrate.options import Options
from dbops.migrate.plan import Accepted
from dbops.migrate.record import APPLIED, Record
from dbops.migrate.trace.options import Tracing
from dbops.migrate.workplace import workplace
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.results.migration import PlannedMigration, PlanResult, State, StatusResult
from dbops.results.progress import TargetKnown


def status(dsn: Dsn, options: Options, *, interrupt: Interrupt | None = None) -> StatusResult:
    """Compare the folder with the history. Works on a standby too, and takes no lock."""
    files = source.chosen(options)
    with workplace(dsn, "status", options, interrupt, files=files, looks_only=True) as place:
        try:
            record = place.read_history()
            running = place.holder()
        except (DbopsError, ServerError, ConnectionLost):
            options.emit(TargetKnown(place.target, place.run_id, None))  # otherwise the result itself names it
            raise
        half_way = any(row.state != APPLIED for row in record.rows)
        statuses = planning.assess(files, record, running=half_way and running is not None)
        pending = sum(status.state in {State.PENDING, State.OUT_OF_ORDER} for status in statuses)
        applied = sum(row.state == APPLIED for row in record.rows)
        return StatusResult(place.target, statuses, applied, pending, running)


def plan(
    dsn: Dsn,
    options: Options,
    accepted: Accepted | None = None,
    *,
    direction: str = "up",
    to: str | None = None,
    steps: int | None = None,
    everything: bool = False,
    tracing: Tracing | None = None,
    interrupt: Interrupt | None = None,
) -> PlanResult:
    """Return what ``up`` or ``down`` would run now, statement by statement, with the locks they take.

    With ``tracing`` they are run on a copy of the target's schema, and what was seen there is told too.
    """
    from dbops.migrate.preview import preview

    accepted = accepted or Accepted()
    files = source.chosen(options)
    with workplace(dsn, f"plan {direction}", options, interrupt, files=files, looks_only=True) as place:
        options.emit(TargetKnown(place.target, place.run_id, None))
        record = place.read_history()
        if direction == "up":
            chosen = planning.to_apply(files, record, accepted, to=to, steps=steps)
        else:
            chosen = planning.to_revert(files, record, accepted, to=to, steps=steps, everything=everything)
        planned = tuple(preview(migration, direction, record, show_data=options.show_data) for migration in chosen)
        warnings = _warnings(planned, record, pooled=place.target.pooled)
        if tracing is None or not chosen:
            return PlanResult(place.target, direction, planned, warnings)
        from dbops.migrate.trace.run import trace

        planned, traced = trace(place, tracing, chosen, direction, planned)
        return PlanResult(place.target, direction, planned, warnings, traced)


def _warnings(planned: tuple[PlannedMigration, ...], record: Record, *, pooled: bool) -> tuple[str, ...]:
    warnings = []
    alone = [migration.version for migration in planned if not migration.transactional]
    if pooled and alone:
        warnings.append(f"{', '.join(alone)} can't be run through this pooler: set direct_url")
    if planned and not record.exists:
        warnings.append("the history's tables don't exist yet; the first run makes them")
    return tuple(warnings)
