"""What there is to say of a cluster, in sentences that text, screen, page and Nagios share.

What is unknown is called that. A loss of 0 is said only where 0 was measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dbops.output.prose import counted
from dbops.results.figures import size
from dbops.results.ha import Automatic, Failover, HaStatus, Question, Verdict
from dbops.results.progress import duration

_WORDS = {
    Verdict.READY: "ready",
    Verdict.DEGRADED: "degraded",
    Verdict.UNKNOWN: "unknown",
    Verdict.NOT_READY: "not ready",
}
_MAY_GO_ON = frozenset({Verdict.READY, Verdict.DEGRADED})
_DAY = 86_400.0
SOON = 0.1
"""So little replay takes less than the promotion itself."""


class Answer(NamedTuple):
    """The answer to a question; ``asked`` is False where the overall verdict doesn't heed it."""

    question: Question
    verdict: Verdict
    text: str
    asked: bool


def word(verdict: Verdict) -> str:
    """Return a verdict as people say it: ``not ready``."""
    return _WORDS[verdict]


def answers(status: HaStatus) -> Iterator[Answer]:
    """Yield the answer to each question, without the verdict's word before it."""
    for question, failover in ((Question.SWITCHOVER, status.switchover), (Question.EMERGENCY, status.emergency)):
        parts = _switchover(failover) if question is Question.SWITCHOVER else _emergency(failover, status.observed_s)
        yield Answer(question, failover.verdict, "; ".join(filter(None, parts)), question in status.asked)


def _switchover(failover: Failover) -> Iterator[str]:
    if failover.candidate is None or failover.verdict not in _MAY_GO_ON:
        yield from _refusal(failover)
        return
    yield f"{failover.candidate} can take over"
    yield promotion(failover.promote_seconds)
    if failover.verdict is Verdict.DEGRADED:
        yield failover.reason


def _emergency(failover: Failover, observed_s: float) -> Iterator[str]:
    if failover.candidate is None or failover.verdict not in _MAY_GO_ON:
        yield from _refusal(failover)
        if failover.candidate is not None:
            yield loss(failover.loss_bytes, failover.loss_seconds, observed_s)
        return
    yield f"{failover.candidate} promotable"
    yield loss(failover.loss_bytes, failover.loss_seconds, observed_s)
    yield promotion(failover.promote_seconds)
    if failover.verdict is Verdict.DEGRADED:
        yield failover.reason


def _refusal(failover: Failover) -> Iterator[str]:
    yield failover.reason
    if failover.candidate is not None:
        yield f"the best candidate is {failover.candidate}"


def loss(in_bytes: int | None, seconds: float | None, observed_s: float) -> str:
    """Return what a promotion would lose: the most at any moment of the seconds that were observed."""
    if in_bytes is None:
        return "loss unknown"
    window = f" (max of {span(observed_s)})"
    if in_bytes == 0:
        return f"loss 0{window}"
    time = "" if seconds is None else f" or {span(seconds)}"
    return f"loss ≤ {size(in_bytes)}{time}{window}"


def promotion(seconds: float | None) -> str:
    """Return how long replaying what is received would take before the promotion."""
    if seconds is None:
        return "time to promote unknown"
    if seconds == 0:
        return "nothing left to replay"
    if seconds < SOON:
        return f"under {span(SOON)} to replay"
    return f"about {span(seconds)} to promote"


def automatic(manager: Automatic, candidate: str | None) -> str:
    """Return what the cluster's manager would do by itself, and whether it would choose the same candidate."""
    armed = {True: "armed", False: "not armed", None: "unknown whether armed"}[manager.armed]
    parts = [f"{manager.manager} {armed}", f"leader {manager.leader or 'unknown'}"]
    if manager.chooses is None:
        parts += [] if manager.armed is False else ["whom it would promote, if anyone, is unknown"]
    elif candidate is None or manager.chooses == candidate:
        parts.append(f"would promote {manager.chooses}")
    else:
        parts.append(f"would promote {manager.chooses}, not {candidate}")
    return "; ".join(parts) + (f": {manager.reason}" if manager.reason else "")


def cluster(status: HaStatus) -> str:
    """Return which cluster it is about: the environment, if it has one, and how many nodes."""
    return ", ".join(filter(None, (status.environment, counted(len(status.nodes), "node"))))


def span(seconds: float) -> str:
    """Return a length of time: ``0 s``, ``12 ms``, ``0.3 s``, ``60 s``, ``4 m 11 s``, ``2 h 5 m``, ``3 d 4 h``."""
    if seconds <= 0:
        return "0 s"
    # The bounds are where rounding would reach the next unit.
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0005 else "<1 ms"
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    if seconds < 2 * _DAY:
        return duration(seconds)
    days, rest = divmod(seconds, _DAY)
    return f"{days:,.0f} d {rest // 3600:.0f} h"
