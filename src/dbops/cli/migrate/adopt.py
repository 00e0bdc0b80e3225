"""``dbops migrate adopt``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common


@click.command("adopt")
@click.option("--origin", type=options.TEXT, metavar="NAME", help="The other tool, where several have a table.")
@click.option("--from-schema", type=options.TEXT, metavar="NAME", help="Schema of its table [default: search path].")
@click.option("--from-table", type=options.TEXT, metavar="NAME", help="Its table's name, where it isn't the usual one.")
@click.option("--allow-missing", is_flag=True, help="Leave out what it applied and has no file here.")
@click.option("--allow-modified", is_flag=True, help="Accept files that were edited after it applied them.")
@click.option("--dry-run", is_flag=True, help="Show what would be recorded, and change nothing.")
@options.reason
@options.connecting
@options.locking
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, output: str, **flags: Any) -> None:
    """Take over a database from another migration tool.

    Reads the tool's version table, checks it against the folder's files, and records in dbops's own history what is
    applied, with its time and where it comes from. Nothing is run, and the tool's table stays as it is. Adopting twice
    does nothing. Knows dbmate, golang-migrate, goose, Flyway, diesel, sqitch, node-pg-migrate, yoyo and Atlas. Of an
    Alembic project, which dbops runs as it is, it says what is applied.

    \b
    Examples:
      dbops migrate adopt --dir db/migrations --dry-run
      dbops migrate adopt --origin flyway --from-schema audit
      dbops migrate adopt -o json | jq '.data.adopted[].version'
    """
    from dbops.cli.migrate.work import perform
    from dbops.migrate.adopt.adopt import adopt
    from dbops.migrate.adopt.recognise import Adopting

    adopting = Adopting(
        origin=flags["origin"],
        schema=flags["from_schema"],
        table=flags["from_table"],
        allow_missing=flags["allow_missing"],
        allow_modified=flags["allow_modified"],
        reason=flags["reason"],
        dry_run=flags["dry_run"],
    )
    perform(common, output, flags, lambda work: adopt(work.dsn, work.options, adopting, interrupt=work.interrupt))
