"""``dbops advise replicas``."""

from __future__ import annotations

import click

from dbops.cli import options, screen
from dbops.cli.context import Common


@click.command("replicas")
@options.dsn
@click.option("--for", "seconds", type=options.Bound(), metavar="TIME", help="Watch for so long, and judge that alone.")
@click.option("-n", "--limit", type=click.IntRange(1, 5000), default=20, show_default=True, help="Show so many.")
@options.output("table", "json")
@click.pass_obj
def command(common: Common, dsn: str | None, seconds: float | None, limit: int, output: str) -> int:
    """Say which statements a standby could answer, and which share of the time that is.

    Reads pg_stat_statements on the primary, and judges each statement of the database: whether it only reads, also
    through functions and views, and whether what it reads is there on a standby. What looks like a read and is none is
    named: FOR UPDATE, nextval(), volatile functions, unlogged tables. With --for it also says how often what each reads
    is written.

    \b
    Examples:
      dbops advise replicas
      dbops advise replicas --for 60s
      dbops advise replicas -o json | jq '.data.routable_share'
    """
    from dbops.cli.render import document
    from dbops.cli.reporting import Reporting
    from dbops.cli.signals import interruptible
    from dbops.output.stream import put
    from dbops.output.workload import replicas as shown
    from dbops.postgres.dsn import resolve
    from dbops.workload.replicas import Request, replicas

    common.configure_log("advise replicas")
    target = resolve(common.settings, dsn, direct=True)
    reporting = Reporting(common.style(), json=output == "json")
    request = Request(seconds, limit, common.settings.value("environment"), reporting.event)
    with interruptible() as interrupt:
        result = replicas(target, request, interrupt)
    reporting.clear()
    if output == "json":
        document(result)
    else:
        put(shown.render(result, common.style(), screen.width()))
    return 0
