"""``dbops migrate up``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("up")
@click.option("--to", metavar="VERSION", help="Apply up to and including this version.")
@click.option("--steps", type=click.IntRange(1), help="Apply at most so many.")
@click.option("--dry-run", is_flag=True, help="Show what would be run, and run nothing (as `plan up`).")
@options.connecting
@options.running
@click.option("--allow-missing", is_flag=True, help="Accept applied migrations whose files are gone.")
@click.option("--allow-out-of-order", is_flag=True, help="Accept pending ones older than applied ones.")
@options.tenants
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, to: str | None, steps: int | None, dry_run: bool, output: str, **flags: Any) -> int:
    """Apply what is pending, in the order of the versions.

    Safe to run from every replica of a deploy at once: one works, the others wait and find nothing to do. A failure
    rolls its migration back and leaves the earlier ones applied.

    \b
    Examples:
      dbops migrate up
      dbops migrate up --to 0142 --lock-timeout 5s --retries 10
      dbops migrate up --dry-run
      dbops migrate up --schemas 'tenant_*' --canary 2 --jobs 8
    """
    if to is not None and steps is not None:
        raise click.UsageError("--to and --steps exclude each other")
    from dbops.cli.migrate.work import Work, exit_status, perform
    from dbops.migrate.plan import Accepted

    accepted = Accepted(flags["allow_modified"], flags["allow_missing"], flags["allow_out_of_order"])

    def call(work: Work) -> Any:
        if dry_run:
            from dbops.migrate.inspect import plan

            return plan(work.dsn, work.options, accepted, to=to, steps=steps, interrupt=work.interrupt)
        from dbops.migrate.commands import up

        return up(work.dsn, work.options, accepted, to=to, steps=steps, interrupt=work.interrupt)

    return exit_status(perform(common, output, flags, call))
