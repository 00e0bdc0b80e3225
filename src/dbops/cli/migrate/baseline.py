"""``dbops migrate baseline``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("baseline")
@click.argument("version")
@options.reason
@options.connecting
@options.locking
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, version: str, reason: str | None, output: str, **flags: Any) -> None:
    """Record an existing database's migrations, up to VERSION, as applied without running them.

    For a database that has the schema already, and whose history is empty.

    \b
    Example:
      dbops migrate baseline 0140 --reason "schema as of the 3.2 release"
    """
    from dbops.cli.migrate.work import perform
    from dbops.migrate.marks import baseline

    perform(
        common,
        output,
        flags,
        lambda work: baseline(work.dsn, work.options, version, reason=reason, interrupt=work.interrupt),
    )
