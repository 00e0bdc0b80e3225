"""The language of traces: what sessions execute, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from dbops.workload.logs.executions import Execution

BEGIN, COMMIT = "BEGIN", "COMMIT"
POSTS = "SELECT id, author_id FROM posts ORDER BY id LIMIT 10"
AUTHOR = "SELECT name FROM authors WHERE id = $1"


class Step(NamedTuple):
    """A statement, its parameters, the seconds of silence before it, and its session where that is another one."""

    sql: str
    values: tuple[object, ...] = ()
    pause: float = 0.001
    application: str = "web"
    failed: bool = False
    session: str = ""


Trace = list[Step]
Labelled = dict[str, Callable[[], Trace]]


def executed(trace: Iterable[Step], session: str = "s1") -> Iterator[Execution]:
    """Yield the trace as a log would tell it; each statement takes a millisecond."""
    at = 1_000.0
    for step in trace:
        at += step.pause + 0.001
        values = ", ".join(f"${number} = '{value}'" for number, value in enumerate(step.values, 1))
        yield Execution(
            at,
            1.0,
            step.session or session,
            None,
            "app",
            "shop",
            step.application,
            step.sql,
            values or None,
            failed=step.failed,
        )


def each(sql: str, values: Iterable[object], **how: object) -> Trace:
    return [Step(sql, (value,), **how) for value in values]  # type: ignore[arg-type]


def literal(sql: str, values: Iterable[object]) -> Trace:
    return [Step(sql.replace("$1", str(value))) for value in values]


def tagged(trace: Trace, trace_id: str) -> Trace:
    comment = f" /*controller='posts',action='index',traceparent='00-{trace_id}-00f067aa0ba902b7-01'*/"
    return [step._replace(sql=step.sql + comment) for step in trace]


def woven(*traces: Trace) -> Trace:
    return [step for steps in zip(*traces, strict=True) for step in steps]


def of(session: str, trace: Trace) -> Trace:
    """Return the trace as another session's."""
    return [step._replace(session=session) for step in trace]


def in_transaction(*steps: Step) -> Trace:
    return [Step(BEGIN), *steps, Step(COMMIT)]


def before_each(step: Step, trace: Trace) -> Trace:
    """Return the trace with a step before each of its own."""
    return [each for own in trace for each in (step, own)]
