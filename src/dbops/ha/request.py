"""What ``dbops ha-status`` is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dbops.ha.accept import Accepting
from dbops.ha.snapshot import Limits
from dbops.postgres.dsn import Dsn
from dbops.results.ha import Question
from dbops.results.progress import Event


@dataclass(frozen=True, slots=True)
class Address:
    """A node to ask: its DSN, which may name several hosts, and what people call it (None: as it calls itself)."""

    dsn: Dsn
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Which nodes, and how.

    ``timeout`` bounds each node's answers, ``observe`` is how long positions are watched and ``every`` how often, in
    seconds. Without ``probe`` no seconds of lag are measured by watching; they then come from commit times. With
    ``history`` the lag of each moment is part of the result. From a single host the others are found, with
    ``discover`` also from several. ``candidate`` names whom to promote. ``questions`` are those the verdict answers.
    """

    nodes: tuple[Address, ...]
    patroni: str | None = None
    timeout: float = 5.0
    observe: float = 2.0
    every: float = 0.2
    probe: bool = True
    history: bool = False
    discover: bool = False
    candidate: str | None = None
    limits: Limits = field(default_factory=Limits)
    questions: tuple[Question, ...] = tuple(Question)
    accept: tuple[Accepting, ...] = ()
    environment: str | None = None
    report: Callable[[Event], None] = lambda _event: None
