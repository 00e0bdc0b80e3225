"""What was seen of a statement's calls: how many had to see what was just written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from dbops.results.workload import Freshness
from dbops.workload.freshness.ages import Ages


class Read(NamedTuple):
    """A call of a statement that a standby would take, by how long before its own client had written what it reads.

    ``age`` is a step of :mod:`~dbops.workload.freshness.ages`, None where no such write was seen; ``young`` that the
    lag is longer than that; ``after`` the table that was written.
    """

    name: str
    age: int | None
    young: bool
    after: str | None


@dataclass(slots=True)
class Amount:
    """Calls, and the ms that they took; ``timed`` says that this is known of all of them."""

    calls: int = 0
    ms: float = 0.0
    timed: bool = True

    def add(self, calls: int, ms: float | None) -> None:
        """Add calls that took so many ms together, None where that is not known."""
        self.calls += calls
        self.ms += ms or 0.0
        self.timed = self.timed and ms is not None


@dataclass(slots=True)
class Tally:
    """The calls of a statement.

    ``within`` were in transactions that a standby would not take; of the others ``young`` followed a write of their own
    client's that is younger than the lag, and ``alone`` followed none.
    """

    all: Amount = field(default_factory=Amount)
    within: Amount = field(default_factory=Amount)
    young: Amount = field(default_factory=Amount)
    alone: Amount = field(default_factory=Amount)
    ages: Ages = field(default_factory=Ages)
    after: Counter[str] = field(default_factory=Counter)

    def take(self, read: Read, amount: Amount, *, stays: bool) -> None:
        """Take calls of one kind; ``stays`` says that their transaction was one that a standby would not take."""
        calls, ms = amount.calls, amount.ms if amount.timed else None
        self.all.add(calls, ms)
        if stays:
            self.within.add(calls, ms)
        elif read.age is None:
            self.alone.add(calls, ms)
        else:
            self.ages.add(read.age, calls)
        if not stays and read.young:
            self.young.add(calls, ms)
            self.after[read.after or ""] += calls

    def freshness(self, lag: float | None) -> Freshness:
        """Return it as shares; ``lag`` is None where it is not known."""
        known, whole, timed = lag is not None, self.all, self.all.timed
        return Freshness(
            calls=whole.calls,
            total_ms=round(whole.ms, 3) if timed else None,
            within_writing=_share(self.within.calls, whole.calls),
            within_writing_time=_share(self.within.ms, whole.ms) if timed else None,
            after_write=_share(self.young.calls, whole.calls) if known else None,
            after_write_time=_share(self.young.ms, whole.ms) if known and timed else None,
            after_no_write=_share(self.alone.calls, whole.calls),
            after_no_write_time=_share(self.alone.ms, whole.ms) if timed else None,
            written=self.after.most_common(1)[0][0] if self.after else None,
            age_s_median=_rounded(self.ages.quantile(0.5)),
            age_s_5_percent=_rounded(self.ages.quantile(0.05)),
        )


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else float(f"{seconds:.3g}")
