"""``dbops advise replicas``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dbops.cli import options, screen
from dbops.cli.context import Common

IDENTITIES = ("session", "trace", "application", "user")


@click.command("replicas")
@click.argument("more", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@options.dsn
@click.option("--for", "seconds", type=options.Bound(), metavar="TIME", help="Watch for so long, and judge that alone.")
@click.option("-n", "--limit", type=click.IntRange(1, 5000), default=20, show_default=True, help="Show so many.")
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Judge by this log how fresh answers have to be: csvlog, jsonlog or text, plain or compressed; - is stdin.",
)
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
@click.option("--log-line-prefix", type=str, metavar="PREFIX", help="Of logs as text [default: as recognised].")
@click.option("--encoding", type=options.TEXT, default="utf-8", show_default=True, help="Of the logs.")
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, output: str, **flags: Any) -> int:
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
    from dbops.cli.render import document
    from dbops.cli.reporting import Reporting
    from dbops.cli.signals import interruptible
    from dbops.output.stream import put
    from dbops.output.workload import replicas as shown
    from dbops.postgres.dsn import resolve
    from dbops.workload.replicas import Request, replicas

    common.configure_log("advise replicas")
    log = _log(flags)
    target = resolve(common.settings, flags["dsn"], direct=True)
    reporting = Reporting(common.style(), json=output == "json")
    environment = common.settings.value("environment")
    request = Request(flags["seconds"], flags["limit"], environment, reporting.event, log, flags["lag"])
    with interruptible() as interrupt:
        result = replicas(target, request, interrupt)
    reporting.clear()
    if output == "json":
        document(result)
    else:
        put(shown.render(result, common.style(), screen.width()))
    return 0


def _log(flags: dict[str, Any]) -> Any:
    """Return which logs are to be read and how, None for none. Raises UsageError for what says how without them."""
    from dbops.cli.logs import refuse_unknown
    from dbops.errors import UsageError
    from dbops.results.workload import Identity
    from dbops.workload.followed import Log

    files = (*flags["logs"], *flags["more"])
    if not flags["logs"]:
        given = [f"--{name}" for name in ("lag", "identity") if flags[name] is not None]
        if files or given:
            raise UsageError(
                f"{', '.join(map(str, (*given, *files)))}: without --log there is no log that this is about",
                hint="name a log of PostgreSQL: --log FILE",
                details=[{"field": "--log", "error": "missing"}],
            )
        return None
    refuse_unknown(flags["log_line_prefix"], flags["encoding"])
    identity = None if flags["identity"] is None else Identity(flags["identity"])
    return Log(files, flags["log_line_prefix"], flags["encoding"], identity)
