"""What ``dbops top`` does around its call: one look, or one after the other, and printing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import Any

import dbops
from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.render import document
from dbops.cli.reporting import Reporting
from dbops.cli.signals import interruptible
from dbops.cli.write import replaceable, write
from dbops.errors import INTERRUPTED, Interrupted, UsageError
from dbops.output.stream import put
from dbops.postgres.dsn import resolve
from dbops.results.workload import Order, TopResult
from dbops.workload.top import Request, watch
from dbops.workload.top import top as look


def top(common: Common, output: str, flags: dict[str, Any]) -> int:
    """Look, print, and return the exit status."""
    if flags["html"] is not None:
        if flags["watch"] is not None:
            raise UsageError("--watch and --html exclude each other", hint="give --for and --html")
        replaceable(flags["html"], "--html")  # before statements are watched, not after
    dsn = resolve(common.settings, flags["dsn"], direct=True)
    reporting = Reporting(common.style(), json=output == "json")
    request = Request(
        seconds=flags["seconds"],
        order=Order(flags["sort"]),
        limit=flags["limit"],
        everywhere=flags["all_databases"],
        environment=common.settings.value("environment"),
        report=reporting.event,
    )
    with interruptible() as interrupt:
        if flags["watch"] is not None:
            return _watch(common, output, flags, watch(dsn, request, flags["watch"], interrupt))
        result = look(dsn, request, interrupt)
    reporting.clear()
    if flags["html"] is not None:
        from dbops.output.workload import page

        write(flags["html"], page.render(result, dbops.__version__, screen.now()), "--html")
    if output == "json":
        document(result)
        return 0
    from dbops.output.workload import top as shown

    put(shown.render(result, common.style(), screen.width(), full=flags["full"]))
    return 0


def _watch(common: Common, output: str, flags: dict[str, Any], results: Iterator[TopResult]) -> int:
    """Show one result after the other until nobody reads it any more; whoever ends it by a signal wanted no error."""
    from dbops.output.envelope import success
    from dbops.output.workload import top as shown

    style, live = common.style(), output == "table" and sys.stdout.isatty()
    try:
        with screen.own(live=live):
            for result in results:
                if live:
                    size = shutil.get_terminal_size()
                    seen = screen.draw(shown.screen(result, style, size.columns, size.lines, screen.now()))
                elif output == "json":
                    seen = put(success(result))
                else:
                    seen = put(f"{screen.now()}\n{shown.render(result, style, screen.width(), full=flags['full'])}\n")
                if not seen:
                    return 0
    except Interrupted:
        return INTERRUPTED
    return 0
