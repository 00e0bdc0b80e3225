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
@click.option("--trace", is_flag=True, help="Run it on an empty copy of the schema, and tell what was seen.")
@options.scratch
@options.show_data
@options.output("table", "json")
@click.pass_obj
def command(
    common: Common,
    /,
    direction: str,
    to: str | None,
    steps: int | None,
    everything: bool,
    trace: bool,
    output: str,
    **flags: Any,
) -> None:
    """Show what `up` or `down` would run now: every statement, its transaction, and the lock it takes.

    Changes nothing and takes no lock. With --trace a scratch server gets a copy of the schema, without rows, the
    statements are run there, and locks, rewrites, index builds and scans are told as they were seen, with the sizes
    that the tables have on the target; pg_dump reads the schema, for which the role must be allowed to read the tables.

    \b
    Examples:
      dbops migrate plan
      dbops migrate plan down --steps 2
      dbops migrate plan --trace
      dbops migrate plan -o json | jq '.data.migrations[].statements[].lock'
    """
    if everything and direction == "up":
        raise click.UsageError("--all is for plan down")
    if sum((to is not None, steps is not None, everything)) > 1:
        raise click.UsageError("--to, --steps and --all exclude each other")
    from dbops.cli.migrate.work import perform, scratch_dsn
    from dbops.migrate.inspect import plan
    from dbops.migrate.plan import Accepted
    from dbops.migrate.trace.options import Tracing

    accepted = Accepted(flags["allow_modified"], flags["allow_missing"], flags["allow_out_of_order"])
    if not trace and (flags["scratch_dsn"] or flags["as_superuser"]):
        raise click.UsageError("--scratch-dsn and --as-superuser say how to trace, and --trace is missing")
    tracing = Tracing(scratch_dsn(common, flags["scratch_dsn"]), flags["as_superuser"]) if trace else None
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
            tracing=tracing,
            interrupt=work.interrupt,
        ),
    )
