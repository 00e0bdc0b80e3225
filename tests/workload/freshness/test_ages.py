"""Ages in steps: what is told of them is off by five percent at most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.workload.freshness.ages import Ages, bucket


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=200), st.sampled_from([0.05, 0.5, 0.95]))
def test_a_quantile_is_about_that_of_the_ages(ages: list[float], part: float) -> None:
    found = Ages()
    for age in ages:
        found.add(bucket(age), 1)
    ordered = sorted(ages)
    place = next(at for at in range(len(ordered)) if at + 1 >= part * len(ordered))
    assert found.quantile(part) == pytest.approx(ordered[place], rel=0.051)


def test_of_no_ages_nothing_is_told() -> None:
    assert Ages().quantile(0.5) is None
