"""``adopt``: what another tool has applied becomes dbops's own history; the tool's table is only read."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dbops.errors import MigrationFailed
from dbops.files.migration import Migration, version_key
from dbops.migrate import source
from dbops.migrate.adopt.claims import Claim, Table
from dbops.migrate.adopt.origins import alembic
from dbops.migrate.adopt.recognise import Adopting, Found, names, recognise
from dbops.migrate.adopt.settle import Known, Settled, settle
from dbops.migrate.alembic.project import find
from dbops.migrate.alembic.revision import history_of
from dbops.migrate.options import Options
from dbops.migrate.workplace import Workplace, workplace
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.results.adopt import AdoptedMigration, AdoptResult, OriginTable, UnknownMigration
from dbops.results.progress import TargetKnown

_HISTORY_TABLE = "schema_migrations"
"""A table of dbops's own, which has the name of dbmate's and golang-migrate's."""


def adopt(
    dsn: Dsn, options: Options, adopting: Adopting | None = None, *, interrupt: Interrupt | None = None
) -> AdoptResult:
    """Record as applied what the other tool's version table says, in one transaction under the runner lock.

    What is recorded already stays as it is, so that adopting twice does nothing. Everything is looked at first, without
    a lock: what is refused leaves nothing behind, and neither does ``adopting.dry_run``. Of an Alembic project nothing
    is recorded: Alembic's own table is its history. Raises OriginUnclear and what
    :func:`dbops.migrate.adopt.settle.settle` does.
    """
    adopting = adopting or Adopting()
    if options.format is None and find(options.directory) is not None:
        return _of_alembic(dsn, options, interrupt)
    files = source.chosen(options)
    with workplace(dsn, "adopt", options, interrupt, looks_only=adopting.dry_run) as place:
        options.emit(TargetKnown(place.target, place.run_id, None))
        found = _find(place, adopting)
        settled = _settle(place, place.watcher, found, files, adopting)
        if settled.new and not adopting.dry_run:
            _refuse_same_name(place, found.table)
            place.lock()
            settled = _settle(place, place.worker, found, files, adopting)  # another runner may have been faster
            _record(place, found, settled.new, adopting.reason)
        return _result(place, found, settled, dry_run=adopting.dry_run)


def _of_alembic(dsn: Dsn, options: Options, interrupt: Interrupt | None) -> AdoptResult:
    """Return what Alembic's own table says of the project's revisions, which is all that dbops needs to run them."""
    files = source.chosen(options)
    with workplace(dsn, "adopt", options, interrupt, files=files, looks_only=True) as place:
        options.emit(TargetKnown(place.target, place.run_id, None))
        record, history = place.read_history(), history_of(files)
        table = alembic.TABLES[0] if history is None else ".".join(filter(None, (history.schema, history.table)))
        return AdoptResult(
            target=place.target,
            run_id=place.run_id,
            origin=OriginTable(alembic.NAME, table),
            dry_run=False,
            adopted=(),
            already=tuple(file.version for file in files if record.has(file)),
            pending=tuple(file.version for file in files if not record.has(file)),
            out_of_order=(),
            unknown=(),
        )


def _find(place: Workplace, adopting: Adopting) -> Found:
    sql = render("adopt/tables", names=json.dumps(names(adopting)))
    rows = place.watcher.json(place.history.as_role(sql))
    return recognise([Table(**row | {"columns": frozenset(row["columns"])}) for row in rows], adopting)


def _settle(
    place: Workplace, session: Session, found: Found, files: Sequence[Migration], adopting: Adopting
) -> Settled:
    table, tool = found.table, found.origin.NAME
    sql = render(f"adopt/{tool.replace('-', '_')}", schema=table.schema, table=table.name)
    rows = session.json(place.history.as_role(sql))
    record = place.read_history()
    dealt_with = session.json(place.history.as_role(place.history.render("dealt_with"))) if record.exists else []
    known = Known(files, record, frozenset(map(version_key, dealt_with)))
    return settle(found.origin.claims(table, rows, files), known, adopting, tool)


def _refuse_same_name(place: Workplace, table: Table) -> None:
    if (table.schema, table.name) == (place.history.schema, _HISTORY_TABLE):
        raise MigrationFailed(
            f"{table.label} is the other tool's, and dbops's own history would need a table of the same name there",
            hint="give the history a schema of its own: --schema dbops",
            details=[{"field": "schema", "error": f"{_HISTORY_TABLE} exists"}],
        )


def _record(place: Workplace, found: Found, new: Sequence[Claim], reason: str | None) -> None:
    told = f"adopted from {found.origin.NAME}: {found.table.label}" + (f"; {reason}" if reason else "")
    statements = []
    for made in new:
        assert made.file is not None  # only what has a file is recorded
        file = made.file
        statements += [
            place.history.render(
                "adopted",
                version=file.version,
                name=file.name,
                checksum=file.checksum,
                applied_at=made.applied_at,
            ),
            place.history.log("adopt", "ok", version=file.version, name=file.name, checksum=file.checksum, reason=told),
        ]
    if statements:
        place.history.write(place.worker, ";".join(statements))


def _result(place: Workplace, found: Found, settled: Settled, *, dry_run: bool) -> AdoptResult:
    return AdoptResult(
        place.target,
        place.run_id,
        OriginTable(found.origin.NAME, found.table.label),
        dry_run,
        tuple(AdoptedMigration(made.version, made.name, made.applied_at, made.edited) for made in settled.new),
        settled.already,
        settled.pending,
        settled.out_of_order,
        tuple(UnknownMigration(made.version, made.name, made.applied_at) for made in settled.unknown),
    )
