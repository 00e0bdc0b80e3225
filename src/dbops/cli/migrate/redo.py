"""``dbops migrate redo``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("redo")
@options.connecting
@options.running
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, output: str, **flags: Any) -> None:
    """Revert the migration that was applied last, and apply it again: for while one writes it.

    An edited file needs --allow-modified: the down that runs is the edited one.

    \b
    Example:
      dbops migrate redo --allow-modified
    """
    from dbops.cli.migrate.work import perform
    from dbops.migrate.commands import redo
    from dbops.migrate.plan import Accepted

    accepted = Accepted(modified=flags["allow_modified"])
    perform(common, output, flags, lambda work: redo(work.dsn, work.options, accepted, interrupt=work.interrupt))
