"""Whose writes an answer has to show: what a log tells of who asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dbops.results.workload import Identity
from dbops.workload.logs.executions import Execution
from dbops.workload.nplusone.tags import tags, trace

LOOKED_AT = 5_000
"""So many statements are looked at to see whether sessions are those of one client each."""
_MOST = 0.5
_HANDED_ON = ("discard", "reset all")
"""What a pool sends before it gives a connection to somebody else."""


def recognised(begin: Sequence[Execution]) -> Identity:
    """Return what tells clients apart in a log that begins so.

    A session is one client's unless a pool shows: the connection is cleaned to be handed on, or it has several traces
    or several applications. Then it is the trace, where most statements have one, else the application, else the role.
    """
    traces = [_trace(each) for each in begin]
    if not _pooled(begin, traces):
        return Identity.SESSION
    if _most(traces):
        return Identity.TRACE
    applications = [each.application for each in begin]
    return Identity.APPLICATION if _most(applications) else Identity.USER


def identified(execution: Execution, identity: Identity) -> str:
    """Return who asks; where a statement lacks what tells it, its session."""
    found = _TOLD[identity](execution)
    return f"session {execution.session}" if found is None else f"{execution.database} {found}"


def _trace(execution: Execution) -> str | None:
    return trace(tags(execution.sql))


_TOLD: dict[Identity, Callable[[Execution], str | None]] = {
    Identity.SESSION: lambda each: each.session,
    Identity.TRACE: _trace,
    Identity.APPLICATION: lambda each: each.application,
    Identity.USER: lambda each: each.user,
}


def _most(values: Sequence[str | None]) -> bool:
    return sum(value is not None for value in values) >= _MOST * len(values) > 0


def _pooled(begin: Sequence[Execution], traces: Sequence[str | None]) -> bool:
    first: dict[str, tuple[str | None, str | None]] = {}
    for each, trace_id in zip(begin, traces, strict=True):
        if each.sql.lstrip().lower().startswith(_HANDED_ON):
            return True
        known = first.setdefault(each.session, (trace_id, each.application))
        if trace_id is not None and known[0] is not None and known[0] != trace_id:
            return True
        if known[0] is None:
            first[each.session] = (trace_id, known[1])
        if each.application != known[1] and None not in {each.application, known[1]}:
            return True
    return False
