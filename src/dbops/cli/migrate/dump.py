"""``dbops migrate dump``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.errors import ATTENTION

if TYPE_CHECKING:
    from dbops.cli.migrate.work import Work
    from dbops.results.dump import DumpResult

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("dump")
@click.option("-f", "--file", type=_FILE, metavar="FILE", help="Write it to this file, at once or not at all.")
@click.option("--check", type=_FILE, metavar="FILE", help="Write nothing; exit 1 with a diff when the file is stale.")
@click.option("--grants", is_flag=True, help="With privileges; their roles must exist where it is loaded.")
@options.connecting
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, file: Path | None, check: Path | None, grants: bool, output: str, **flags: Any) -> int:
    """Write the schema as SQL that is the same until the schema changes.

    By pg_dump, without owners, without the history's tables, without dates and versions; which migrations are applied
    is a comment at the end. psql loads it.

    \b
    Examples:
      dbops migrate dump -f sql/schema.sql
      dbops migrate dump --check sql/schema.sql
    """
    if file is not None and check is not None:
        raise click.UsageError("--file writes and --check does not: give one of them")
    from dbops.cli.migrate.work import perform

    result = perform(common, output, flags, lambda work: _dumped(work, file, check, grants=grants))
    return ATTENTION if result.stale else 0


def _dumped(work: Work, file: Path | None, check: Path | None, *, grants: bool) -> DumpResult:
    from dataclasses import replace

    from dbops.cli.write import replaceable, write
    from dbops.migrate.dump.run import compared, dump

    if file is not None:
        replaceable(file)
    result = dump(work.dsn, work.options, grants=grants, interrupt=work.interrupt)
    if check is not None:
        return compared(result, check)
    if file is None:
        return result
    write(file, result.schema)
    return replace(result, file=str(file))
