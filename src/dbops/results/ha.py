"""Results of ``dbops ha-status``; the field names are the contract of its JSON. None is unknown, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The answer to "would it work right now?", in the order from best to worst."""

    READY = "READY"
    DEGRADED = "DEGRADED"
    UNKNOWN = "UNKNOWN"
    NOT_READY = "NOT_READY"

    @property
    def rank(self) -> int:
        """0 for READY to 3 for NOT_READY."""
        return list(Verdict).index(self)

    @property
    def exit_status(self) -> int:
        """0 ready, 1 degraded, 2 not ready, 3 unknown: those of a Nagios plugin."""
        return {"READY": 0, "DEGRADED": 1, "NOT_READY": 2, "UNKNOWN": 3}[self.value]


class Status(StrEnum):
    """How a check came out, in the order in which people want to see them."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    WARN = "warn"
    PASS = "pass"  # noqa: S105 - no password
    SKIPPED = "skipped"

    @property
    def rank(self) -> int:
        """0 for fail to 4 for skipped."""
        return list(Status).index(self)


class Weight(StrEnum):
    """What failing means: a ``blocker`` makes a failover fail or lose data, an ``info`` changes no verdict."""

    BLOCKER = "blocker"
    WARNING = "warning"
    INFO = "info"


class Question(StrEnum):
    """A switchover is planned and has a living primary, an emergency has lost it."""

    SWITCHOVER = "switchover"
    EMERGENCY = "emergency"


class FailureKind(StrEnum):
    """Why a node gave no answer."""

    REFUSED = "refused"
    """Nothing listens there: no server runs, as seen from here."""
    TIMEOUT = "timeout"
    NAME = "name"
    """Its name does not resolve."""
    LOGIN = "login"
    """It runs and does not let us in: password, pg_hba.conf, database."""
    TLS = "tls"
    STARTING = "starting"
    """It starts, shuts down, or is in recovery without hot_standby."""
    FULL = "full"
    """It has no connection left."""
    LOST = "lost"
    """It answered, and then the connection broke or fell silent."""
    UNSEEN = "unseen"
    """It was not asked: another node knows that it exists, and not where."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A condition one lives with: why, and until when (an ISO date, None for always)."""

    reason: str
    expires: str | None
    expired: bool = False


@dataclass(frozen=True, slots=True)
class HaCheck:
    """What a check says of a node, or of the whole cluster (``node`` is None).

    ``matters`` are the questions (``switchover``, ``emergency``) it counts for. ``remedy`` is what to do: a command
    or SQL where there is one. ``essential`` says that when it is unknown the answer is, too.
    """

    id: str
    severity: Weight
    status: Status
    node: str | None
    message: str
    remedy: str | None
    matters: tuple[Question, ...]
    essential: bool = False
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class Failover:
    """The answer to one question: who would be promoted, and at what cost.

    ``loss_bytes`` (of WAL) and ``loss_seconds`` are upper bounds over the window that was observed,
    ``promote_seconds`` is the replay backlog by the replay rate. ``blockers`` are the ids of the checks that fail.
    ``reason`` says in a few words what decided the verdict.
    """

    verdict: Verdict
    candidate: str | None
    loss_bytes: int | None
    loss_seconds: float | None
    promote_seconds: float | None
    blockers: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom an emergency would promote, and what would be lost."""

    node: str
    loss_bytes: int | None
    loss_seconds: float | None


@dataclass(frozen=True, slots=True)
class LagSample:
    """A standby's lag in bytes, ``at_s`` seconds after the observation began."""

    at_s: float
    lag_bytes: int


@dataclass(frozen=True, slots=True)
class HaNode:
    """A member of the cluster.

    ``role`` is primary or standby; ``state`` running (a primary), streaming, catchup, not streaming, down (nothing
    listens there), unknown. ``lag_bytes`` and ``lag_seconds`` are those of replay. ``seen_s`` is how long the node
    took to answer. ``slot`` is "" for a standby without one. ``sync_state`` is async, sync, quorum or potential.
    ``history`` is filled where it was asked for.
    """

    name: str
    host: str | None
    port: int | None
    role: str | None
    state: str
    timeline: int | None
    version: str | None
    lag_bytes: int | None
    lag_seconds: float | None
    sync_state: str | None
    slot: str | None
    upstream: str | None
    uptime_seconds: float | None
    seen_s: float | None
    error: str | None
    history: tuple[LagSample, ...] = ()


@dataclass(frozen=True, slots=True)
class Automatic:
    """What a cluster's manager would do by itself; ``armed`` is None where that can't be told.

    ``chooses`` is the member that the manager would promote, None when it is unknown or it would promote none.
    """

    manager: str
    armed: bool | None
    leader: str | None
    chooses: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class HaStatus:
    """Whether a failover would work right now.

    ``verdict`` is the worse of both, or that of the question that was asked. ``observed_s`` is how long positions
    were watched. ``asked`` are the questions that the verdict answers.
    """

    verdict: Verdict
    switchover: Failover
    emergency: Failover
    candidate: Candidate | None
    nodes: tuple[HaNode, ...]
    checks: tuple[HaCheck, ...]
    automatic: Automatic | None
    observed_s: float
    asked: tuple[Question, ...]
    environment: str | None = None

    @property
    def exit_status(self) -> int:
        """The verdict's."""
        return self.verdict.exit_status


@dataclass(frozen=True, slots=True)
class HaCheckInfo:
    """A check as people read it: ``text`` says why and what to do, ``query`` is the SQL its facts come from."""

    id: str
    severity: Weight
    matters: tuple[Question, ...]
    summary: str
    text: str
    query: str


@dataclass(frozen=True, slots=True)
class HaChecks:
    """The checks there are."""

    checks: tuple[HaCheckInfo, ...]
