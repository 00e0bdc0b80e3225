"""``dbops advise cache``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dbops.cli import options, screen
from dbops.cli.context import Common


@click.command("cache")
@click.argument("more", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@options.dsn
@click.option("--for", "seconds", type=options.Bound(), metavar="TIME", help="Watch for so long, and judge that alone.")
@click.option(
    "--stale",
    type=options.DURATION,
    default="30s",
    show_default=True,
    metavar="TIME",
    help="How old an answer may be; 0 for not at all.",
)
@click.option(
    "--min-saved",
    type=click.FloatRange(0),
    default=10.0,
    show_default=True,
    metavar="MS",
    help="What saves less ms of execution a second is not worth it.",
)
@click.option("-n", "--limit", type=click.IntRange(1, 5000), default=20, show_default=True, help="Show so many.")
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Count the hits in this log: csvlog, jsonlog or text, plain or compressed; - is stdin.",
)
@click.option("--log-line-prefix", type=str, metavar="PREFIX", help="Of logs as text [default: as recognised].")
@click.option("--encoding", type=options.TEXT, default="utf-8", show_default=True, help="Of the logs.")
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, output: str, **flags: Any) -> int:
    """Say which statements a cache would answer, how, and what that would save.

    Reads pg_stat_statements, and says of each statement of the database whether earlier answers would do, with which
    strategy, for how long, and how many ms of execution a second go away. What can't be cached is named with the
    reason. It also says what shared_buffers, PostgreSQL's own cache, brings.

    How often a statement is asked with the same values no counter tells. With --log (log_min_duration_statement = 0)
    the log's calls and writes are replayed through a cache, and its hits counted.

    \b
    Examples:
      dbops advise cache
      dbops advise cache --for 60s --stale 5s
      dbops advise cache --log postgresql-*.csv.gz
      dbops advise cache --stale 0 --log - < postgresql.log
      dbops advise cache -o json | jq '.data.statements[] | {query, strategy, ttl_seconds}'
    """
    from dbops.cli.render import document
    from dbops.cli.reporting import Reporting
    from dbops.cli.signals import interruptible
    from dbops.output.stream import put
    from dbops.output.workload import cache as shown
    from dbops.postgres.dsn import resolve
    from dbops.workload.caching import Request, cache

    common.configure_log("advise cache")
    log = _log(flags)
    target = resolve(common.settings, flags["dsn"], direct=True)
    reporting = Reporting(common.style(), json=output == "json")
    request = Request(
        seconds=flags["seconds"],
        limit=flags["limit"],
        stale=flags["stale"],
        least=flags["min_saved"],
        log=log,
        environment=common.settings.value("environment"),
        report=reporting.event,
    )
    with interruptible() as interrupt:
        result = cache(target, request, interrupt)
    reporting.clear()
    if output == "json":
        document(result)
    else:
        put(shown.render(result, common.style(), screen.width()))
    return 0


def _log(flags: dict[str, Any]) -> Any:
    """Return which logs are to be read and how, None for none. Raises UsageError for files without --log."""
    from dbops.cli.logs import refuse_unknown
    from dbops.errors import UsageError
    from dbops.workload.followed import Log

    if not flags["logs"]:
        if flags["more"]:
            raise UsageError(
                f"{flags['more'][0]}: without --log it is not known what this is",
                hint="name a log of PostgreSQL: --log FILE",
                details=[{"field": "--log", "error": "missing"}],
            )
        return None
    refuse_unknown(flags["log_line_prefix"], flags["encoding"])
    return Log((*flags["logs"], *flags["more"]), flags["log_line_prefix"], flags["encoding"])
