"""What ``dbops ha-status`` does around its call: one run, or one after the other, and printing."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import replace
from typing import Any

import dbops
from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.ha.request import request
from dbops.cli.reporting import Reporting
from dbops.cli.signals import interruptible
from dbops.cli.write import replaceable, write
from dbops.errors import INTERRUPTED, Interrupted
from dbops.ha.request import Request
from dbops.ha.status import ha_status
from dbops.output.stream import put
from dbops.postgres.interrupt import Interrupt
from dbops.results.ha import HaNode, HaStatus, LagSample

_HISTORY = 120
"""Samples of each node that a watched screen remembers."""


def status(common: Common, output: str, flags: dict[str, Any]) -> int:
    """Ask, print, and return the exit status."""
    if flags["write"] is not None:
        replaceable(flags["write"])  # before the nodes are watched, not after
    reporting = Reporting(common.style(), json=output != "table")
    wanted = replace(request(common, {**flags, "output": output}), report=reporting.event)
    with interruptible() as interrupt:
        if flags["watch"] is not None:
            return _Watching(common, output, flags, wanted, interrupt).run()
        result = ha_status(wanted, interrupt)
    reporting.clear()
    _put(rendered(common, output, result, wanted), flags)
    return result.exit_status


def rendered(common: Common, output: str, result: HaStatus, wanted: Request) -> str:
    """Return the result in a format."""
    match output:
        case "json":
            from dbops.output.envelope import success

            return success(result)
        case "nagios":
            from dbops.output.ha import nagios

            limits = wanted.limits
            return nagios.render(
                result,
                warning_lag=limits.warning_lag,
                critical_lag=limits.critical_lag,
                warning_delay=limits.warning_delay,
                critical_delay=limits.critical_delay,
            )
        case "prometheus":
            from dbops.output.ha import prometheus

            return prometheus.render(result)
        case "html":
            from dbops.output.ha import page

            return page.render(result, dbops.__version__, screen.now())
    from dbops.output.ha import text

    return text.render(result, common.style(), screen.width())


def _put(text: str, flags: dict[str, Any]) -> bool:
    """Print or write it, and return whether there is anybody to read it."""
    if flags["write"] is None:
        return put(text, end="" if text.endswith("\n") else "\n")
    write(flags["write"], text)
    return True


class _Watching:
    """One run after the other, until somebody stops it."""

    def __init__(
        self, common: Common, output: str, flags: dict[str, Any], wanted: Request, interrupt: Interrupt
    ) -> None:
        self._common = common
        self._output = output
        self._flags = flags
        self._every = float(flags["watch"])
        self._wanted = replace(wanted, observe=min(wanted.observe, self._every), report=lambda _event: None)
        self._interrupt = interrupt
        self._began = time.monotonic()
        self._history: dict[str, list[LagSample]] = {}
        self._live = output == "table" and flags["write"] is None and sys.stdout.isatty()

    def run(self) -> int:
        """Watch until nobody reads it any more; whoever ends it by a signal wanted no error."""
        try:
            with screen.own(live=self._live):
                while True:
                    began = time.monotonic()
                    result = self._remembered(ha_status(self._wanted, self._interrupt))
                    if not self._show(result):
                        return result.exit_status
                    self._interrupt.sleep(began + self._every - time.monotonic())
        except Interrupted:
            return INTERRUPTED

    def _show(self, result: HaStatus) -> bool:
        """Print it, and return whether there is anybody to read it."""
        from dbops.output.ha import watch

        if self._live:
            size = shutil.get_terminal_size()
            shown = watch.screen(result, self._common.style(), size.columns, size.lines, screen.now())
            return screen.draw(shown.splitlines())
        if self._output == "table" and self._flags["write"] is None:
            return put(watch.line(result, screen.now()))
        return _put(rendered(self._common, self._output, result, self._wanted), self._flags)

    def _remembered(self, result: HaStatus) -> HaStatus:
        """Return the result with the lags of the runs before."""
        return replace(result, nodes=tuple(map(self._with_history, result.nodes)))

    def _with_history(self, node: HaNode) -> HaNode:
        samples = self._history.setdefault(node.name, [])
        if node.lag_bytes is not None:
            samples.append(LagSample(round(time.monotonic() - self._began, 1), node.lag_bytes))
            del samples[:-_HISTORY]
        return replace(node, history=tuple(samples))
