"""``dbops migrate drift``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.errors import ATTENTION


@click.command("drift")
@click.option(
    "--ignore", type=options.TEXT, multiple=True, metavar="KIND:PATTERN", help="Leave out, such as index:public.tmp_*."
)
@click.option("--ignore-column-order", is_flag=True, help="The order of columns may differ.")
@click.option("--fix", type=options.TEXT, metavar="NAME", help="Write a migration with what can be expressed.")
@options.scratch
@options.connecting
@options.output("table", "json", "junit")
@click.pass_obj
def command(
    common: Common, /, ignore: tuple[str, ...], ignore_column_order: bool, fix: str | None, output: str, **flags: Any
) -> int:
    """Compare the database with what its applied migrations build.

    The migrations that are applied are run on a scratch server; the database is only read, and may be a standby.
    "Missing" is what the migrations build and the database lacks, "unexpected" what it has and no migration made.

    --fix NAME writes a migration that makes what the migrations build into what the database has, and back: to keep
    what was done by hand, record it here with `dbops migrate mark applied`; to undo that, run its down.

    Exit status 0 when nothing differs, 1 when something does.

    \b
    Examples:
      dbops migrate drift
      dbops migrate drift --ignore 'index:public.tmp_*' --ignore-column-order
      dbops migrate drift --fix keep_hot_flag
      dbops migrate drift -o json | jq '.data.differences[] | .kind + " " + .object'
    """
    from dbops.cli.migrate.work import perform, scratch_dsn
    from dbops.migrate.drift.chosen import ignored
    from dbops.migrate.drift.run import Comparing, drift

    patterns = [*ignore, *common.settings.value("migrate.drift_ignore")]
    comparing = Comparing(
        tuple(map(ignored, patterns)),
        ignore_column_order,
        scratch_dsn(common, flags["scratch_dsn"]),
        flags["as_superuser"],
        fix,
    )
    result = perform(
        common,
        output,
        flags,
        lambda work: drift(work.dsn, work.options, comparing, interrupt=work.interrupt),
    )
    return ATTENTION if result.differences else 0
