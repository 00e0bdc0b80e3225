"""The confidence interval: its ranks are the published ones, and it covers the median as often as it says."""

from __future__ import annotations

import random
from math import exp
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.explain.prove.interval import FEWEST, LEVEL, coverage, interval, rank


@pytest.mark.parametrize(
    # Conover, and any table of the sign test: n, and the rank from either end at 95 %.
    ("count", "expected"),
    [(5, None), (6, 1), (8, 1), (9, 2), (10, 2), (11, 2), (12, 3), (15, 4), (20, 6), (25, 8), (30, 10)],
)
def test_the_ranks_are_those_of_published_tables(count, expected):
    assert rank(count) == expected


@pytest.mark.parametrize(("count", "place", "expected"), [(6, 1, 0.96875), (10, 2, 0.978515625), (5, 1, 0.9375)])
def test_coverage_is_the_binomials(count, place, expected):
    assert coverage(count, place) == pytest.approx(expected)


def test_six_values_are_the_fewest():
    assert interval([1.0] * (FEWEST - 1)) is None
    assert interval([3.0, 1.0, 2.0, 6.0, 5.0, 4.0]) == (1.0, 6.0)


@given(st.lists(st.floats(0.01, 1e6), min_size=FEWEST, max_size=60))
def test_an_interval_lies_around_the_values_median_whatever_their_order(values):
    low, high = interval(values)
    assert low <= median(values) <= high
    assert interval(sorted(values)) == (low, high)
    assert coverage(len(values), rank(len(values))) >= LEVEL
    assert coverage(len(values), rank(len(values)) + 1) < LEVEL


@pytest.mark.parametrize("count", [6, 9, 10, 17, 30])
@pytest.mark.parametrize("shape", ["skewed", "two-humped"])
def test_simulated_runs_have_their_true_median_in_it_as_often_as_is_said(count, shape):
    """Of 2,000 intervals from skewed times, as many cover the true median as the binomial says, within chance."""
    chance = random.Random(f"{count} {shape}")
    trials = 2_000

    def value() -> float:
        if shape == "skewed":
            return exp(chance.gauss(0, 1))  # its median is 1
        return chance.gauss(-5, 1) if chance.random() < 0.5 else chance.gauss(7, 1)  # about nothing lies at the median

    truth = 1.0 if shape == "skewed" else 0.0
    covered = 0
    for _ in range(trials):
        low, high = interval([value() for _ in range(count)])
        covered += low <= truth <= high
    expected = coverage(count, rank(count))
    spread = (expected * (1 - expected) / trials) ** 0.5
    if shape == "skewed":
        assert abs(covered / trials - expected) < 4 * spread
    assert covered / trials > LEVEL - 4 * spread
