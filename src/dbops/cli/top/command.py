"""``dbops top``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common

ORDERS = ("total", "mean", "calls", "rows", "io", "temp", "wal")


@click.command("top")
@options.dsn
@click.option("--for", "seconds", type=options.Bound(), metavar="TIME", help="Watch for so long, and show that alone.")
@click.option("--sort", type=click.Choice(ORDERS), default="total", show_default=True, help="What comes first.")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Show so many.")
@click.option("--all-databases", is_flag=True, help="Of all databases of the server.")
@click.option("--full", is_flag=True, help="Show each query in full.")
@click.option(
    "--watch", is_flag=False, flag_value="2s", type=options.Bound(), metavar="[SECONDS]", help="Look again and again."
)
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write one page to FILE.")
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, output: str, **flags: Any) -> int:
    """Show which statements take the time: by total, mean, calls, rows, I/O, temporary files or WAL.

    Reads pg_stat_statements. Without --for these are the totals since they were last reset, where what is over long ago
    weighs as much as what goes on now; --for 60s shows what was added in a minute. A statement counts when it has
    ended: one that still runs is not in the figures.

    --watch shows the last minute (or --for) again and again until Ctrl-C.

    \b
    Examples:
      dbops top
      dbops top --for 60s
      dbops top --for 30s --sort io --html top.html
      dbops top --watch
      dbops top --all-databases -o json
    """
    from dbops.cli.top import perform

    common.configure_log("top")
    return perform.top(common, output, flags)
