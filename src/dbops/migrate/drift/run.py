"""``drift``: the migrations that are applied, built on a scratch server, and the target held against them."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.errors import DbopsError
from dbops.migrate import source
from dbops.migrate.built import built, schema_built
from dbops.migrate.drift.chosen import Ignored, builders, kept
from dbops.migrate.drift.comparable import comparable
from dbops.migrate.options import Options
from dbops.migrate.scratch import MIGRATOR, scratch
from dbops.migrate.script import UP, build
from dbops.migrate.verify.ground import prepared
from dbops.migrate.verify.names import creates
from dbops.migrate.workplace import Workplace, workplace
from dbops.postgres import snapshot as catalog
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.query import render
from dbops.results.drift import DriftResult
from dbops.results.progress import TargetKnown
from dbops.schema.differences import compare
from dbops.schema.snapshot import Snapshot, relative, snapshot


@dataclass(frozen=True, slots=True)
class Comparing:
    """What is left out, where the migrations are built, and with ``fix`` the name of a migration to write."""

    ignore: tuple[Ignored, ...] = ()
    ignore_column_order: bool = False
    scratch: Dsn | None = None
    superuser: bool = False
    fix: str | None = None


def drift(
    dsn: Dsn, options: Options, comparing: Comparing | None = None, *, interrupt: Interrupt | None = None
) -> DriftResult:
    """Compare the target with what its applied migrations build. It is only read; a standby will do.

    Raises MissingMigration for applied ones without a file, MigrationFailed for one that fails on the scratch server,
    what reading the schema and the scratch server raise, Interrupted.
    """
    comparing = comparing or Comparing()
    files = source.chosen(options)
    with workplace(dsn, "drift", options, interrupt, files=files, looks_only=True) as place:
        try:
            record = place.read_history()
            chosen, notes = builders(files, record)
            actual, role = _actual(place)
        except (DbopsError, ServerError, ConnectionLost):
            options.emit(TargetKnown(place.target, place.run_id, None))
            raise
        if not record.exists:
            notes = (*notes, f"there is no history in schema {options.schema}: nothing should be there")
        scripts = [build(file, UP) for file in chosen]
        with (
            scratch(
                place.interrupt,
                dsn=comparing.scratch,
                major=place.facts.version // 10000,
                target=place.facts,
                superuser=comparing.superuser,
                migrator=MIGRATOR if role in creates(scripts) else role,
            ) as server,
            prepared(server, scripts),
        ):
            database = built(server, scripts)
            expected = relative(schema_built(server, database, (options.schema,)), server.runs_as, role)
            expected, alike, more = comparable(server, database, expected, actual)
            every = compare(expected, alike, ignore_column_order=comparing.ignore_column_order)
            found = kept(every, comparing.ignore)
            fix = None
            if comparing.fix is not None and found:
                from dbops.migrate.drift.fix import fixed

                fix = fixed(place, server, database, comparing.fix, actual, role)
            server.drop(database)
        return DriftResult(
            place.target, place.run_id, found, len(every) - len(found), (*notes, *more), len(scripts), server.where, fix
        )


def _actual(place: Workplace) -> tuple[Snapshot, str]:
    """Return the target's schema, relative to the role that migrates it, and that role."""
    schema = place.options.schema
    rows = catalog.read(place.watcher, place.facts.version, without=(schema,))
    owner: str | None = place.watcher.json(render("drift/owner", schema=schema))
    role = place.options.role or owner or place.target.role
    return relative(snapshot(place.facts.version, rows), role), role
