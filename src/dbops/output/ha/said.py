"""What the checks say, in the order and the groups in which people read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dbops.output.prose import counted
from dbops.results.ha import Acceptance, HaCheck, HaStatus, Question, Status, Weight

_MANY = 4
_SHOWN = 3
"""Of more than four that say the same of different nodes in other words, so many are shown."""
_NAMED = 8


class Kind(StrEnum):
    """What somebody has to know of it, the worst first."""

    FAIL = "fail"
    WARNING = "warning"
    UNKNOWN = "unknown"
    INFO = "info"
    ACCEPTED = "accepted"


_PLACES = {Kind.FAIL: 0, Kind.WARNING: 2, Kind.UNKNOWN: 3, Kind.INFO: 4, Kind.ACCEPTED: 5}
_MAY_BLOCK = 1
MARKS = {Kind.FAIL: "✗", Kind.WARNING: "!", Kind.UNKNOWN: "?", Kind.INFO: "i", Kind.ACCEPTED: "~"}


@dataclass(frozen=True, slots=True)
class Said:
    """A check's word about one node, several (it says the same of each), or the cluster (none).

    ``more`` are the nodes of which it says the like in other words that are left out.
    """

    kind: Kind
    id: str
    nodes: tuple[str, ...]
    message: str
    remedy: str | None
    only: Question | None
    accepted: Acceptance | None
    more: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The node's name, the number of nodes, or the cluster."""
        if not self.nodes:
            return "cluster"
        return self.nodes[0] if len(self.nodes) == 1 else counted(len(self.nodes), "node")


@dataclass(frozen=True, slots=True)
class Tally:
    """Ids of the checks that passed wherever they ran, and of those that nowhere applied."""

    passed: tuple[str, ...]
    skipped: tuple[str, ...]

    def __str__(self) -> str:
        """Return both numbers in a sentence."""
        if not self.passed and not self.skipped:
            return "no check passed"
        skipped = f", {len(self.skipped)} skipped" if self.skipped else ""
        return f"{counted(len(self.passed), 'check')} passed{skipped}"


def said(status: HaStatus) -> tuple[Said, ...]:
    """Return what did not pass: what stops a failover first, what is accepted last, alike ones as one.

    Of each check what it says of the cluster, the primary and the candidates goes first.
    """
    decisive = frozenset({status.switchover.candidate, status.emergency.candidate, None})
    decisive |= {node.name for node in status.nodes if node.role == "primary"}
    groups: dict[tuple[object, ...], list[HaCheck]] = {}
    for check in sorted(filter(_is_said, status.checks), key=lambda each: _order(each, decisive)):
        key = (check.id, _kind(check), check.message, check.remedy, check.matters, check.accepted, check.node is None)
        groups.setdefault(key, []).append(check)
    return tuple(_folded(_joined([_said(group) for group in groups.values()])))


def tally(checks: Sequence[HaCheck]) -> Tally:
    """Return how many checks have nothing to say."""
    ids = dict.fromkeys(sorted(check.id for check in checks))
    speaking = {check.id for check in checks if _is_said(check)}
    passing = {check.id for check in checks if check.status is Status.PASS} - speaking
    return Tally(
        tuple(each for each in ids if each in passing),
        tuple(each for each in ids if each not in passing and each not in speaking),
    )


def names(nodes: Sequence[str]) -> str:
    """Return the names of some nodes; of many, the first of them and how many more."""
    shown = ", ".join(nodes[:_NAMED])
    return shown if len(nodes) <= _NAMED else f"{shown} and {len(nodes) - _NAMED} more"


def acceptance(accepted: Acceptance) -> str:
    """Return why one lives with it, and until when."""
    if accepted.expires is None:
        return f"accepted: {accepted.reason}"
    if accepted.expired:
        return f"was accepted until {accepted.expires}, which is over: {accepted.reason}"
    return f"accepted until {accepted.expires}: {accepted.reason}"


def matters(only: Question | None) -> str:
    """Return which question alone it counts for; "" where that is both."""
    return "" if only is None else f"{only.value} only"


def _is_said(check: HaCheck) -> bool:
    return check.status not in {Status.PASS, Status.SKIPPED}


def _kind(check: HaCheck) -> Kind:
    if check.accepted is not None and not check.accepted.expired:
        return Kind.ACCEPTED
    if check.status is Status.UNKNOWN:
        return Kind.UNKNOWN
    if check.severity is Weight.INFO:
        return Kind.INFO
    return Kind.FAIL if check.status is Status.FAIL else Kind.WARNING


def _order(check: HaCheck, decisive: frozenset[str | None]) -> tuple[int, str, bool]:
    """Return what sorts checks; what may be a blocker and can't be told goes before what is known to be none."""
    kind = _kind(check)
    may_block = kind is Kind.UNKNOWN and check.severity is Weight.BLOCKER
    return (_MAY_BLOCK if may_block else _PLACES[kind], check.id, check.node not in decisive)


def _said(group: Sequence[HaCheck]) -> Said:
    first = group[0]
    return Said(
        kind=_kind(first),
        id=first.id,
        nodes=tuple(dict.fromkeys(check.node for check in group if check.node is not None)),
        message=first.message,
        remedy=first.remedy,
        only=first.matters[0] if len(first.matters) == 1 else None,
        accepted=first.accepted,
    )


def _joined(some: Sequence[Said]) -> list[Said]:
    """Return the groups, with one in place of those checks that can't tell for one and the same reason."""
    alike: dict[str, list[Said]] = {}
    for each in some:
        if each.kind is Kind.UNKNOWN and each.remedy is None and each.accepted is None:
            alike.setdefault(each.message, []).append(each)
    joined = {message: group for message, group in alike.items() if len({each.id for each in group}) > 1}
    kept: list[Said] = []
    for each in some:
        group = joined.get(each.message, []) if each.kind is Kind.UNKNOWN else []
        if each not in group:
            kept.append(each)
        elif each is group[0]:
            ids = tuple(dict.fromkeys(one.id for one in group))
            message = f"{each.message}: {', '.join(ids)}"
            kept.append(replace(each, id=f"{len(ids)} checks", nodes=(), message=message, only=None))
    return kept


def _folded(some: Sequence[Said]) -> Iterable[Said]:
    """Yield the groups; of many of one check and kind only the first few, the last of which names the others' nodes."""
    alike: dict[tuple[str, Kind], list[Said]] = {}
    for each in some:
        alike.setdefault((each.id, each.kind), []).append(each)
    for group in alike.values():
        if len(group) <= _MANY:
            yield from group
            continue
        *shown, last = group[:_SHOWN]
        left = dict.fromkeys(name for each in group[_SHOWN:] for name in each.nodes or ("cluster",))
        yield from shown
        yield replace(last, more=tuple(left))
