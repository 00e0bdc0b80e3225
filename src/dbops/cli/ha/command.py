"""``dbops ha-status``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dbops.cli import options
from dbops.cli.context import Common

LAG = options.Lag()


@click.command("ha-status")
@options.dsn
@click.option(
    "--node",
    "nodes",
    multiple=True,
    type=options.TEXT,
    metavar="[NAME=]DSN",
    help="A node, with the name it should have; repeat it. From a single one the others are found.",
)
@click.option("--patroni", type=options.TEXT, metavar="URL", help="Ask Patroni's REST API too, of any member.")
@click.option("--discover", is_flag=True, help="Also ask nodes that nobody named and others know of.")
@click.option("--candidate", type=options.TEXT, metavar="NAME", help="Judge the promotion of this standby.")
@click.option(
    "--for",
    "question",
    type=click.Choice(["switchover", "emergency"]),
    help="Exit by this verdict [default: the worse].",
)
@click.option("--expect-standbys", type=click.IntRange(0), metavar="N", help="How many standbys should stream.")
@click.option("--warning-lag", type=LAG, multiple=True, metavar="LAG", help="Warn from here [default: 16MB, 30s].")
@click.option("--critical-lag", type=LAG, multiple=True, metavar="LAG", help="Block from here [default: 256MB, 5min].")
@click.option("--timeout", type=options.Bound(), help="Bound on each node's answers [default: 5s].")
@click.option("--observe", type=options.DURATION, help="Watch positions for so long [default: 2s].")
@click.option("--probe/--no-probe", default=True, help="Measure seconds of lag by the LSN probe [default: yes].")
@click.option("--sample", type=click.IntRange(2, 3600), metavar="N", help="Watch for N seconds, and draw the lag.")
@click.option(
    "--watch", is_flag=False, flag_value="2s", type=options.Bound(), metavar="[SECONDS]", help="Ask again and again."
)
@click.option("--write", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, renamed into place.")
@click.option("--explain", type=options.TEXT, metavar="CHECK", help="Say what a check means, and what to do.")
@click.option("--checks", is_flag=True, help="List the checks.")
@options.output("table", "json", "nagios", "prometheus", "html")
@click.pass_obj
def command(common: Common, /, output: str, **flags: Any) -> int:
    """Say whether a failover would work right now: who would be promoted, what would be lost, what stands against it.

    Asks all nodes at once, each within --timeout, and changes nothing. Two questions are answered: a planned
    SWITCHOVER, and an EMERGENCY in which the primary is lost. What can't be seen from here is unknown, and never good.

    Nodes come from --node, from ha.nodes in the configuration, or from the database's DSN, which may name several
    hosts. A node's NAME should be its application_name: a node that does not answer is then known to whoever feeds it.

    Exit status: 0 ready, 1 degraded, 2 not ready, 3 unknown: of the worse of both answers, or of the one --for names.

    \b
    Examples:
      dbops ha-status --node n1=postgresql://monitor@db1/app --node n2=postgresql://monitor@db2/app
      dbops ha-status --dsn 'host=db1,db2,db3 user=monitor dbname=app' --expect-standbys 2
      dbops ha-status --for emergency && echo 'n2 may be promoted'
      dbops ha-status --patroni https://db1:8008 --watch
      dbops ha-status --sample 60 -o html --write status.html
      dbops ha-status -o nagios --warning-lag 64MB --warning-lag 1min
      dbops ha-status -o prometheus --write /var/lib/node_exporter/dbops.prom
      dbops ha-status --explain logical-slots
    """
    common.configure_log("ha-status")
    if flags["explain"] is not None or flags["checks"]:
        from dbops.cli.ha import catalogue

        catalogue.show(common, output, flags["explain"])
        return 0
    from dbops.cli.ha import perform

    return perform.status(common, output, flags)
