"""``dbops migrate repair``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("repair")
@click.argument("version", required=False)
@click.option(
    "--resume-at", type=click.IntRange(1), metavar="N", help="A migration left half way goes on at statement N."
)
@options.reason
@options.connecting
@options.locking
@options.output("table", "json")
@click.pass_obj
def command(
    common: Common, /, version: str | None, resume_at: int | None, reason: str | None, output: str, **flags: Any
) -> None:
    """Accept edited files as they are now: of VERSION, or of all that were edited.

    With --resume-at, say instead at which statement a migration that was left half way goes on; needed only when
    dbops can't see for itself whether the statement took effect.

    \b
    Examples:
      dbops migrate repair --reason "comments reworded"
      dbops migrate repair 0142 --resume-at 3 --reason "the CALL had finished"
    """
    if resume_at is not None and version is None:
        raise click.UsageError("--resume-at needs a VERSION")
    from dbops.cli.migrate.work import perform
    from dbops.migrate.marks import repair

    perform(
        common,
        output,
        flags,
        lambda work: repair(
            work.dsn, work.options, version, resume_at=resume_at, reason=reason, interrupt=work.interrupt
        ),
    )
