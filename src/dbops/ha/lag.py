"""How far a standby is behind, and what a failover to it would lose: arithmetic over positions. Pure.

Positions of two servers are never read at the same moment. A standby's position is therefore held against one of the
primary's that was asked for *after* the standby had answered: what lies between can only be too much, never too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dbops.ha.replay import promotable
from dbops.ha.snapshot import Node, Position
from dbops.postgres.wal import end, last_reached

_RISING = 1024**2
"""Bytes a second by which replay falls further behind before it is called rising; dbops's own threshold."""


@dataclass(frozen=True, slots=True)
class Lag:
    """A standby's distance from the primary; None is unknown.

    ``loss_bytes`` and ``loss_seconds`` are the most that a promotion would have lacked at any moment of the window:
    what was not received, and what can't be replayed. ``bytes`` and ``seconds`` are what was not replayed at its end.
    ``promote_seconds`` is what is received and not replayed, by the rate of replay. ``rising`` is by how many bytes a
    second ``bytes`` grew. ``ahead`` says that the standby has WAL that the primary never wrote. ``history`` are
    (seconds since the first, bytes not replayed).
    """

    loss_bytes: int | None = None
    loss_seconds: float | None = None
    bytes: int | None = None
    seconds: float | None = None
    promote_seconds: float | None = None
    rising: float | None = None
    ahead: bool | None = None
    history: tuple[tuple[float, int], ...] = ()

    @property
    def is_rising(self) -> bool:
        """Whether replay falls further behind."""
        return self.rising is not None and self.rising >= _RISING


def lag_of(primary: Node | None, standby: Node) -> Lag:
    """Return the standby's lag; without a primary, or across systems and timelines, only the time to promote."""
    promote = promote_seconds(standby)
    if primary is None or not _comparable(primary, standby):
        return Lag(promote_seconds=promote)
    pairs = list(paired(primary.positions, promotable(standby)))
    received = [(head(late) - here.received, late, here) for late, here in pairs if here.received is not None]
    replayed = [(head(late) - here.replayed, late, here) for late, here in pairs if here.replayed is not None]
    if not received or not replayed:
        return Lag(promote_seconds=promote)
    began = pairs[0][1].asked
    history = tuple((here.answered - began, max(0, behind)) for behind, _, here in replayed)
    last = standby.positions[-1]
    losses = [_seconds(here.received, here, late, primary.positions, last) for _, late, here in received]
    behind, late, here = replayed[-1]
    return Lag(
        loss_bytes=max(0, *(behind for behind, _, _ in received)),
        loss_seconds=None if any(each is None for each in losses) else max(each for each in losses if each is not None),
        bytes=max(0, behind),
        seconds=_seconds(here.replayed, here, late, primary.positions, last),
        promote_seconds=promote,
        rising=_slope(history),
        ahead=any(head(late) < (here.received or 0) for late, here in paired(primary.positions, standby.positions)),
        history=history,
    )


def head(position: Position) -> int:
    """Return the end of a primary's WAL."""
    return end(position.written or 0, position.flushed or 0)


def paired(primary: Sequence[Position], standby: Sequence[Position]) -> Iterator[tuple[Position, Position]]:
    """Yield each of the standby's positions behind the first of the primary's that was asked for after it."""
    for here in standby:
        late = next((each for each in primary if each.asked >= here.answered and each.written is not None), None)
        if late is not None and here.in_recovery and not late.in_recovery:
            yield late, here


def promote_seconds(standby: Node) -> float | None:
    """Return how long what is received would take to be replayed, by the rate at which replay went on.

    Replay that waits (paused, or delayed on purpose) shows no rate: then it is unknown, unless nothing is left.
    """
    here = standby.last
    if here is None or here.received is None or here.replayed is None:
        return None
    backlog = here.received - here.replayed
    if backlog <= 0:
        return 0.0
    first = standby.positions[0]
    delay = standby.setting("recovery_min_apply_delay")
    waits = standby.pause_state not in {None, "not paused"} or delay is None or delay.number != 0
    if waits or first.replayed is None or here.asked <= first.asked or here.replayed <= first.replayed:
        return None
    return backlog * (here.answered - first.asked) / (here.replayed - first.replayed)


def _comparable(primary: Node, standby: Node) -> bool:
    """Whether a byte of the one's WAL is known to be the same byte of the other's."""
    timeline = standby.recovery_timeline if standby.timeline is None else standby.timeline
    same = (primary.system_identifier, primary.timeline) == (standby.system_identifier, timeline)
    return same and None not in {primary.system_identifier, timeline}


def _seconds(
    reached: int | None, here: Position, late: Position, primary: Sequence[Position], last: Position
) -> float | None:
    """Return for how long, at most, the standby has lacked what the primary has.

    The primary's newest position that the standby had reached tells when it was as far: that is the probe, on our own
    clock. A standby that reached none of the window's is bounded by the last commit it has replayed, which, like the
    time it is held against, is the primary's clock. On an idle primary that may be long ago: when ``last`` shows that
    what was lacking held no commit at all, no time was lacking.
    """
    if reached is None:
        return None
    if reached >= head(late):
        return 0.0
    caught_up = last_reached(reached, ((each.asked, head(each)) for each in primary if each.asked <= here.answered))
    if caught_up is not None:
        return here.answered - caught_up
    if here.replayed_commit is None:
        return None
    if (last.replayed or 0) >= head(late) and last.replayed_commit == here.replayed_commit:
        return 0.0
    return max(0.0, late.clock - here.replayed_commit)


def _slope(history: Sequence[tuple[float, int]]) -> float | None:
    """Return bytes a second between the first and the last."""
    if len(history) < 2 or history[-1][0] <= history[0][0]:
        return None
    return (history[-1][1] - history[0][1]) / (history[-1][0] - history[0][0])
