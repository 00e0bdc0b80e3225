"""``squash``: what migrations build, written as one migration, and proven to be the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dbops.errors import InvalidMigration, MigrationFailed, UsageError
from dbops.files.formats import OWN
from dbops.files.formats.own import parse, squashing
from dbops.files.migration import Migration, SourceFile
from dbops.files.variables import expand
from dbops.migrate import plan, source
from dbops.migrate.built import built
from dbops.migrate.dump.text import statements
from dbops.migrate.options import Options
from dbops.migrate.scratch import Scratch, scratch
from dbops.migrate.script import UP, Script, build
from dbops.migrate.squash.write import replaced
from dbops.migrate.verify.ground import prepared
from dbops.migrate.verify.names import changes_shared
from dbops.migrate.verify.run import schema_of
from dbops.postgres import dump
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.results.squash import SquashResult
from dbops.schema.differences import compare
from dbops.sql.owners import by_whoever_runs_it, named_role, without_owner

_NAME = "squashed"
_OPENING = "SET LOCAL check_function_bodies = false;\n"


@dataclass(frozen=True, slots=True)
class Squashing:
    """``to`` is the last version that is squashed, ``archive`` the folder that gets the originals."""

    to: str
    archive: Path | None = None
    scratch: Dsn | None = None
    superuser: bool = False


def squash(options: Options, squashing_: Squashing, *, interrupt: Interrupt | None = None) -> SquashResult:
    """Write one migration of the version ``to`` that builds what all up to it do; move those into the archive.

    Nothing is written unless a scratch database that it built has the same schema and rows. Raises MigrationFailed
    when it hasn't, UsageError when there is nothing to squash, InvalidMigration for files it can't replace.
    """
    own = interrupt or Interrupt()
    try:
        chosen = _chosen(options, squashing_.to)
        scripts = [build(file, UP) for file in expand(chosen, options.variables)]
        _refuse_what_is_shared(scripts)
        with (
            scratch(own, dsn=squashing_.scratch, superuser=squashing_.superuser) as server,
            prepared(server, scripts),
        ):
            text, made, rows = _proven(server, own, chosen, scripts)
            where = server.where
        version = chosen[-1].version
        archive = squashing_.archive or options.directory / "squashed"
        path = options.directory / f"{version}_{_NAME}.sql"
        archived = replaced([Path(file.path) for file in chosen], archive, path, text)
        return SquashResult(
            tuple(file.version for file in chosen), str(path), version, made, rows, tuple(map(str, archived)), where
        )
    finally:
        if interrupt is None:
            own.close()


def _chosen(options: Options, to: str) -> tuple[Migration, ...]:
    files = source.read(options.directory, OWN)
    chosen = plan.up_to([file for file in files if not file.repeatable], to)
    if len(chosen) < 2:
        raise UsageError(
            f"up to {to} there is only one migration: nothing to squash",
            hint="name a later version with --to",
            details=[{"field": "to", "error": "one migration"}],
        )
    return chosen


def _refuse_what_is_shared(scripts: Sequence[Script]) -> None:
    """Raise InvalidMigration for roles and databases that are changed: a schema has none, so they would be lost."""
    for script in scripts:
        if changes_shared(script):
            raise InvalidMigration(
                f"{script.path}: changes roles or a database by its name, which the schema does not show afterwards",
                hint="squash up to a version before it, or move that into a migration of a later version",
                details=[{"field": "file", "error": "changes what databases share", "file": script.path}],
            )


def _proven(
    server: Scratch, interrupt: Interrupt, chosen: Sequence[Migration], scripts: Sequence[Script]
) -> tuple[str, int, int]:
    """Return the file's text, how many statements it has and how many of them are rows."""
    originals = built(server, scripts)
    made = _statements(server, originals, interrupt)
    versions = [version for file in chosen for version in (file.squashes or (file.version,))]
    text = squashing(versions) + f"-- migrate:up\n{_OPENING}" + "".join(f"\n{each};\n" for each in made)
    name = f"{chosen[-1].version}_{_NAME}.sql"
    (file,) = parse([SourceFile(name, name, text.encode())])
    again = built(server, [build(file, UP)])
    differences = compare(schema_of(server, originals), schema_of(server, again))
    if differences:
        raise _unproven([each.words() for each in differences])
    if _statements(server, again, interrupt) != made:
        raise _unproven(["the rows, or the sequences, are others"])
    return text, len(made), sum(each.startswith("INSERT ") for each in made)


def _statements(server: Scratch, database: str, interrupt: Interrupt) -> tuple[str, ...]:
    """Return what makes the database, owners and rights relative to the role that migrates."""
    migrator = server.runs_as
    with server.session(database, privileged=True) as session:
        text = dump.with_rows(session, dump.programs(server.version), interrupt)
    made = tuple(
        by_whoever_runs_it(each, migrator) for each in without_owner(statements(text, server.version), migrator)
    )
    named = next((each for each in made if named_role(each, migrator)), None)
    if named is not None:
        raise MigrationFailed(
            f"{' '.join(named.split())[:100]}: names the role that migrates, which is another one elsewhere",
            hint="such rights can't be squashed: squash up to a version before them",
            details=[{"field": "statement", "error": "names the migrating role"}],
        )
    return made


def _unproven(said: Sequence[str]) -> MigrationFailed:
    shown = "; ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")
    return MigrationFailed(
        f"one migration would not build the same: {shown}",
        hint="nothing was written; squash up to a version before what makes this",
        details=[{"field": "schema", "error": each} for each in said],
    )
