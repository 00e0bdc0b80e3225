"""From the calls of a log to the share of all time that a standby could take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dbops.results.workload import Followed, Identity
from dbops.workload.freshness.tally import Tally


class Weighed(NamedTuple):
    """A statement's share of the time, whether a standby could answer it by its text, and what the log has of it."""

    share: float
    routable: bool | None
    tally: Tally | None


def followed(weighed: Iterable[Weighed], *, statements: int, identity: Identity, lag: float | None) -> Followed:
    """Return the shares; ``statements`` is how many calls the log has."""
    always = late = stay = unseen = 0.0
    for share, routable, tally in weighed:
        if routable is False:
            stay += share
        elif routable and tally is None:
            unseen += share
        elif routable and tally is not None:
            alone, staying = _parts(tally)
            always += share * alone
            late += share * (1 - staying)
            stay += share * staying
    known = lag is not None
    return Followed(
        statements=statements,
        identity=identity,
        lag_s=lag,
        always_share=round(always, 4),
        at_lag_share=round(late, 4) if known else None,
        stay_share=round(stay, 4) if known else None,
        unseen_share=round(unseen, 4),
    )


def _parts(tally: Tally) -> tuple[float, float]:
    """Return which part of a statement could go whatever the lag is, and which must stay at the lag."""
    amounts = (tally.alone, tally.within, tally.young, tally.all)
    by_time = tally.all.timed and tally.all.ms > 0
    alone, within, young, whole = (each.ms if by_time else each.calls for each in amounts)
    return alone / whole, min((within + young) / whole, 1.0)


def all_stay(tally: Tally) -> bool:
    """Whether each of a statement's calls had to be answered by the primary."""
    return tally.within.calls + tally.young.calls >= tally.all.calls
