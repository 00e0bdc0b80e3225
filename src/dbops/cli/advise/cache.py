"""``dbops advise cache``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.cli.logs import named_logs, reads_logs

if TYPE_CHECKING:
    from dbops.postgres.dsn import Dsn
    from dbops.postgres.interrupt import Interrupt
    from dbops.results.cache import CacheResult
    from dbops.results.progress import Event


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
@reads_logs("Count the hits in this log")
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, **flags: Any) -> int:
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
    from dbops.cli.advise.perform import advise
    from dbops.output.workload.cache import render
    from dbops.workload.caching import Request, cache

    common.configure_log("advise cache")
    log = named_logs(flags)

    def look(
        target: Dsn, environment: str | None, report: Callable[[Event], None], interrupt: Interrupt
    ) -> CacheResult:
        request = Request(
            flags["seconds"], flags["limit"], flags["stale"], flags["min_saved"], log, environment, report
        )
        return cache(target, request, interrupt)

    return advise(common, flags, look, render)
