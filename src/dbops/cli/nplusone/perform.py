"""What ``dbops nplusone`` does around its call: options, progress, printing."""

from __future__ import annotations

import codecs
from pathlib import Path

from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.render import document
from dbops.cli.reporting import Reporting
from dbops.cli.signals import interruptible
from dbops.errors import UsageError
from dbops.output.stream import put
from dbops.workload.logs.prefix import compiled
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
    _refuse_unknown(prefix, encoding)
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


def _refuse_unknown(prefix: str | None, encoding: str) -> None:
    try:
        compiled(prefix or "")
    except ValueError as error:
        raise UsageError(
            f"--log-line-prefix: {error}",
            hint="write it as SHOW log_line_prefix does, blanks at its end included",
            details=[{"field": "--log-line-prefix", "error": str(error)}],
        ) from None
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise UsageError(
            f"--encoding: there is no encoding {encoding!r}",
            hint="give one that Python knows, such as utf-8, latin-1, cp1252 or euc-jp",
            details=[{"field": "--encoding", "error": "unknown"}],
        ) from None
