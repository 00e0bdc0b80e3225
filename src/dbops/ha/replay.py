"""Whether replay goes on, and what it waits for when it doesn't. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from dbops.ha.snapshot import Node, Position

# Wait events of the process that replays, as pg_stat_activity names them from 13 to 18.
_FOR_WAL = frozenset({"RecoveryWalStream", "RecoveryRetrieveRetryInterval", "RestoreCommand"})
_ON_PURPOSE = frozenset({"RecoveryPause", "RecoveryApplyDelay"})
_HELD = ("Lock/", "BufferPin/", "IPC/RecoveryConflict")


class Cause(StrEnum):
    """Why replay stands still."""

    HELD = "held"
    """A query on the standby is in its way."""
    NO_RECORD = "no record"
    """It has come to the end of what it can replay: the rest is a part of a record, or nothing it can read."""
    BUSY = "busy"
    """It works at something, or waits for a disk."""
    UNKNOWN = "unknown"
    """What it waits for is hidden from the role."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """Replay that does not move, though more was received: where, for how long (seconds), with how much left."""

    replayed: int
    seconds: float
    bytes: int
    cause: Cause


def waits_on_purpose(standby: Node) -> bool:
    """Whether replay is paused, or waits because it is told to be late."""
    here = standby.last
    return standby.pause_state not in {None, "not paused"} or (here is not None and _event(here) in _ON_PURPOSE)


def backlog(standby: Node) -> int | None:
    """Return how many bytes are received and not replayed, as last seen."""
    here = standby.last
    if here is None or here.received is None or here.replayed is None:
        return None
    return here.received - here.replayed


def standstill(standby: Node) -> Standstill | None:
    """Return how replay stands still at the end of the observation, None where it moves, has nothing left, or waits on
    purpose; a single position shows none.
    """
    still, left = list(_still(standby)), backlog(standby)
    if len(still) < 2 or left is None or waits_on_purpose(standby):
        return None
    here, first = still[0], still[-1]
    return Standstill(here.replayed or 0, here.answered - first.asked, left, _cause(here))


def promotable(standby: Node) -> tuple[Position, ...]:
    """Return the positions with only that as received which a promotion would have.

    It ends where replay has come to a record that is not there to its end; where it can't be told whether that is why
    replay stands still, that is taken to be so.
    """
    still = standstill(standby)
    if still is None or still.cause not in {Cause.NO_RECORD, Cause.UNKNOWN}:
        return standby.positions
    return tuple(
        replace(each, received=each.replayed) if each.replayed == still.replayed else each for each in standby.positions
    )


def _still(standby: Node) -> Iterator[Position]:
    """Yield the positions at the end, the last one first, that stand at the same place behind what is received."""
    here = standby.last
    for each in reversed(standby.positions):
        if here is None or each.replayed is None or each.replayed != here.replayed or not _has_more(each):
            return
        yield each


def _has_more(position: Position) -> bool:
    return (position.received or 0) > (position.replayed or 0)


def _cause(here: Position) -> Cause:
    if here.replay_waits is None:
        return Cause.UNKNOWN
    if here.replay_waits.startswith(_HELD):
        return Cause.HELD
    return Cause.NO_RECORD if _event(here) in _FOR_WAL else Cause.BUSY


def _event(position: Position) -> str:
    return (position.replay_waits or "").rpartition("/")[2]
