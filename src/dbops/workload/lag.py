"""How far the standbys of a server are behind, by what it says of them itself. Pure.

A server measures how long what it sent takes until it is replayed (``replay_lag``). That is NULL when nothing is under
way, remembered for a while after that, too small under an apply delay, and stands still with a standby that does. So it
is held against the places in the WAL: a standby that has reached the end of what there is is not behind, and of another
one the earlier looks tell how long it has lacked something, at least and at most; see :mod:`dbops.postgres.wal`, which
``ha-status`` judges by as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbops.postgres.wal import end, last_reached
from dbops.results.workload import Replica

_UNNAMED = "(name not visible)"


class Lags:
    """Takes looks at the standbys, gives the largest lag of each that still streams at the last one."""

    def __init__(self) -> None:
        self._ends: list[tuple[float, int]] = []
        self._largest: dict[int, float] = {}
        self._names: dict[int, str] = {}

    def look(self, said: Mapping[str, Any]) -> None:
        """Take what :func:`dbops.postgres.routing.standbys` said."""
        at, here = float(said["at"]), end(int(said["written"]), int(said["flushed"]))
        self._names = {pid: name or _UNNAMED for pid, name, _, _ in said["standbys"]}
        for pid, _, place, own in said["standbys"]:
            behind = None if place is None else self._behind(at, here, int(place), own)
            if behind is not None:
                self._largest[pid] = max(behind, self._largest.get(pid, 0.0))
        self._ends.append((at, here))

    def replicas(self) -> tuple[Replica, ...]:
        """Return the standbys, by their names."""
        found = (Replica(name, _rounded(self._largest.get(pid))) for pid, name in self._names.items())
        return tuple(sorted(found, key=lambda each: each.name))

    def _behind(self, at: float, here: int, place: int, own: float | None) -> float | None:
        if place >= here:
            return 0.0
        reached = last_reached(place, self._ends)
        missed = min((then for then, until in self._ends if until > place), default=at)
        least, most = at - missed, None if reached is None else at - reached
        if own is None:
            return most
        return max(own, least) if most is None else min(max(own, least), most)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
