"""``baseline``, ``mark`` and ``repair``: changing the history without running a migration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dbops.errors import MigrationFailed, MissingMigration
from dbops.files.migration import Migration, version_key
from dbops.migrate import plan, source
from dbops.migrate.alembic.project import refuse
from dbops.migrate.options import Options
from dbops.migrate.record import APPLIED, APPLYING, REVERTING, Applied, Record
from dbops.migrate.script import DOWN, UP, build
from dbops.migrate.workplace import Workplace, workplace
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.results.migration import HistoryChange, HistoryResult
from dbops.results.progress import TargetKnown

Change = tuple[HistoryChange, list[str]]
"""What is changed, in words, and the SQL that changes it."""


def baseline(
    dsn: Dsn, options: Options, version: str, *, reason: str | None = None, interrupt: Interrupt | None = None
) -> HistoryResult:
    """Record every migration up to ``version`` as applied, in a database whose history is empty."""
    files = source.chosen(options)
    chosen = plan.up_to(files, version)

    def changes(place: Workplace, record: Record) -> list[Change]:
        if record.rows:
            raise MigrationFailed(
                f"the history has {len(record.rows)} migrations already: a baseline is for an empty one",
                hint="`dbops migrate mark applied V` records a single migration",
                details=[{"field": "version", "error": "history not empty"}],
            )
        return [_mark_applied(place, file, "baseline", reason) for file in chosen]

    return _change(dsn, options, "baseline", changes, reason, interrupt)


def mark_applied(
    dsn: Dsn, options: Options, version: str, *, reason: str | None = None, interrupt: Interrupt | None = None
) -> HistoryResult:
    """Record one migration as applied, without running it; also one that was left half way."""
    file = plan.find(source.chosen(options), version)

    def changes(place: Workplace, record: Record) -> list[Change]:
        row = record.row(file.key)
        if row is None:
            return [_mark_applied(place, file, "mark_applied", reason)]
        if row.state == APPLIED:
            return []
        history = place.history
        change = HistoryChange(row.version, row.name, f"{row.state} → applied")
        return [
            (
                change,
                [
                    history.render("set_state", version=row.version, from_state=row.state, state=APPLIED),
                    history.render("steps_clear", version=row.version),
                    history.render("realign", version=row.version, name=file.name, checksum=file.checksum),
                    _logged(place, "mark_applied", row.version, file.name, file.checksum, reason),
                ],
            )
        ]

    return _change(dsn, options, "mark applied", changes, reason, interrupt)


def mark_reverted(
    dsn: Dsn, options: Options, version: str, *, reason: str | None = None, interrupt: Interrupt | None = None
) -> HistoryResult:
    """Record one migration as not applied, without running its down; its file may be gone."""
    key = version_key(version.strip())

    def changes(place: Workplace, record: Record) -> list[Change]:
        row = record.row(key)
        if row is None:
            raise MissingMigration(
                f"{version} is not applied",
                hint="`dbops migrate status` lists what is",
                details=[{"field": "version", "error": "not applied"}],
            )
        history = place.history
        sql = [
            history.render("remove", version=row.version),
            history.render("steps_clear", version=row.version),
            _logged(place, "mark_reverted", row.version, row.name, row.checksum, reason),
        ]
        return [(HistoryChange(row.version, row.name, f"{row.state} → reverted"), sql)]

    return _change(dsn, options, "mark reverted", changes, reason, interrupt)


def repair(
    dsn: Dsn,
    options: Options,
    version: str | None = None,
    *,
    resume_at: int | None = None,
    reason: str | None = None,
    interrupt: Interrupt | None = None,
) -> HistoryResult:
    """Record edited files' checksums as they are now: of ``version``, or of all.

    With ``resume_at``, say instead at which statement (from 1) a migration that was left half way goes on.
    """
    files = source.chosen(options)
    only = None if version is None else plan.find(files, version)

    def changes(place: Workplace, record: Record) -> list[Change]:
        if only is not None and resume_at is not None:
            return [_resume_at(place, record, only, resume_at, reason)]
        rows = {row.key: row for row in record.rows}
        if only is not None and only.key not in rows:
            raise MissingMigration(
                f"{only.label} is not applied, so there is nothing to repair",
                hint="`dbops migrate status` lists what is",
                details=[{"field": "version", "error": "not applied"}],
            )
        chosen = [only] if only is not None else files
        return [
            _realign(place, file, row, reason)
            for file in chosen
            if (row := rows.get(file.key)) is not None and (row.checksum, row.name) != (file.checksum, file.name)
        ]

    return _change(dsn, options, "repair", changes, reason, interrupt)


def _change(
    dsn: Dsn,
    options: Options,
    action: str,
    changes: Callable[[Workplace, Record], Sequence[Change]],
    reason: str | None,
    interrupt: Interrupt | None,
) -> HistoryResult:
    """Work out the changes under the runner lock and make them in one transaction."""
    refuse(
        options.directory if options.format is None else None,
        "keeps its history itself",
        "`alembic stamp REVISION` changes it without running anything",
    )
    with workplace(dsn, action, options, interrupt) as place:
        options.emit(TargetKnown(place.target, place.run_id, None))
        place.lock()
        made = changes(place, place.read_history())
        if made:
            place.history.write(place.worker, ";".join(sql for _, statements in made for sql in statements))
        return HistoryResult(place.target, place.run_id, action, reason, tuple(change for change, _ in made))


def _mark_applied(place: Workplace, file: Migration, action: str, reason: str | None) -> Change:
    sql = [
        place.history.begin_up(file, APPLIED, transactional=True),
        _logged(place, action, file.version, file.name, file.checksum, reason),
    ]
    return HistoryChange(file.version, file.name, "recorded as applied"), sql


def _realign(place: Workplace, file: Migration, row: Applied, reason: str | None) -> Change:
    change = f"checksum {row.checksum[:12]} → {file.checksum[:12]}"
    if row.name != file.name:
        change += f", name {row.name} → {file.name}"
    sql = [
        place.history.render("realign", version=row.version, name=file.name, checksum=file.checksum),
        _logged(place, "repair", row.version, file.name, file.checksum, reason),
    ]
    return HistoryChange(row.version, file.name, change), sql


def _resume_at(place: Workplace, record: Record, file: Migration, number: int, reason: str | None) -> Change:
    row = record.row(file.key)
    if row is None or row.state not in {APPLYING, REVERTING}:
        raise MigrationFailed(
            f"{file.label} was not left half way, so there is nowhere to resume",
            hint="`dbops migrate status` shows which migration failed",
            details=[{"field": "version", "error": "not half way"}],
        )
    direction = UP if row.state == APPLYING else DOWN
    script = build(file, direction)
    if not 1 <= number <= len(script.statements) + 1:
        raise MissingMigration(
            f"{file.label} has {len(script.statements)} statements; it can't resume at {number}",
            hint=f"give 1 to {len(script.statements)}, or {len(script.statements) + 1} when all are done",
            details=[{"field": "resume_at", "error": "out of range"}],
        )
    history, facts = place.history, place.worker_facts
    sql = [history.render("steps_clear", version=row.version)]
    sql += [
        history.render(
            "step_atomic",
            version=row.version,
            direction=direction,
            step=statement.index,
            statement_hash=script.hash(statement),
            backend_pid=facts.backend_pid,
            backend_start=facts.backend_start,
        )
        for statement in script.statements[: number - 1]
    ]
    sql.append(_logged(place, "repair", row.version, file.name, file.checksum, reason))
    done = sum(step.done for step in record.steps_of(file.key, direction).values())
    change = f"resumes at statement {number}"
    if done >= number:
        change += f"; {done} were done, so {number} to {done} are run again"
    return HistoryChange(row.version, file.name, change), sql


def _logged(place: Workplace, action: str, version: str, name: str, checksum: str, reason: str | None) -> str:
    return place.history.log(action, "ok", version=version, name=name, checksum=checksum, reason=reason)
