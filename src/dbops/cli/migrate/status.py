"""``dbops migrate status``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("status")
@options.connecting
@options.tenants
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, output: str, **flags: Any) -> int:
    """List what is applied, pending or wrong.

    Takes no lock, changes nothing, and works on a standby. Exit status 0 when up to date (also when the database is
    ahead of this folder), 1 with pending migrations, 2 when one is modified, missing, out of order or failed.

    \b
    Examples:
      dbops migrate status
      dbops migrate status --schemas 'tenant_*'
      dbops migrate status -o json | jq '.data.pending'
    """
    from dbops.cli.migrate.work import exit_status, perform
    from dbops.migrate.inspect import status

    return exit_status(
        perform(common, output, flags, lambda work: status(work.dsn, work.options, interrupt=work.interrupt))
    )
