"""``dbops migrate import``."""

from __future__ import annotations

from pathlib import Path

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.cli.render import document


@click.command("import")
@click.argument("source", type=options.Folder(path_type=Path))
@click.option("--to", type=options.Folder(path_type=Path), metavar="DIR", help="Where to [default: sql/migrations].")
@click.option("--format", "file_format", type=options.TEXT, metavar="NAME", help="SOURCE's format, as recognised.")
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, source: Path, to: Path | None, file_format: str | None, output: str) -> None:
    """Write another tool's folder of migrations anew, in dbops's own format.

    The order stays, and so does the SQL. Versions stay where they are numbers, and are counted elsewhere. SOURCE is
    left as it is, and the folder that is written to must hold no migrations. Needs no database.

    \b
    Examples:
      dbops migrate import db/migrate
      dbops migrate import flyway/sql --to sql/migrations -o json
    """
    from dbops.cli.migrate.work import directory
    from dbops.migrate.importing import import_folder
    from dbops.output.migrate import render
    from dbops.output.stream import put

    result = import_folder(source, directory(common, to), file_format)
    if output == "json":
        document(result)
    else:
        put(render(result, common.style()))
