"""``dbops advise replicas``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.cli.logs import named_logs, reads_logs

if TYPE_CHECKING:
    from dbops.postgres.dsn import Dsn
    from dbops.postgres.interrupt import Interrupt
    from dbops.results.progress import Event
    from dbops.results.workload import ReplicasResult

IDENTITIES = ("session", "trace", "application", "user")


@click.command("replicas")
@click.argument("more", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@options.dsn
@click.option("--for", "seconds", type=options.Bound(), metavar="TIME", help="Watch for so long, and judge that alone.")
@click.option("-n", "--limit", type=click.IntRange(1, 5000), default=20, show_default=True, help="Show so many.")
@reads_logs("Judge by this log how fresh answers have to be")
@click.option(
    "--lag",
    type=options.DURATION,
    metavar="TIME",
    help="With --log: for a standby so far behind [default: as measured].",
)
@click.option(
    "--identity",
    type=click.Choice(IDENTITIES),
    help="With --log: what tells clients apart, who see what they write [default: as recognised].",
)
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, **flags: Any) -> int:
    """Say which statements a standby could answer, and which share of the time that is.

    Reads pg_stat_statements on the primary, and judges each statement of the database: whether it only reads, also
    through functions and views, and whether what it reads is there on a standby. What looks like a read and is none is
    named: FOR UPDATE, nextval(), volatile functions, unlogged tables. With --for it also says how often what each reads
    is written.

    Counters don't tell who reads what. With --log (log_min_duration_statement = 0) it also judges how many calls are in
    transactions that write, and how many follow a write of their own client by less than the lag of the standbys.

    \b
    Examples:
      dbops advise replicas
      dbops advise replicas --for 60s
      dbops advise replicas --for 60s --log /var/log/postgresql/postgresql-15-main.log
      dbops advise replicas --lag 5s --log postgresql-*.csv.gz
      dbops advise replicas -o json | jq '.data.routable_share'
    """
    from dbops.cli.advise.perform import advise
    from dbops.output.workload.replicas import render
    from dbops.results.workload import Identity
    from dbops.workload.replicas import Request, replicas

    common.configure_log("advise replicas")
    log = named_logs(flags, "lag", "identity")
    if log is not None and flags["identity"] is not None:
        log = replace(log, identity=Identity(flags["identity"]))

    def look(
        target: Dsn, environment: str | None, report: Callable[[Event], None], interrupt: Interrupt
    ) -> ReplicasResult:
        request = Request(flags["seconds"], flags["limit"], environment, report, log, flags["lag"])
        return replicas(target, request, interrupt)

    return advise(common, flags, look, render)
