"""The formulas agree with calls and writes that really come at random."""

from __future__ import annotations

import random
from bisect import bisect_right

import pytest

from dbops.workload.cache.ladder import LADDER, allowed, shortest
from dbops.workload.cache.rates import invalidated, stale, with_ttl

CALLS = 40_000


def arrivals(rate: float, until: float, seed: int) -> list[float]:
    chance, at, found = random.Random(seed), 0.0, []
    while rate and (at := at + chance.expovariate(rate)) < until:
        found.append(at)
    return found


@pytest.mark.parametrize(
    ("calls", "ttl", "writes"), [(0.2, 5.0, 0.1), (1.0, 1.0, 2.0), (20.0, 5.0, 0.05), (3.0, 30.0, 0)]
)
def test_hits_and_old_hits_of_a_time_to_live_are_what_a_simulation_counts(
    calls: float, ttl: float, writes: float
) -> None:
    asked = arrivals(calls, CALLS / calls, 1)
    written = arrivals(writes, CALLS / calls, 2)
    hits = old = 0
    loaded = float("-inf")
    for at in asked:
        if at < loaded + ttl:
            hits += 1
            old += bisect_right(written, at) > bisect_right(written, loaded)
        else:
            loaded = at
    assert hits / len(asked) == pytest.approx(with_ttl(calls, ttl), abs=0.01)
    assert old / hits == pytest.approx(stale(writes, ttl), abs=0.02)


@pytest.mark.parametrize(("calls", "writes"), [(1.0, 1.0), (10.0, 0.5), (0.5, 4.0)])
def test_hits_until_the_next_write_are_what_a_simulation_counts(calls: float, writes: float) -> None:
    asked, written = arrivals(calls, CALLS / calls, 3), arrivals(writes, CALLS / calls, 4)
    hits, loaded = 0, -1
    for at in asked:
        version = bisect_right(written, at)
        hits, loaded = hits + (version == loaded), version
    assert hits / len(asked) == pytest.approx(invalidated(calls, writes), abs=0.01)


def test_what_is_not_called_has_no_hits_and_what_is_not_written_is_not_old() -> None:
    assert (invalidated(0, 0), with_ttl(0, 5), stale(0, 5)) == (0, 0, 0)
    assert invalidated(1, 0) == 1


@pytest.mark.parametrize(
    ("most", "covered", "rungs"),
    [
        (30.0, None, (1, 5, 10, 30)),
        (7.0, None, (1, 5, 7)),
        (0.5, None, (0.5,)),
        (0.0, None, ()),
        (1e6, None, (*LADDER, 1e6)),
        (300.0, 12.0, (1, 5, 10)),
        (30.0, 0.2, ()),
    ],
)
def test_lives_are_no_longer_than_answers_may_be_old_and_than_the_log_is(most, covered, rungs) -> None:
    assert allowed(most, covered) == rungs


def test_the_shortest_life_that_brings_nearly_as_much_is_taken() -> None:
    assert shortest({1: 0.2, 5: 0.85, 30: 0.94}) == 5
    assert shortest({1: 0.2, 5: 0.84, 30: 0.94}) == 30
    assert shortest({}) is None
