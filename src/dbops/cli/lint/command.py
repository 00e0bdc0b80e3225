"""``dbops lint``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common

NAMES = options.Names()


@click.command("lint")
@click.argument("paths", metavar="[PATH]…", nargs=-1, type=options.TEXT)
@options.dsn
@click.option("--database", is_flag=True, help="Ask the configured database, as --dsn does.")
@options.folder
@click.option(
    "--pg-version", type=click.IntRange(13, 18), help="Judge for this version [default: the server's, or 18]."
)
@click.option(
    "--select", type=NAMES, multiple=True, metavar="RULES", help="Ask only these: names, prefer-*, query, all."
)
@click.option("--ignore", type=NAMES, multiple=True, metavar="RULES", help="Don't ask these.")
@click.option(
    "--fail-on",
    type=click.Choice(["info", "warning", "error"]),
    help="Exit 1 from this severity on [default: warning].",
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option("--fix", is_flag=True, help="Edit the files where that is safe.")
@click.option("--diff", is_flag=True, help="Show what --fix would do, and do nothing.")
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Don't report the findings in FILE.")
@click.option("--write-baseline", is_flag=True, help="Write all findings into the baseline's FILE.")
@click.option(
    "--assume-in-transaction", is_flag=True, default=None, help="Plain SQL files are run in a transaction each."
)
@click.option("--stdin-filename", type=options.TEXT, metavar="NAME", help="What stdin (-) is called.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes [default: one a processor].")
@click.option("--no-cache", is_flag=True, help="Read every file anew.")
@click.option("--rules", is_flag=True, help="List the rules.")
@click.option(
    "--explain", type=options.TEXT, metavar="RULE", help="Say what a rule finds, why, and what to do instead."
)
@options.output("text", "json", "github", "sarif", "junit")
@click.pass_obj
def command(common: Common, /, paths: tuple[str, ...], output: str, **flags: Any) -> int:
    """Find the query and the migration that will hurt, before they ship.

    Reads .sql files, folders of migrations (up and down are judged apart, each with what earlier ones built known) and
    the SQL in .py files. With --dsn, or with migrations, it knows columns, keys and types; with --dsn the tables'
    sizes, too. Nothing is run, and nothing is written without --fix: don't --fix migrations that are applied.

    Exit status 0 when nothing is found, 1 with findings. A comment silences a finding on its line, or in the statement
    after it:  -- dbops: ignore select-star the export needs every column

    \b
    Examples:
      dbops lint                                  # the working directory
      dbops lint sql/migrations app/ -o github
      dbops lint --dsn "$REPLICA" 'sql/**/*.sql'
      dbops lint --diff sql/queries
      echo 'SELECT * FROM orders' | dbops lint -
      dbops lint --explain unpaginated-query
    """
    from dbops.cli.lint import perform

    common.configure_log("lint")
    if flags["rules"] or flags["explain"]:
        perform.rules(common, output, flags["explain"])
        return 0
    if flags["fix"] and flags["diff"]:
        raise click.UsageError("--fix and --diff exclude each other")
    return perform.lint(common, paths or (".",), output, flags)
