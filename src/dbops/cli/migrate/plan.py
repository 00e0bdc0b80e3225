"""``dbops migrate plan``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("plan")
@click.argument("direction", type=click.Choice(["up", "down"]), default="up")
@click.option("--to", metavar="VERSION", help="As up and down take it.")
@click.option("--steps", type=click.IntRange(1), help="As up and down take it.")
@click.option("--all", "everything", is_flag=True, help="As down takes it.")
@options.connecting
@click.option("--allow-modified", is_flag=True, help="Accept applied files that were edited.")
@click.option("--allow-missing", is_flag=True, help="Accept applied migrations whose files are gone.")
@click.option("--allow-out-of-order", is_flag=True, help="Accept pending ones older than applied ones.")
@options.show_data
@options.output("table", "json")
@click.pass_obj
def command(
    common: Common, /, direction: str, to: str | None, steps: int | None, everything: bool, output: str, **flags: Any
) -> None:
    """Show what `up` or `down` would run now: every statement, its transaction, and the lock it takes.

    Changes nothing and takes no lock.

    \b
    Examples:
      dbops migrate plan
      dbops migrate plan down --steps 2
      dbops migrate plan -o json | jq '.data.migrations[].statements[].lock'
    """
    if everything and direction == "up":
        raise click.UsageError("--all is for plan down")
    if sum((to is not None, steps is not None, everything)) > 1:
        raise click.UsageError("--to, --steps and --all exclude each other")
    from dbops.cli.migrate.work import perform
    from dbops.migrate.inspect import plan
    from dbops.migrate.plan import Accepted

    accepted = Accepted(flags["allow_modified"], flags["allow_missing"], flags["allow_out_of_order"])
    perform(
        common,
        output,
        flags,
        lambda work: plan(
            work.dsn,
            work.options,
            accepted,
            direction=direction,
            to=to,
            steps=steps,
            everything=everything,
            interrupt=work.interrupt,
        ),
    )
