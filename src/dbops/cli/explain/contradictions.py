"""Options of ``dbops explain`` that don't go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from dbops.errors import UsageError

_INPUTS = ("query", "file", "queryid", "plan")


class _Contradiction(NamedTuple):
    holds: Callable[[Mapping[str, Any]], bool]
    option: str
    message: str
    hint: str


_CONTRADICTIONS = (
    _Contradiction(
        lambda flags: flags["analyze"] is False and flags["max_ms"] is not None,
        "--max-ms",
        "--no-analyze does not run the query, and --max-ms needs its time",
        "use --max-cost, or let it run",
    ),
    _Contradiction(
        lambda flags: flags["plan"] is not None and (flags["prove"] or flags["write_migration"]),
        "--plan",
        "--plan asks no database, and index advice needs one",
        "give the query and --dsn",
    ),
    _Contradiction(
        lambda flags: flags["no_advice"] and (flags["prove"] or flags["write_migration"]),
        "--no-advice",
        "--no-advice leaves nothing to prove or to write",
        "leave it out",
    ),
    _Contradiction(
        lambda flags: flags["scratch_dsn"] is not None and not flags["prove"],
        "--scratch-dsn",
        "--scratch-dsn says where to prove, and --prove is missing",
        "give --prove too: it copies rows there",
    ),
    _Contradiction(
        lambda flags: flags["redact"] and flags["write_migration"],
        "--write-migration",
        "--redact takes out what --write-migration needs",
        "leave one of them out",
    ),
)


def refuse_contradictions(flags: Mapping[str, Any]) -> None:
    """Raise UsageError for options that exclude each other."""
    given = [name for name in _INPUTS if flags[name] is not None]
    if len(given) > 1:
        said = " and ".join("the query" if name == "query" else f"--{name}" for name in given)
        raise UsageError(
            f"{said} exclude each other", hint="give one query", details=[{"field": "query", "error": "several"}]
        )
    for each in _CONTRADICTIONS:
        if each.holds(flags):
            raise UsageError(each.message, hint=each.hint, details=[{"field": each.option, "error": "contradiction"}])
