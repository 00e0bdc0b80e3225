"""What ``dbops nplusone PATH…`` does around its call: which options go with it, progress, printing."""

from __future__ import annotations

from typing import Any

from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.render import document
from dbops.cli.reporting import Reporting
from dbops.cli.signals import interruptible
from dbops.errors import UsageError
from dbops.output.stream import put
from dbops.workload.sources import SourceRequest, nplusone_in_source

_OF_OTHERS = {
    "log_line_prefix": "--log-line-prefix",
    "follow": "--follow",
    "from_start": "--from-start",
    "dsn": "--dsn",
    "seconds": "--for",
    "database": "--database",
}


def source(common: Common, output: str, flags: dict[str, Any]) -> int:
    """Look, print, and return the exit status."""
    for key, name in _OF_OTHERS.items():
        if flags[key]:
            raise UsageError(
                f"{name} is for logs and counters, and {flags['more'][0]} is read as Python source",
                hint="name a log with --log FILE, or leave the option out",
                details=[{"field": name, "error": "contradiction"}],
            )
    reporting = Reporting(common.style(), json=output == "json")
    request = SourceRequest(tuple(map(str, flags["more"])), flags["project"], report=reporting.event)
    with interruptible() as interrupt:
        result = nplusone_in_source(request, interrupt)
    reporting.clear()
    if output == "json":
        document(result)
        return result.exit_status
    from dbops.output.workload import nplusone_source

    if output == "github":
        text = nplusone_source.github(result)
        put(text, end="\n" if text else "")
    else:
        put(nplusone_source.render(result, common.style(), screen.width()))
    return result.exit_status
