"""What is found in labelled traces and counters."""

from __future__ import annotations

from collections.abc import Callable

from dbops.results.nplusone import Loop
from dbops.workload.logs.executions import Execution
from dbops.workload.nplusone.keys import Keys
from dbops.workload.nplusone.summary import Summary
from dbops.workload.nplusone.suspects import Caller, Calls, Suspects
from dbops.workload.nplusone.units import Units
from workload.nplusone.counters import KEYS, Counted
from workload.nplusone.steps import Trace, executed


def found(
    *traces: Trace, fewest: int = 5, logged: Callable[[Execution], Execution] = lambda each: each
) -> tuple[Loop, ...]:
    """Return what is found in traces of sessions of their own, one after the other; ``logged`` is what a log tells."""
    units, summary = Units(), Summary()
    for number, trace in enumerate(traces):
        for execution in executed(trace, f"s{number}"):
            summary.take(units.add(logged(execution)), fewest)
    summary.take(units.rest(), fewest)
    return summary.loops()


def judged(counted: Counted, keys: Keys = KEYS) -> list[tuple[str, str]]:
    """Return loop and source of each that is suspected."""
    texts = [*dict.fromkeys(text for part in counted for text in part)]
    parts = [
        {_caller(texts.index(text), *figures[2:]): Calls(*figures[:2], 1.0) for text, figures in part.items()}
        for part in counted
    ]
    suspects = Suspects(parts, dict(enumerate(texts))).found(keys)
    return [(texts[each.caller.queryid], texts[each.source.queryid]) for each in suspects]


def _caller(queryid: int, role: int = 10) -> Caller:
    return Caller(role, queryid)
