"""The time that an application takes between its statements, as uneven as it is in life but the same in each run."""

from __future__ import annotations

from random import Random

from workload.nplusone.steps import Step, Trace


def paced(trace: Trace, typical: float, seed: int = 1, spread: float = 0.5) -> Trace:
    """Return the trace with pauses around ``typical`` seconds: lognormal, as times of work and of networks are."""
    random = Random(seed)
    return [step._replace(pause=typical * random.lognormvariate(0.0, spread)) for step in trace]


def after(pause: float, trace: Trace) -> Trace:
    """Return the trace with that pause before its first step."""
    return [trace[0]._replace(pause=pause), *trace[1:]]


def commented(trace: Trace, comment: str) -> Trace:
    return [step._replace(sql=f"{step.sql} /*{comment}*/") for step in trace]


def traced(trace: Trace, request: int) -> Trace:
    """Return the trace with sqlcommenter's traceparent of one request."""
    return commented(trace, f"traceparent='00-{request:032x}-{request + 7:016x}-01'")


def run(sql: str, *values: object) -> Step:
    return Step(sql, values)
