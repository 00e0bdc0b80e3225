"""``drift --fix``: what was done by hand, as a migration."""

from __future__ import annotations

from dbops.files.formats.own import parse
from dbops.files.migration import SourceFile
from dbops.migrate import source
from dbops.migrate.alembic.changes import changes
from dbops.migrate.built import schema_built
from dbops.migrate.drift.comparable import comparable
from dbops.migrate.scratch import Scratch
from dbops.migrate.script import UP, build
from dbops.migrate.verify.run import run
from dbops.migrate.workplace import Workplace
from dbops.results.drift import Fix
from dbops.schema.differences import compare
from dbops.schema.snapshot import Snapshot, relative


def fixed(place: Workplace, server: Scratch, database: str, name: str, actual: Snapshot, role: str) -> Fix:
    """Write the migration that makes of what the migrations built in ``database`` what the target has, and back.

    It is run there; what still differs afterwards from ``actual``, which is relative to ``role``, is listed as left
    out. Raises what reading the schemas and writing the file raise.
    """
    schema = place.options.schema
    with server.session(database) as session:  # not as a superuser: names are looked up where migrations make functions
        rendered = changes(session, place.watcher, without=(schema,))
    if not (rendered.up or rendered.down):
        return Fix(None, None, _rest(server, database, schema, actual, role))
    text = f"-- migrate:up\n{rendered.up}\n-- migrate:down\n{rendered.down}\n"
    (file,) = parse([SourceFile("0_fix.sql", "0_fix.sql", text.encode())])
    failure = run(server, database, build(file, UP)).error
    made = source.new(place.options.directory, name, text, format=place.options.format)
    failed = () if failure is None else (f"on the scratch server it failed: {failure}",)
    return Fix(made.path, made.version, (*failed, *_rest(server, database, schema, actual, role)))


def _rest(server: Scratch, database: str, schema: str, actual: Snapshot, role: str) -> tuple[str, ...]:
    """Return in words how the target still differs from what is built by now."""
    now = relative(schema_built(server, database, (schema,)), server.runs_as, role)
    now, actual, _ = comparable(server, database, now, actual)
    return tuple(each.words() for each in compare(now, actual))
