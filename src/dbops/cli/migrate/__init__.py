"""``dbops migrate``: the group."""

from __future__ import annotations

import click

from dbops.cli.lazy import LazyGroup

COMMANDS = {
    "new": ("dbops.cli.migrate.new", "Make a migration file, empty or written by comparison."),
    "status": ("dbops.cli.migrate.status", "List what is applied, pending or wrong."),
    "plan": ("dbops.cli.migrate.plan", "Show what would be run, with the locks it takes."),
    "verify": ("dbops.cli.migrate.verify", "Prove that every down restores the schema."),
    "drift": ("dbops.cli.migrate.drift", "Compare the database with what its migrations build."),
    "dump": ("dbops.cli.migrate.dump", "Write the schema as SQL that changes only when it does."),
    "up": ("dbops.cli.migrate.up", "Apply what is pending."),
    "down": ("dbops.cli.migrate.down", "Revert, the latest applied first."),
    "redo": ("dbops.cli.migrate.redo", "Revert the last one and apply it again."),
    "baseline": ("dbops.cli.migrate.baseline", "Record an existing database's migrations as applied."),
    "mark": ("dbops.cli.migrate.mark", "Record one migration as applied or reverted."),
    "adopt": ("dbops.cli.migrate.adopt", "Take over a database from another migration tool."),
    "import": ("dbops.cli.migrate.import_", "Write another tool's migrations anew, as dbops's own."),
    "squash": ("dbops.cli.migrate.squash", "Make one migration of all up to a version."),
    "repair": ("dbops.cli.migrate.repair", "Accept edited files, or say where a failed one resumes."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Change the schema with up/down SQL migrations.

    A migration is one file, VERSION_name.sql, with both directions:

    \b
      -- migrate:up
      ALTER TABLE orders ADD COLUMN note text;
      -- migrate:down
      ALTER TABLE orders DROP COLUMN note;

    Each runs in one transaction together with its row in the history, under a lock that lets one runner at a time
    work. A file with a statement that can't be in a transaction (CREATE INDEX CONCURRENTLY), or with
    `-- migrate:up transaction:false`, runs statement by statement with a journal, and resumes after a failure.
    """
