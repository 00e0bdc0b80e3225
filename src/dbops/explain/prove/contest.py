"""Which indexes make the query faster, decided by running it with and without them in turns. Pure: a stand runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

from dbops.explain.advise.candidate import Candidate
from dbops.explain.prove.interval import FEWEST, interval
from dbops.explain.prove.preference import preferred

MOST_PAIRS = 30
SLOW_MS = 10_000.0
"""A run that takes longer is not repeated often enough for an interval, unless the time that is given allows it."""
SLOW_PAIRS = 3
CLEAR = 1.2
"""Without an interval, every pair must be that much faster; a number of ours, against chance in three pairs."""
_SCREENED = 3
_SAME = "the planner makes the same plan with it as without it"
_NONE: frozenset[Candidate] = frozenset()


class Run(Protocol):
    """One run: its time in ms, which is the least it can be when it was stopped at the limit."""

    @property
    def ms(self) -> float:
        """Return the time."""

    @property
    def stopped(self) -> bool:
        """Return whether it was stopped."""


class Stand(Protocol):
    """Who runs the query with just these indexes."""

    def run(self, present: frozenset[Candidate]) -> Run:
        """Run it once."""

    def size(self, present: frozenset[Candidate]) -> int:
        """Return the bytes that these take."""

    def same_plan(self, one: frozenset[Candidate], other: frozenset[Candidate]) -> bool:
        """Say whether the planner makes the same plan of it with these as with those."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Warm runs without and with an index: medians in ms, the ratios of the pairs, and what they show.

    ``stopped_before`` and ``stopped_after`` say that a side ran into the limit; its time is then the limit.
    """

    before_ms: float
    after_ms: float
    ratios: tuple[float, ...]
    stopped_before: bool = False
    stopped_after: bool = False

    @property
    def speedup(self) -> float:
        """How many times as fast it is with the index."""
        return self.before_ms / max(self.after_ms, 1e-6)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of the median ratio; None where runs were too few, or stopped."""
        return None if self.stopped_before or self.stopped_after else interval(self.ratios)

    @property
    def faster(self) -> bool:
        """Whether it is faster for sure: by the interval's lower end, or by every single pair."""
        if self.stopped_after:
            return False
        return self.interval[0] > 1.0 if self.interval else min(self.ratios) > CLEAR


@dataclass(frozen=True, slots=True)
class Kept:
    """An index that is worth it, beside those that were kept before it."""

    candidate: Candidate
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Lost:
    """An index that isn't, and why; the times are None where it was not timed."""

    candidate: Candidate
    reason: str
    before_ms: float | None = None
    after_ms: float | None = None


@dataclass(slots=True)
class Outcome:
    """What came of it; an index is in it once."""

    kept: list[Kept] = field(default_factory=list)
    lost: dict[Candidate, Lost] = field(default_factory=dict)
    baseline_ms: float | None = None

    @property
    def present(self) -> frozenset[Candidate]:
        """The indexes that were kept."""
        return frozenset(each.candidate for each in self.kept)


OnPair = Callable[[str, int, int], None]
"""Called after each pair of runs with the index's name, how many there were, and how many there will be."""


def contest(stand: Stand, sets: Sequence[tuple[Candidate, ...]], seconds: float, on_pair: OnPair) -> Outcome:
    """Find the configuration that makes the query fastest, and which of its indexes have a part in that.

    All are run a few times in turns; the one that is worth most for its bytes is looked at index by index,
    with fresh runs, so that its luck in the first round is not counted. When none of it is kept, the next is tried.
    """
    outcome = Outcome()
    live = [each for each in sets if not stand.same_plan(_NONE, frozenset(each))]
    for candidate in (candidate for each in sets if each not in live for candidate in each):
        outcome.lost[candidate] = Lost(candidate, _SAME)
    times = _screen(stand, live, seconds / 3) if len(live) > 1 else {}
    outcome.baseline_ms = times.get(())
    faster = [each for each in live if times[each] < times[()]] if times else live
    ranked = preferred(faster, times, _sized(stand), baseline=times[()]) if times else faster
    for configuration in ranked:
        _members(stand, configuration, outcome, seconds * (2 / 3 if times else 1) / len(configuration), on_pair)
        if outcome.kept:
            break
    for configuration in live:
        _screened(stand, configuration, times, outcome)
    for candidate in outcome.present:
        outcome.lost.pop(candidate, None)
    return outcome


def _sized(stand: Stand) -> Callable[[tuple[Candidate, ...]], int]:
    return lambda configuration: stand.size(frozenset(configuration))


def compare(
    stand: Stand, before: frozenset[Candidate], after: frozenset[Candidate], seconds: float, on_pair: OnPair, name: str
) -> Comparison:
    """Run the query in pairs, without and with an index, in the order ABBA after a run of each to warm up.

    What drifts, drifts for both. A side that runs into the limit once is not run again.
    """
    first, second = stand.run(before), stand.run(after)
    count = pairs(first.ms, second.ms, seconds)
    if first.stopped or second.stopped:
        return _stopped(stand, first, second, after)
    befores: list[Run] = []
    afters: list[Run] = []
    for number in range(count):
        order = ((befores, before), (afters, after))
        for runs, present in order if number % 2 == 0 else reversed(order):
            runs.append(stand.run(present))
        on_pair(name, number + 1, count)
    return Comparison(
        before_ms=median(run.ms for run in befores),
        after_ms=median(run.ms for run in afters),
        ratios=tuple(one.ms / max(other.ms, 1e-6) for one, other in zip(befores, afters, strict=True)),
        stopped_before=any(run.stopped for run in befores),
        stopped_after=any(run.stopped for run in afters),
    )


def pairs(before_ms: float, after_ms: float, seconds: float) -> int:
    """Return how many pairs of runs to make: what fits in the time, but enough for an interval if none is slow."""
    fewest = SLOW_PAIRS if max(before_ms, after_ms) > SLOW_MS else FEWEST
    return max(fewest, min(MOST_PAIRS, int(seconds * 1000 / max(before_ms + after_ms, 1e-6))))


def _stopped(stand: Stand, first: Run, second: Run, after: frozenset[Candidate]) -> Comparison:
    """Compare with a side that takes longer than it may: one such run is enough to wait for."""
    afters = [second] if second.stopped else [stand.run(after) for _ in range(SLOW_PAIRS)]
    return Comparison(
        before_ms=first.ms,
        after_ms=median(run.ms for run in afters),
        ratios=tuple(first.ms / max(run.ms, 1e-6) for run in afters),
        stopped_before=first.stopped,
        stopped_after=any(run.stopped for run in afters),
    )


_Times = dict[tuple[Candidate, ...], float]


def _screen(stand: Stand, live: Sequence[tuple[Candidate, ...]], seconds: float) -> _Times:
    """Run every configuration, and none, a few times in turns; return the medians after a run to warm up."""
    configurations: list[tuple[Candidate, ...]] = [(), *live]
    warm = {each: stand.run(frozenset(each)) for each in configurations}
    cost = sum(run.ms for run in warm.values())
    rounds = min(_SCREENED, int(seconds * 1000 / max(cost, 1e-6)))
    runs: dict[tuple[Candidate, ...], list[float]] = {each: [] for each in configurations}
    for number in range(rounds):
        for each in configurations if number % 2 == 0 else reversed(configurations):
            if not warm[each].stopped:
                runs[each].append(stand.run(frozenset(each)).ms)
    return {each: median(times or [warm[each].ms]) for each, times in runs.items()}


def _members(
    stand: Stand, configuration: Sequence[Candidate], outcome: Outcome, seconds: float, on_pair: OnPair
) -> None:
    """Keep each index of a configuration that makes the query faster than those kept before it do."""
    for candidate in configuration:
        before = outcome.present
        after = before | {candidate}
        if stand.same_plan(before, after):
            beside = _beside(outcome.kept)
            outcome.lost[candidate] = Lost(candidate, f"{_SAME}{beside}")
            continue
        comparison = compare(stand, before, after, seconds, on_pair, candidate.name)
        if not before:
            outcome.baseline_ms = comparison.before_ms
        if comparison.faster:
            outcome.kept.append(Kept(candidate, comparison))
        else:
            outcome.lost[candidate] = _not_faster(candidate, comparison)


def _beside(kept: Iterable[Kept]) -> str:
    names = [each.candidate.name for each in kept]
    return f", beside {' and '.join(names)}" if names else ""


def _not_faster(candidate: Candidate, comparison: Comparison) -> Lost:
    if comparison.stopped_before and comparison.stopped_after:
        reason = f"both without and with it, the query was stopped after {ms(comparison.after_ms)}"
        return Lost(candidate, reason)
    after = ("more than " if comparison.stopped_after else "") + ms(comparison.after_ms)
    shown = f"{ms(comparison.before_ms)} → {after}"
    if comparison.interval:
        low, high = comparison.interval
        shown += f" ({low:.2f}–{high:.2f} times as fast)"
    return Lost(candidate, f"not faster: {shown}", comparison.before_ms, comparison.after_ms)


def _screened(stand: Stand, configuration: tuple[Candidate, ...], times: _Times, outcome: Outcome) -> None:
    """Say of the indexes of a configuration that was only screened what it was worth."""
    baseline, took = times.get(()), times.get(configuration)
    if baseline is None or took is None:
        return
    together = "" if len(configuration) == 1 else f" with {' and '.join(each.name for each in configuration)}"
    reason = f"not faster: {ms(baseline)} → {ms(took)}{together}"
    if outcome.kept and took < baseline:
        best = " and ".join(each.candidate.name for each in outcome.kept)
        after = outcome.kept[-1].comparison.after_ms
        more = "does more" if after <= took else "does nearly as much, and is smaller"
        reason = f"{best} {more}: {ms(after)}, against {ms(took)}{together}"
    for candidate in configuration:
        if candidate in outcome.lost or candidate in outcome.present:
            continue
        if stand.same_plan(frozenset(configuration), frozenset(configuration) - {candidate}):
            outcome.lost[candidate] = Lost(candidate, _SAME)
        else:
            outcome.lost[candidate] = Lost(candidate, reason, baseline, took)


def ms(value: float) -> str:
    """Return a time for reading: ``0.31 ms``, ``41 ms``, ``4.1 s``."""
    if value >= 999.5:
        return f"{value / 1000:.3g} s"
    return f"{value:.2g} ms" if value < 9.95 else f"{value:.0f} ms"
