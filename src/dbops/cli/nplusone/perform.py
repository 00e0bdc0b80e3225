"""What ``dbops nplusone`` does around its call: options, progress, printing."""

from __future__ import annotations

from pathlib import Path

from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.logs import refuse_unknown
from dbops.cli.render import document
from dbops.cli.reporting import Reporting
from dbops.cli.signals import interruptible
from dbops.output.stream import put
from dbops.workload.loops import Request
from dbops.workload.loops import nplusone as find


def nplusone(
    common: Common,
    output: str,
    logs: tuple[Path, ...],
    *,
    prefix: str | None,
    encoding: str,
    database: str | None,
    fewest: int,
) -> int:
    """Find, print, and return the exit status."""
    refuse_unknown(prefix, encoding)
    reporting = Reporting(common.style(), json=output == "json")
    request = Request(logs, prefix, encoding, fewest, database, reporting.event)
    with interruptible() as interrupt:
        result = find(request, interrupt)
    reporting.clear()
    if output == "json":
        document(result)
    else:
        from dbops.output.workload import nplusone as shown

        put(shown.render(result, common.style(), screen.width()))
    return result.exit_status
