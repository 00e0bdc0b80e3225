"""What ``dbops nplusone`` does around its calls: which of them, options, progress, printing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.logs import refuse_unknown
from dbops.cli.render import document
from dbops.cli.reporting import Reporting
from dbops.cli.signals import interruptible
from dbops.errors import UsageError
from dbops.output.stream import put
from dbops.postgres.interrupt import Interrupt
from dbops.results.nplusone import NPlusOneResult
from dbops.workload.loops import Request
from dbops.workload.loops import nplusone as find

_LOGS = {"log_line_prefix": "--log-line-prefix", "follow": "--follow", "from_start": "--from-start"}
_SOURCES = "--log FILE (a server's log), --statements (its counters) or a PATH (Python source)"


def nplusone(common: Common, output: str, flags: dict[str, Any]) -> int:
    """Find, print, and return the exit status."""
    _refuse_contradiction(flags)
    reporting = Reporting(common.style(), json=output == "json")
    if flags["statements"]:
        from dbops.cli.nplusone.statements import statements

        return shown(common, output, reporting, statements(common, flags, reporting))
    refuse_unknown(flags["log_line_prefix"], flags["encoding"])
    request = Request(
        (*flags["logs"], *flags["more"]),
        flags["log_line_prefix"],
        flags["encoding"],
        flags["min_calls"],
        flags["database"],
        reporting.event,
    )
    if flags["follow"]:
        from dbops.cli.nplusone.follow import follow

        return follow(common, output, request, flags)
    return shown(common, output, reporting, lambda interrupt: find(request, interrupt))


def shown(common: Common, output: str, reporting: Reporting, look: Callable[[Interrupt], NPlusOneResult]) -> int:
    """Look, print the result, and return its exit status."""
    with interruptible() as interrupt:
        result = look(interrupt)
    reporting.clear()
    if output == "json":
        document(result)
    else:
        from dbops.output.workload import nplusone

        put(nplusone.render(result, common.style(), screen.width()))
    return result.exit_status


def _refuse_contradiction(flags: dict[str, Any]) -> None:
    """Refuse what has no meaning together, rather than leave a part of it out."""
    if flags["statements"]:
        given = [name for key, name in _LOGS.items() if flags[key]]
        given += ["--log"] if flags["logs"] else [str(flags["more"][0])] if flags["more"] else []
        if given:
            raise _refused("--statements", given[0], "--statements reads counters, and no log")
        return
    if not flags["logs"]:
        raise UsageError(
            "nothing is named to look at",
            hint=f"give {_SOURCES}",
            details=[{"field": "--log", "error": "missing"}],
        )
    if flags["dsn"] is not None:
        raise _refused("--log", "--dsn", "logs are read without a database")
    if not flags["follow"] and (flags["from_start"] or flags["seconds"] is not None):
        name = "--from-start" if flags["from_start"] else "--for"
        raise UsageError(
            f"{name} says nothing of a log that is read once",
            hint=f"give --follow too, or leave {name} out",
            details=[{"field": name, "error": "without --follow"}],
        )


def _refused(one: str, other: str, why: str) -> UsageError:
    return UsageError(
        f"{one} and {other} exclude each other",
        hint=f"{why}; leave one of them out",
        details=[{"field": other, "error": "contradiction"}],
    )
