"""What ``dbops nplusone --follow`` does around its call: each loop as it is found, then all."""

from __future__ import annotations

from typing import Any

from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.signals import interruptible
from dbops.errors import INTERRUPTED, Interrupted
from dbops.output.envelope import success
from dbops.output.stream import put
from dbops.output.workload import nplusone as shown
from dbops.results.nplusone import NPlusOneResult
from dbops.workload.following import LogsFollowed
from dbops.workload.loops import Request

_NAMED = 3


def follow(common: Common, output: str, request: Request, flags: dict[str, Any]) -> int:
    """Follow until Ctrl-C, or for as long as it was said, and return the exit status.

    Nobody who reads it any more ends it, too. A document is printed for each loop, and one for all of them at the end.
    """
    style = common.style()

    def tell(result: NPlusOneResult) -> bool:
        if output == "json":
            return put(success(result))
        loops = "\n\n".join(shown.loop(each, style, screen.width()) for each in result.findings)
        return put(f"{screen.now()}\n{loops}\n")

    with interruptible() as interrupt, LogsFollowed(request, from_start=flags["from_start"]) as followed:
        stopped = False
        if output != "json":
            put(f"following {_names(followed)}\n")
        try:
            for result in followed.new(interrupt, flags["seconds"]):
                if not tell(result):
                    return result.exit_status
        except Interrupted:
            stopped = True
        result = followed.result()
    put(success(result) if output == "json" else shown.ending(result, style, screen.width()))
    return INTERRUPTED if stopped else result.exit_status


def _names(followed: LogsFollowed) -> str:
    names = [str(path) for path in reversed(followed.files)]
    others = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + others
