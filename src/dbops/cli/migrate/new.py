"""``dbops migrate new``."""

from __future__ import annotations

from pathlib import Path

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.cli.render import document


@click.command("new")
@click.argument("name")
@options.folder
@options.file_format
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, name: str, directory: Path | None, file_format: str | None, output: str) -> None:
    """Make an empty migration file.

    Its version goes on as the folder's do: a folder that counts (0001, 0002) goes on counting, any other gets the
    time. A folder of another tool's migrations gets one in that tool's format. Needs no database.

    \b
    Example:
      dbops migrate new add_orders_note
    """
    from dbops.cli.migrate.work import directory as folder
    from dbops.migrate.source import new
    from dbops.output.migrate import render
    from dbops.output.stream import put

    result = new(folder(common, directory), name, format=common.settings.value("migrate.format", file_format))
    if output == "json":
        document(result)
    else:
        put(render(result, common.style()))
