"""How well `dbops nplusone` tells loops from what is right: precision and recall over the tests' labelled samples.

    make bench
    python tests/bench/nplusone.py

A sample counts once: one with the fault is found when anything is found in it, one without is wrong when anything is.
The intervals are Wilson's, 95 %. Samples are not a sample of anybody's workload: the interval says how much so many
samples can tell, not how often a stranger's application is judged right. Two rounds of traces after real incidents were
written when the judge of traces was done, and then those held out, by someone who had not seen it, and programs as
well; ``FIRST_TRY`` is how they were judged then, before anything was mended.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from types import ModuleType
from typing import Any

from tabulate import tabulate

TESTS = Path(__file__).parents[1]
FIRST_TRY = """At the first try, of samples by someone who had seen neither judges nor samples, 29 of 30 loops in traces
and 20 of 20 in programs were found, and 0 of 30 and 1 of 20 that are right were taken for one (12 of 12 and 0 of 10
in a second round of programs); before, of incidents by who wrote the judge, 15 of 20 and 2 of 20."""
_Z = 1.959964
"""The normal distribution's quantile of 97.5 %."""


@dataclass(frozen=True)
class Score:
    """Of samples with and without the fault: how many, which were missed, and which were wrong."""

    faulty: int
    right: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]

    def plus(self, other: Score) -> Score:
        return Score(
            self.faulty + other.faulty, self.right + other.right, self.missed + other.missed, self.wrong + other.wrong
        )

    def row(self, name: str) -> list[str]:
        hits = self.faulty - len(self.missed)
        return [
            name,
            str(self.faulty),
            str(self.right),
            share(hits, hits + len(self.wrong)),
            share(hits, self.faulty),
            ", ".join(self.missed),
            ", ".join(self.wrong),
        ]


def main() -> None:
    sys.path[:0] = [str(TESTS), str(TESTS.parent)]
    from tests.workload.source import samples

    from workload.nplusone import counters, heldout, incidents, later, negative, positive
    from workload.nplusone.judging import found, judged

    scores = {
        "traces of logs": score(positive.POSITIVE, negative.NEGATIVE, lambda trace: found(trace())),
        "incidents": score(incidents.POSITIVE, incidents.NEGATIVE, lambda trace: found(trace())),
        "incidents, second round": score(later.POSITIVE, later.NEGATIVE, lambda trace: found(trace())),
        "traces held out": score(heldout.POSITIVE, heldout.NEGATIVE, lambda trace: found(trace())),
        "counters (--statements)": score(counters.POSITIVE, counters.NEGATIVE, judged),
        "source code": of_code(samples.OWN),
        "source code held out": of_code(samples.HELD_OUT),
    }
    together = Score(0, 0, (), ())
    for each in scores.values():
        together = together.plus(each)
    rows = [each.row(name) for name, each in (scores | {"all": together}).items()]
    headers = ["", "with", "without", "precision", "recall", "missed", "wrong"]
    print(tabulate(rows, headers=headers, disable_numparse=True))
    print(f"\n{FIRST_TRY}")


def of_code(rooms: Sequence[ModuleType]) -> Score:
    """Return the score of several modules of samples together."""
    from tests.workload.source.samples import found

    together = Score(0, 0, (), ())
    for room in rooms:
        together = together.plus(score(room.POSITIVE, room.NEGATIVE, found))
    return together


def score(faulty: Mapping[str, Any], right: Mapping[str, Any], judge: Callable[[Any], object]) -> Score:
    missed = tuple(name for name, sample in faulty.items() if not judge(sample))
    wrong = tuple(name for name, sample in right.items() if judge(sample))
    return Score(len(faulty), len(right), missed, wrong)


def share(part: int, of: int) -> str:
    """Return ``98.4 % (91.3 … 99.7)``."""
    if not of:
        return "?"
    low, high = wilson(part, of)
    return f"{part / of:.1%} ({low:.1%} … {high:.1%})".replace("%", " %")


def wilson(part: int, of: int) -> tuple[float, float]:
    """Return Wilson's score interval of 95 % (Wilson 1927)."""
    ratio, square = part / of, _Z**2 / of
    middle = (ratio + square / 2) / (1 + square)
    half = _Z / (1 + square) * sqrt(ratio * (1 - ratio) / of + square / (4 * of))
    return max(middle - half, 0.0), min(middle + half, 1.0)


if __name__ == "__main__":
    main()
