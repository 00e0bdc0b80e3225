"""What a check is, and what it says.

A check is a module in ``ha/checks/``; its file's name, with hyphens, is its id, and that never changes. It has

- a docstring: a line that says what must hold, then paragraphs that begin with ``Why:``, ``Instead:`` (what to do) and
  ``Versions:`` and ``Source:`` where there is something to say,
- ``WEIGHT``: a Weight, what its failing means,
- ``MATTERS``: the questions it counts for, ``BOTH`` or ``SWITCHOVER_ONLY``: what only a planned switchover has to wait
  for (a collation, an extension, a slot of a subscriber) must not hold up an emergency (``EMERGENCY_ONLY``: what keeps
  a manager from acting by itself does not hold up a person),
- ``QUERY``: the file in ``postgres/queries/ha`` its facts come from, or the ``GET /…`` of Patroni's REST API,
- ``ESSENTIAL = True`` where its "unknown" makes the verdict UNKNOWN rather than DEGRADED (role, timeline, receiver,
  position); such a check can't be accepted either,
- ``examine``: it takes a Cluster and yields an Outcome for the cluster or for each node it can judge.

It judges every standby as if that were the one to be promoted: who is promoted is decided afterwards, by the outcomes.
What could not be seen is ``unknown``, never passed: a NULL, a missing fact and a node without an answer alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node
from dbops.results.ha import Question, Status, Weight

BOTH = (Question.SWITCHOVER, Question.EMERGENCY)
SWITCHOVER_ONLY = (Question.SWITCHOVER,)
EMERGENCY_ONLY = (Question.EMERGENCY,)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check says of a node, or (None) of the cluster.

    ``weight`` and ``matters`` replace the check's own for this outcome, ``essential`` adds to it.
    """

    status: Status
    node: str | None
    message: str
    remedy: str | None = None
    weight: Weight | None = None
    matters: tuple[Question, ...] | None = None
    essential: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A check's module, read."""

    id: str
    weight: Weight
    matters: tuple[Question, ...]
    essential: bool
    query: str
    text: str
    examine: Callable[[Cluster], Iterable[Outcome]]

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.text.split("\n", maxsplit=1)[0]


def passed(node: Node | None, message: str) -> Outcome:
    """It holds."""
    return Outcome(Status.PASS, _name(node), message)


def failed(
    node: Node | None,
    message: str,
    remedy: str,
    *,
    weight: Weight | None = None,
    matters: tuple[Question, ...] | None = None,
) -> Outcome:
    """It does not hold. A weight below blocker makes it a warning."""
    return Outcome(Status.FAIL, _name(node), message, remedy, weight, matters)


def skipped(node: Node | None, message: str) -> Outcome:
    """It does not apply here: the version has no such thing, or there is nothing to compare."""
    return Outcome(Status.SKIPPED, _name(node), message)


def unknown(
    node: Node | None, message: str, part: str | None = None, remedy: str | None = None, *, essential: bool = False
) -> Outcome:
    """It could not be seen; ``part`` is the query that would have shown it, whose grant is then the remedy."""
    if node is not None and part is not None:
        if part in node.denied:
            denied = f"{message}: not permitted"
            return Outcome(Status.UNKNOWN, node.name, denied, node.denied[part], essential=essential)
        if part in node.missing:
            message = f"{message}: {node.missing[part]}"
    return Outcome(Status.UNKNOWN, _name(node), message, remedy, essential=essential)


def _name(node: Node | None) -> str | None:
    return None if node is None else node.name
