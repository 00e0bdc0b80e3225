"""``dbops migrate squash``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("squash")
@click.option("--to", required=True, type=options.TEXT, metavar="VERSION", help="The last version that is squashed.")
@click.option(
    "--archive",
    type=options.Folder(path_type=Path),
    metavar="DIR",
    help="Where the originals go [default: squashed/ in the folder].",
)
@options.scratch
@options.folder
@options.variables
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, to: str, archive: Path | None, output: str, **flags: Any) -> None:
    """Make one migration of all up to a version, proven to build the same.

    On a scratch server the originals are run and what they built is written as one file, VERSION_squashed.sql, with
    the rows that they left; it is then run too, and schema and rows must be the same. The originals are moved away.
    A database that has them all applied treats the new file as applied; one that stands in between needs the originals
    first. The new file has no down.

    \b
    Example:
      dbops migrate squash --to 0140
    """
    from dbops.cli.migrate.work import perform_on_scratch, scratch_dsn
    from dbops.migrate.squash.run import Squashing, squash

    squashing = Squashing(to, archive, scratch_dsn(common, flags["scratch_dsn"]), flags["as_superuser"])
    perform_on_scratch(common, output, flags, lambda chosen, interrupt: squash(chosen, squashing, interrupt=interrupt))
