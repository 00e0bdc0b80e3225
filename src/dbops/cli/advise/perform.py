"""What the commands of ``dbops advise`` do around their calls: the target, progress, printing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.render import document
from dbops.cli.reporting import Reporting
from dbops.cli.signals import interruptible
from dbops.output.stream import put
from dbops.output.style import Style
from dbops.postgres.dsn import Dsn, resolve
from dbops.postgres.interrupt import Interrupt
from dbops.results.progress import Event

Result = TypeVar("Result")
Look: TypeAlias = Callable[[Dsn, str | None, Callable[[Event], None], Interrupt], Result]
"""Takes the target, the environment, who is told of progress, and what interrupts it."""


def advise(
    common: Common, flags: dict[str, Any], look: Look[Result], render: Callable[[Result, Style, int], str]
) -> int:
    """Look, print, and return the exit status."""
    target = resolve(common.settings, flags["dsn"], direct=True)
    as_json = flags["output"] == "json"
    reporting = Reporting(common.style(), json=as_json)
    with interruptible() as interrupt:
        result = look(target, common.settings.value("environment"), reporting.event, interrupt)
    reporting.clear()
    if as_json:
        document(result)
    else:
        put(render(result, common.style(), screen.width()))
    return 0
