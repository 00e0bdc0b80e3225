"""``dbops explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common

FILE = click.Path(path_type=Path)


@click.command("explain")
@click.argument("query", metavar="[QUERY]", required=False, type=options.TEXT)
@options.dsn
@click.option("-f", "--file", type=FILE, metavar="FILE", help="Read the query from FILE; - is stdin.")
@click.option("--statement", type=click.IntRange(1), metavar="N", help="Of several statements, explain this one.")
@click.option("--queryid", type=int, metavar="N", help="Explain a query that pg_stat_statements has seen.")
@click.option(
    "--plan", type=FILE, metavar="FILE", help="Read a plan captured elsewhere, JSON or text; asks no database."
)
@click.option(
    "-p", "--parameter", "values", multiple=True, metavar="NAME=VALUE", help="A parameter's value; NAME alone is NULL."
)
@click.option("--analyze/--no-analyze", default=None, help="Run it, or only plan it [default: run, not in production].")
@click.option("--allow-writes", is_flag=True, help="Run a writing statement, in a transaction that is rolled back.")
@click.option("--timeout", type=options.Bound(), default="30s", show_default=True, help="Bound on each run.")
@click.option(
    "--repeat", type=click.IntRange(1, 1000), default=1, metavar="N", help="Run it N times warm; shows medians."
)
@click.option("--full", is_flag=True, help="Show every node of a large plan.")
@click.option("--no-advice", is_flag=True, help="Don't look for indexes.")
@click.option(
    "--prove", is_flag=True, help="Copy the tables to another server, build the indexes there, and time them."
)
@click.option("--scratch-dsn", type=options.TEXT, metavar="DSN", help="Prove there [default: a throw-away server].")
@click.option(
    "--copy-limit", type=options.Size(), default="1GB", show_default=True, help="Sample what is larger in all."
)
@click.option("--write-migration", is_flag=True, help="Write the advised indexes as a migration, with up and down.")
@options.folder
@click.option("--compare", type=FILE, metavar="FILE", help="Show the plan beside the one in FILE.")
@click.option("--save", type=FILE, metavar="FILE", help="Write the plan to FILE, for --plan and --compare.")
@click.option("--html", type=FILE, metavar="FILE", help="Write one page with everything to FILE.")
@click.option("--redact", is_flag=True, help="Take the literals out of everything.")
@click.option("--show-data", is_flag=True, help="Show values from the statistics also in files and pipes.")
@click.option("--max-ms", type=click.FloatRange(0), metavar="MS", help="Exit 1 when it takes longer.")
@click.option("--max-cost", type=click.FloatRange(0), metavar="COST", help="Exit 1 when its cost is higher.")
@click.option("--forbid", multiple=True, metavar="NODE[:TABLE]", help="Exit 1 when the plan has such a node.")
@click.option("--finding", type=options.TEXT, metavar="NAME", help="Say what a finding means, and what to do.")
@options.output("text", "json")
@click.pass_obj
def command(common: Common, /, output: str, **flags: Any) -> int:
    """Say why a query is slow, and which index would help.

    Runs EXPLAIN (ANALYZE), in a read-only transaction with a timeout that is rolled back, and says where the time goes,
    what hurts, and what to do about it. In an environment called production it only plans, unless --analyze is given.
    A read-only transaction is no sandbox: a function in the query can still end other sessions, write files or reach
    other servers. What is volatile is named before it runs. Nothing is ever built on the database.

    --prove copies rows, which may be personal data, to a server that is thrown away afterwards, and times the query
    there with and without each index.

    Parameters ($1, :name, %s, ?) without a value get a common, a typical and a rare one from the statistics; these are
    values of rows, and are shown on a terminal only.

    Exit status 0 also with findings; 1 when a limit given here is broken (--max-ms, --max-cost, --forbid).

    \b
    Examples:
      dbops explain "SELECT * FROM orders WHERE customer_id = 42"
      dbops explain -f slow.sql -p customer=42 --html slow.html
      dbops explain -f slow.sql --prove --write-migration
      dbops explain --queryid 4711 --no-analyze
      dbops explain --plan from-production.json
      dbops explain -f slow.sql --save before.json && dbops explain -f slow.sql --compare before.json
      dbops explain -f report.sql --max-ms 200 --forbid seq-scan:orders -o json
    """
    from dbops.cli.explain import perform

    common.configure_log("explain")
    if flags["finding"] is not None:
        perform.finding(common, output, flags["finding"])
        return 0
    return perform.explain(common, output, flags)
