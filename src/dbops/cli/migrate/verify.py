"""``dbops migrate verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.errors import ATTENTION, BAD

if TYPE_CHECKING:
    from dbops.postgres.dsn import Dsn


@click.command("verify")
@click.option("--from", "start", metavar="VERSION", help="Verify from this version on; earlier ones are only applied.")
@click.option("--only", type=click.Choice(["pending"]), help="Verify what the database (--dsn) has not applied.")
@click.option("--ignore-column-order", is_flag=True, help="A column may come back at the table's end.")
@click.option("--data", is_flag=True, help="Fill the tables, and see that the rows outlive up and down.")
@click.option("--jobs", type=click.IntRange(1, 16), default=2, help="Trials at once [default: 2].")
@options.scratch
@options.connecting
@options.output("table", "json", "junit")
@click.pass_obj
def command(common: Common, /, start: str | None, only: str | None, output: str, **flags: Any) -> int:
    """Prove that every down restores the schema.

    On a scratch server each migration is run up, down and up again, from what the earlier ones made. After down the
    schema must be what it was before, after the second up what it was after the first. Your database is not touched;
    it is asked for its history with --only pending.

    With --data rows are written to the tables first, and must still be there after up and down.

    Exit status 0 when all are restored, 1 when some have no down or could not be tried with rows, 2 otherwise.

    \b
    Examples:
      dbops migrate verify
      dbops migrate verify --from 0140 -o junit > verify.xml
      dbops migrate verify --only pending --scratch-dsn postgresql://ci@localhost/postgres
    """
    from dbops.cli.migrate.work import perform_on_scratch, scratch_dsn
    from dbops.migrate.verify.verify import Choice, verify
    from dbops.results.verify import Outcome

    choice = Choice(
        start=start,
        pending=only == "pending",
        target=_target(common, flags["dsn"], needed=only is not None),
        jobs=flags["jobs"],
        scratch=scratch_dsn(common, flags["scratch_dsn"]),
        superuser=flags["as_superuser"],
        ignore_column_order=flags["ignore_column_order"],
        data=flags["data"],
    )
    result = perform_on_scratch(
        common, output, flags, lambda chosen, interrupt: verify(chosen, choice, interrupt=interrupt)
    )
    return BAD if result.is_bad else ATTENTION if result.count(Outcome.IRREVERSIBLE) or result.unsure else 0


def _target(common: Common, flag: str | None, *, needed: bool) -> Dsn | None:
    """Return the database that is to be spared, None where it is not ``needed`` and none is named."""
    from dbops.errors import ConfigError
    from dbops.postgres.dsn import resolve

    try:
        return resolve(common.settings, flag, direct=True)
    except ConfigError:
        if needed:
            raise
        return None
