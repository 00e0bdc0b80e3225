"""``dbops nplusone``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.cli.logs import reads_logs


@click.command("nplusone")
@click.argument("more", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@reads_logs("A log of PostgreSQL")
@click.option("--follow", is_flag=True, help="Go on as the logs grow, until Ctrl-C; FILE may be a folder or a pattern.")
@click.option("--from-start", is_flag=True, help="With --follow: read what is in the logs already, too.")
@click.option("--statements", is_flag=True, help="Look at the counters of pg_stat_statements instead of logs.")
@options.dsn
@click.option("--for", "seconds", type=options.Bound(), metavar="TIME", help="Watch counters or logs for so long.")
@click.option("--database", type=options.TEXT, metavar="NAME", help="Of this database alone.")
@click.option("--min-calls", type=click.IntRange(2), default=5, show_default=True, help="Leave shorter loops out.")
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Whose models the source uses [default: the nearest folder with a pyproject.toml, manage.py or the like].",
)
@options.output("table", "json", "github")
@click.pass_obj
def command(common: Common, /, output: str, **flags: Any) -> int:
    """Find the loops that ask the database once for each row of an earlier answer.

    With --log it reads what sessions executed (log_min_duration_statement = 0, or log_statement = all), and finds,
    within a transaction, a trace or an uninterrupted run, a query that is asked again and again with another key after
    a query that could have brought all of it. It asks no database.

    With --statements it reads pg_stat_statements, and suspects lookups by key that are called once for each row of
    another query.

    With PATHs it reads Python source, of Django and SQLAlchemy, and says which expression asks in which loop, template
    or serializer, and what to write instead. A comment silences a finding:  # dbops: ignore nplusone there are few

    Exit status: 0 nothing found, 1 something, 3 nothing was there to look at, or a file can't be parsed.

    \b
    Examples:
      dbops nplusone src/
      dbops nplusone --log /var/log/postgresql/postgresql-15-main.log
      dbops nplusone --log postgresql-*.csv.gz -o json
      dbops nplusone --log rds.log --log-line-prefix '%t:%r:%u@%d:[%p]:'
      zcat old.log.gz | dbops nplusone --log - --min-calls 20
      dbops nplusone --log /var/lib/postgresql/data/log --follow
      dbops nplusone --statements --for 60s
    """
    common.configure_log("nplusone")
    if flags["more"] and not flags["logs"] and not flags["statements"]:
        from dbops.cli.nplusone.source import source

        return source(common, output, flags)
    if output == "github" or flags["project"] is not None:
        raise click.UsageError(
            "-o github and --project are for source: name a PATH, and neither --log nor --statements"
        )
    from dbops.cli.nplusone import perform

    return perform.nplusone(common, output, flags)
