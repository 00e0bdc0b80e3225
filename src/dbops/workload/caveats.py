"""What makes the figures of pg_stat_statements other than they look. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ROOM = "raise pg_stat_statements.max"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen beside the counters.

    ``settings`` are those of :func:`dbops.postgres.statements.settings`, ``version`` is the extension's. ``first`` and
    ``last`` are what the server told of the counting itself at the first and the last look (None: it can't tell), which
    are the same where totals are shown. ``lost`` statements' counters went down or away between two looks.
    """

    settings: Mapping[str, Any]
    version: tuple[int, ...]
    first: Mapping[str, Any] | None
    last: Mapping[str, Any] | None
    totals: bool
    lost: int


def caveats(seen: Seen) -> Iterator[str]:
    """Yield a sentence for each."""
    yield from _settings(seen)
    if seen.first is None or seen.last is None:
        if seen.lost:
            yield f"{seen.lost:,} statements were reset or thrown out meanwhile: what they had cost is not known"
    elif seen.totals:
        if seen.last["thrown_out"]:
            yield (
                f"entries were thrown out for want of room {_times(seen.last['thrown_out'])}: totals are too low; "
                f"{_ROOM}, or watch with --for"
            )
    else:
        yield from _meanwhile(seen, seen.first, seen.last)


def _settings(seen: Seen) -> Iterator[str]:
    settings = seen.settings
    if settings["track"] == "none":
        yield "pg_stat_statements.track is none here: nothing is counted"
    if settings["queryids"] == "off":
        yield "compute_query_id is off here: nothing is counted, unless another library computes them"
    if settings["track"] == "all" and seen.version < (1, 9):
        yield "before its version 1.9, what functions call counts twice: for itself and for its callers"
    newest = settings["version"]
    if newest is not None and tuple(map(int, newest.split("."))) > seen.version:
        here = ".".join(map(str, seen.version))
        yield (
            f"pg_stat_statements {here} is older than the server's {newest}, and tells less: "
            "ALTER EXTENSION pg_stat_statements UPDATE"
        )


def _meanwhile(seen: Seen, first: Mapping[str, Any], last: Mapping[str, Any]) -> Iterator[str]:
    if first["since"] != last["since"]:
        yield f"all counters were reset meanwhile, at {last['at']}: what came before in the interval is not known"
        return
    thrown_out = last["thrown_out"] - first["thrown_out"]
    if thrown_out:
        yield (
            f"entries were thrown out for want of room {_times(thrown_out)} meanwhile: figures are too low, and "
            f"statements are missing; {_ROOM}"
        )
    elif seen.lost:
        yield f"{seen.lost:,} statements were reset meanwhile: what they had cost is not known"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
