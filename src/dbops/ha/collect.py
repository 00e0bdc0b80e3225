"""All nodes are asked at once, each by a thread of its own: one that hangs delays no other.

A node is asked everything, then, for as long as the observation lasts, where it stands in the WAL, and at the end
everything again: what is judged is how things are then. The primaries are asked where they stand once more than the
standbys: each position of a standby then has a later one of the primary's to be held against (see
:mod:`dbops.ha.lag`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dbops.errors import ConfigError
from dbops.ha import read
from dbops.ha.snapshot import Failure, Node, Position
from dbops.postgres import replication
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.login import LoginFailed, Place, log_in
from dbops.postgres.session import Session
from dbops.results.ha import FailureKind
from dbops.results.progress import Event, NodesAsked

_LOOK = 0.02
"""Seconds between two looks at how far the threads are."""
_TELL = 0.5
"""Seconds between two reports."""
_STALE = 0.5
"""Seconds after which what a node said before it was watched is asked again."""
_GRACE = 0.5
"""Seconds beyond its bound after which a thread that hangs outside of any bound is left behind."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds: for a node's answers, for the observation, and between two positions."""

    timeout: float
    observe: float
    every: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a node is, what people call it (None: that is found out), and how dbops knows of it."""

    place: Place
    name: str | None
    origin: str


class _OtherServer(Exception):
    """A position is not that of the server whose facts are known."""


class _Asking:
    """One node, being asked."""

    def __init__(self, asked: Asked, interrupt: Interrupt, bounds: Bounds) -> None:
        self.asked = asked
        self.began = time.monotonic()
        self.answered = threading.Event()  # it said who it is
        self.ended = threading.Event()  # nothing more will come
        self.stop = threading.Event()
        self.node: Node | None = None
        self.failure: Failure | None = None
        self.positions: list[Position] = []
        self._interrupt = interrupt
        self._bounds = bounds
        threading.Thread(target=self._run, name=f"ha {asked.place.host}", daemon=True).start()

    @property
    def settled(self) -> bool:
        """Whether it answered, failed, or had its time."""
        overdue = time.monotonic() - self.began > self._bounds.timeout + _GRACE
        return self.answered.is_set() or self.ended.is_set() or overdue

    def result(self) -> Node:
        """Return the node as it is known; one that did not answer to the end is known by its failure alone."""
        place, asked = self.asked.place, self.asked
        failure = self.failure
        if failure is None and (self.node is None or not self.ended.is_set()):
            failure = Failure(FailureKind.TIMEOUT, f"no answer within {self._bounds.timeout:g} s")
        if failure is not None or self.node is None:
            name = asked.name or ""
            return Node(name=name, host=place.host, port=place.port, origin=asked.origin, failure=failure)
        return _as_of(replace(self.node, positions=tuple(self.positions)))

    def _run(self) -> None:
        session = None
        try:
            session = log_in(self.asked.place, self._interrupt, bound=self._bounds.timeout)
            self.node = self._ask(session, self._bounds.timeout - (time.monotonic() - self.began))
            self._watch(session)
        except LoginFailed as error:
            self.failure = Failure(error.why, str(error))
        except ConnectionLost as error:
            kind = FailureKind.LOST if self.answered.is_set() else FailureKind.TIMEOUT
            self.failure = Failure(kind, str(error))
        except (ServerError, ConfigError, _OtherServer) as error:
            self.failure = Failure(FailureKind.OTHER, str(error))
        except Exception as error:  # a thread's traceback would be nobody's: the node is then not judged at all
            self.failure = Failure(FailureKind.OTHER, f"a defect in dbops: {type(error).__name__}: {error}")
        finally:
            if session is not None:
                session.close()
            self.ended.set()

    def _ask(self, session: Session, bound: float) -> Node:
        facts = replication.ask(session, bound=max(bound, _LOOK))
        place = self.asked.place
        return read.node(
            self.asked.name or "",
            facts.identity,
            facts.parts,
            facts.denied,
            facts.missing,
            host=place.host,
            port=session.port or place.port,
            origin=self.asked.origin,
            answered_s=time.monotonic() - self.began,
        )

    def _watch(self, session: Session) -> None:
        """Ask where it stands until told to stop; then everything anew, and a primary once more where it stands."""
        self._position(session)
        self.answered.set()
        first, asked = self.node, time.monotonic()
        while not self.stop.wait(self._pause()):
            self._position(session)
        if first is not None and time.monotonic() - asked >= _STALE:
            self.node = replace(self._ask(session, self._bounds.timeout), answered_s=first.answered_s)
        if not self.positions[-1].in_recovery:
            self._position(session)

    def _pause(self) -> float:
        """Return seconds until the next position.

        A primary is asked more often: what it writes between a standby's position and its own next one counts as lost.
        """
        return self._bounds.every if self.positions[-1].in_recovery else self._bounds.every / 4

    def _position(self, session: Session) -> None:
        asked = time.monotonic()
        said = replication.position(session, bound=self._bounds.timeout)
        if self.node is not None and said["server"] != self.node.server:
            raise _OtherServer(
                "another server answers there than before: name each server's own address, not a pooler's"
            )
        self.positions.append(read.position(said, asked, time.monotonic()))


class Discovery(Protocol):
    """What finds nodes that nobody named."""

    def found(self, nodes: Sequence[Node]) -> Iterable[Asked]:
        """Take the nodes that answered so far, and yield those that should be asked too, each once."""

    @property
    def pending(self) -> bool:
        """Whether it still waits for something that may name more."""


@dataclass(frozen=True, slots=True)
class Collected:
    """The nodes, without names where none were given, and for how many seconds they were observed."""

    nodes: tuple[Node, ...]
    observed_s: float


def collect(
    asked: Iterable[Asked],
    bounds: Bounds,
    interrupt: Interrupt,
    discovery: Discovery,
    report: Callable[[Event], None] = lambda _event: None,
) -> Collected:
    """Ask the nodes and those that are discovered; raises Interrupted.

    The observation ends ``observe`` seconds after the last answer; a node that hangs lengthens it to its bound.
    """
    asking = [_Asking(each, interrupt, bounds) for each in asked]
    try:
        _observe(asking, bounds, interrupt, discovery, report)
        _end(asking, bounds, interrupt)
    finally:
        for each in asking:
            each.stop.set()
    nodes = tuple(each.result() for each in asking)
    spans = [node.positions[-1].answered - node.positions[0].asked for node in nodes if node.positions]
    return Collected(nodes, min(spans, default=0.0))


def _observe(
    asking: list[_Asking],
    bounds: Bounds,
    interrupt: Interrupt,
    discovery: Discovery,
    report: Callable[[Event], None],
) -> None:
    """Wait until all have answered or had their time, and positions were watched for long enough."""
    began = last = told = time.monotonic()
    known = 0
    while True:
        answered = [each.node for each in asking if each.answered.is_set() and each.node is not None]
        if len(answered) > known:
            known, last = len(answered), time.monotonic()
        pending = discovery.pending  # before it is asked: what comes in between is found in the next round
        asking += [_Asking(each, interrupt, bounds) for each in discovery.found(answered)]
        settled = not pending and all(each.settled for each in asking)
        now = time.monotonic()
        if settled and (not known or now - last >= bounds.observe):
            return
        if now - told >= _TELL:
            told = now
            report(NodesAsked(len(asking), known, now - began, bounds.timeout))
        interrupt.sleep(_LOOK)


def _end(asking: Sequence[_Asking], bounds: Bounds, interrupt: Interrupt) -> None:
    """Let the standbys end, and after them the primaries."""
    answered = [each for each in asking if each.answered.is_set()]
    standbys = [each for each in answered if each.positions and each.positions[-1].in_recovery]
    for group in (standbys, answered):
        for each in group:
            each.stop.set()
        deadline = time.monotonic() + bounds.timeout + _GRACE
        while not all(each.ended.is_set() for each in group) and time.monotonic() < deadline:
            interrupt.sleep(_LOOK / 4)


def _as_of(node: Node) -> Node:
    """Return the node as it was at the end: one that was promoted meanwhile is a primary, on an unknown timeline."""
    now = node.last
    if now is None or now.in_recovery == node.in_recovery:
        return node
    return replace(node, in_recovery=now.in_recovery, timeline=None, receivers=None, pause_state=None)
