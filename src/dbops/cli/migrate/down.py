"""``dbops migrate down``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("down")
@click.option("--to", metavar="VERSION", help="Revert everything applied after this version, which stays.")
@click.option("--steps", type=click.IntRange(1), help="Revert so many [default: 1].")
@click.option("--all", "everything", is_flag=True, help="Revert everything.")
@click.option("--dry-run", is_flag=True, help="Show what would be run, and run nothing (as `plan down`).")
@options.connecting
@options.running
@options.tenants
@options.output("table", "json")
@click.pass_obj
def command(
    common: Common, /, to: str | None, steps: int | None, everything: bool, dry_run: bool, output: str, **flags: Any
) -> int:
    """Revert migrations, the latest applied first; one, when nothing else is said.

    Refuses before it touches anything when one of them has no down, or its file is gone or was edited.

    \b
    Examples:
      dbops migrate down
      dbops migrate down --to 0140
      dbops migrate down --all --dry-run
    """
    if sum((to is not None, steps is not None, everything)) > 1:
        raise click.UsageError("--to, --steps and --all exclude each other")
    from dbops.cli.migrate.work import Work, exit_status, perform
    from dbops.migrate.plan import Accepted

    accepted = Accepted(modified=flags["allow_modified"])

    def call(work: Work) -> Any:
        which: Any = {"to": to, "steps": steps, "everything": everything, "interrupt": work.interrupt}
        if dry_run:
            from dbops.migrate.inspect import plan

            return plan(work.dsn, work.options, accepted, direction="down", **which)
        from dbops.migrate.commands import down

        return down(work.dsn, work.options, accepted, **which)

    return exit_status(perform(common, output, flags, call))
