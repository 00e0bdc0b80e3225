"""``dbops migrate new``."""

from __future__ import annotations

from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.cli.render import document


@click.command("new")
@click.argument("name")
@click.option(
    "--from-models", type=options.TEXT, metavar="MODULE:NAME", help="Write what takes the database to these models."
)
@click.option("--from-db", type=options.TEXT, metavar="DSN", help="Write what takes it to this database's schema.")
@options.connecting
@options.output("table", "json")
@click.pass_obj
def command(
    common: Common, /, name: str, from_models: str | None, from_db: str | None, output: str, **flags: Any
) -> None:
    """Make a migration file, empty unless it is to be written by comparison.

    Its version goes on as the folder's do: a folder that counts (0001, 0002) goes on counting, any other gets the
    time. A folder of another tool's migrations gets one in that tool's format. Needs no database.

    With --from-models (SQLAlchemy's MetaData, or a declarative base) or --from-db, the database is compared, and only
    read: the file gets the SQL for the up and for the down. What the comparison can't express stands in it as a
    comment, and is told. Nothing is written when nothing differs.

    \b
    Examples:
      dbops migrate new add_orders_note
      dbops migrate new orders --from-models app.models:metadata
      dbops migrate new hotfix --dsn embedded:dev --from-db "$PRODUCTION"
    """
    if from_models is not None and from_db is not None:
        raise click.UsageError("--from-models and --from-db exclude each other")
    if from_models is not None or from_db is not None:
        _compare(common, output, flags, name, from_models, from_db)
        return
    from dbops.cli.migrate.work import directory
    from dbops.migrate.source import new
    from dbops.output.migrate import render
    from dbops.output.stream import put

    file_format = common.settings.value("migrate.format", flags["file_format"])
    result = new(directory(common, flags["directory"]), name, format=file_format)
    if output == "json":
        document(result)
    else:
        put(render(result, common.style()))


def _compare(
    common: Common, output: str, flags: dict[str, Any], name: str, models: str | None, database: str | None
) -> None:
    from dbops.cli.migrate.work import Work, perform
    from dbops.migrate.alembic.new import from_database, from_models
    from dbops.postgres.dsn import Dsn

    def call(work: Work) -> Any:
        if models is not None:
            return from_models(work.dsn, work.options, name, models, interrupt=work.interrupt)
        return from_database(work.dsn, work.options, name, Dsn(database or "", "--from-db"), interrupt=work.interrupt)

    perform(common, output, flags, call)
