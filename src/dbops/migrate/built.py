"""What migrations build, in a new database of a scratch server."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.errors import MigrationFailed
from dbops.migrate.scratch import Scratch, told
from dbops.migrate.script import Script
from dbops.migrate.verify.run import run
from dbops.postgres import snapshot as catalog
from dbops.schema.snapshot import Snapshot, snapshot


def built(scratch: Scratch, scripts: Sequence[Script]) -> str:
    """Run the scripts in a new database, and return its name. Raises MigrationFailed for one that fails there."""
    database = scratch.new()
    for script in scripts:
        ran = run(scratch, database, script)
        if ran.error is not None:
            raise MigrationFailed(
                f"on the scratch server, {ran.error}",
                hint="does it need what is not in the migrations: rows, roles, settings? `dbops migrate verify` runs "
                "each; the target was not touched",
                details=[{"field": "file", "error": ran.error, "file": script.path}],
            )
    return database


def schema_built(scratch: Scratch, database: str, without: Sequence[str]) -> Snapshot:
    """Return a scratch database's schema without the schemas ``without``."""
    with scratch.session(database, privileged=True) as session, told("reading the schema"):
        return snapshot(scratch.version, catalog.read(session, scratch.version, without=without))
