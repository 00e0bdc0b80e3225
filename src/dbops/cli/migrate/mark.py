"""``dbops migrate mark``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("mark")
@click.argument("state", type=click.Choice(["applied", "reverted"]))
@click.argument("version")
@options.reason
@options.connecting
@options.locking
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, state: str, version: str, reason: str | None, output: str, **flags: Any) -> None:
    """Record one migration as applied or reverted, running nothing.

    For what was done by hand, and for a migration that was left half way and settled by hand.

    \b
    Examples:
      dbops migrate mark applied 0142 --reason "index built by hand on Sunday"
      dbops migrate mark reverted 0139 --reason "file removed, table dropped in 0150"
    """
    from dbops.cli.migrate.work import perform
    from dbops.migrate.marks import mark_applied, mark_reverted

    mark = mark_applied if state == "applied" else mark_reverted
    perform(
        common,
        output,
        flags,
        lambda work: mark(work.dsn, work.options, version, reason=reason, interrupt=work.interrupt),
    )
