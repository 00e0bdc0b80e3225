"""Two questions, one answer each: would a planned switchover work, and who would be promoted in an emergency. Pure.

Of what the checks say, a question heeds what matters to it and isn't accepted. A verdict is about one candidate:

- NOT_READY when a blocker fails for the candidate or for the cluster, or for the primary in a switchover (in an
  emergency the primary is gone, and with it what was wrong with it);
- else UNKNOWN when an essential check (a role, a timeline, a receiver, a position) can't tell;
- else DEGRADED for any warning, anything else that can't be told, and any failure of another node;
- else READY.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dbops.ha.accept import counts
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node
from dbops.results.ha import Candidate, Failover, FailureKind, HaCheck, Question, Status, Verdict, Weight

_SYNC = ("sync", "quorum", "potential")
_NEARLY = 64 * 1024
"""Bytes of loss that make no difference between two candidates."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A candidate's verdict, and what decided it."""

    verdict: Verdict
    deciding: tuple[HaCheck, ...]

    @property
    def blockers(self) -> tuple[str, ...]:
        """The checks that fail, each once."""
        return tuple(dict.fromkeys(check.id for check in self.deciding)) if self.verdict is Verdict.NOT_READY else ()


def failover(
    cluster: Cluster,
    checks: Sequence[HaCheck],
    question: Question,
    wanted: str | None = None,
    chosen: str | None = None,
) -> Failover:
    """Return the answer to a question.

    ``wanted`` is the only candidate where a person named one, ``chosen`` whom a manager would promote by itself.
    """
    heeded = [check for check in checks if question in check.matters and counts(check)]
    candidates = [node for node in cluster.standbys if wanted in {None, node.name}]
    if not candidates:
        return _nobody(cluster, heeded, question, wanted)
    judged = {node.name: _judge(cluster, node, heeded, question) for node in candidates}
    best = min(candidates, key=lambda node: (node.name != chosen, *_rank(cluster, node, judged[node.name].verdict)))
    return _answer(cluster, best, judged[best.name], question)


def overall(answers: Iterable[Failover]) -> Verdict:
    """Return the worst verdict."""
    return max((answer.verdict for answer in answers), key=lambda verdict: verdict.rank)


def candidate(emergency: Failover) -> Candidate | None:
    """Return whom an emergency would promote, None when it could promote nobody."""
    if emergency.candidate is None:
        return None
    return Candidate(emergency.candidate, emergency.loss_bytes, emergency.loss_seconds)


def _judge(cluster: Cluster, node: Node, heeded: Sequence[HaCheck], question: Question) -> _Judged:
    own = {None, node.name}
    if question is Question.SWITCHOVER and cluster.primary is not None:
        own.add(cluster.primary.name)
    about = [check for check in heeded if check.node in own]
    blocking = tuple(check for check in about if check.status is Status.FAIL)
    if blocking:
        return _Judged(Verdict.NOT_READY, blocking)
    unseen = tuple(check for check in about if check.status is Status.UNKNOWN and check.essential)
    if unseen:
        return _Judged(Verdict.UNKNOWN, unseen)
    lesser = tuple(
        check
        for check in heeded
        if check.status in {Status.FAIL, Status.WARN, Status.UNKNOWN} and check.severity is not Weight.INFO
    )
    return _Judged(Verdict.DEGRADED if lesser else Verdict.READY, lesser)


def _rank(cluster: Cluster, node: Node, verdict: Verdict) -> tuple[int, int, int, bool, int, bool, str]:
    """Return what sorts the best candidate first: verdict, timeline, synchronous ones, the most WAL, the name.

    While the primary lives, positions that are nearly the same are the same: they change all the time; one that isn't
    known comes last. Of two that are level, one that another standby feeds comes last.
    """
    row = cluster.row(node)
    sync = _SYNC.index(row.sync_state) if row is not None and row.sync_state in _SYNC else len(_SYNC)
    loss = cluster.lag(node).loss_bytes
    received = 0 if node.last is None else node.last.received or 0
    lacking = -received if loss is None else loss // _NEARLY
    unmeasured = loss is None and cluster.primary is not None
    upstream = cluster.upstream(node)
    cascades = upstream is not None and upstream.is_standby
    return (verdict.rank, -(node.timeline or 0), sync, unmeasured, lacking, cascades, node.name)


def _answer(cluster: Cluster, node: Node, judged: _Judged, question: Question) -> Failover:
    lag = cluster.lag(node)
    loss: tuple[int | None, float | None] = (lag.loss_bytes, lag.loss_seconds)
    if question is Question.SWITCHOVER:
        # The primary is stopped in order, which sends all of its WAL to whoever streams, before anyone is promoted.
        loss = (0, 0.0) if judged.verdict in {Verdict.READY, Verdict.DEGRADED} else (None, None)
    return Failover(
        verdict=judged.verdict,
        candidate=node.name,
        loss_bytes=loss[0],
        loss_seconds=loss[1],
        promote_seconds=lag.promote_seconds,
        blockers=judged.blockers,
        reason=_reason(judged),
    )


def _reason(judged: _Judged) -> str:
    ids = list(dict.fromkeys(check.id for check in judged.deciding))
    shown = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    match judged.verdict:
        case Verdict.NOT_READY:
            return f"{_counted(len(ids), 'blocker')}: {shown}"
        case Verdict.UNKNOWN:
            return f"can't be told: {shown}"
        case Verdict.DEGRADED:
            return f"{_counted(len(ids), 'warning')}: {shown}"
    return "nothing stands against it"


def _nobody(cluster: Cluster, heeded: Sequence[HaCheck], question: Question, wanted: str | None) -> Failover:
    """Nobody can be promoted: a standby that is down can't, of one that does not answer that is unknown."""
    silent = [node for node in cluster.silent if wanted in {None, node.name}]
    hung = [node for node in silent if node.failure is not None and node.failure.kind is not FailureKind.REFUSED]
    verdict = Verdict.UNKNOWN if hung else Verdict.NOT_READY
    failing = tuple(
        dict.fromkeys(
            c.id for c in heeded if c.status is Status.FAIL and c.node is None and c.severity is Weight.BLOCKER
        )
    )
    if failing:
        verdict = Verdict.NOT_READY
    reason = _why_nobody(silent, hung, wanted)
    if failing:
        reason += f"; {_counted(len(failing), 'blocker')}: {', '.join(failing)}"
    blockers = failing or (("node-answers",) if silent and verdict is Verdict.NOT_READY else ())
    return Failover(verdict, None, None, None, None, blockers, reason)


def _why_nobody(silent: Sequence[Node], hung: Sequence[Node], wanted: str | None) -> str:
    if hung:
        return f"no answer from {', '.join(node.name for node in hung)}"
    if wanted is None:
        return "no standby answers" if silent else "there is no standby"
    return f"{wanted} is down" if silent else f"{wanted} takes writes already"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
