"""How far standbys are behind, by what their primary says of them."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.workload.lag import Lags


def look(at: float, end: int, *standbys: tuple[int, int | None, float | None]) -> dict[str, Any]:
    """What the server says: each standby's pid, place and the server's own lag."""
    return {
        "at": at,
        "written": end,
        "flushed": end,
        "standbys": [[pid, f"standby{pid}", place, own] for pid, place, own in standbys],
    }


def lag(*looks: dict[str, Any]) -> float | None:
    lags = Lags()
    for each in looks:
        lags.look(each)
    (found,) = lags.replicas()
    return found.lag_s


@pytest.mark.parametrize("own", [None, 0.0, 7.0], ids=["nothing under way", "none", "an old one"])
def test_who_has_everything_is_not_behind(own: float | None) -> None:
    assert lag(look(0, 100, (1, 100, own))) == 0


def test_a_server_that_was_looked_at_once_is_believed() -> None:
    assert lag(look(0, 100, (1, 90, 0.3))) == 0.3


def test_without_a_word_of_the_server_one_look_tells_nothing() -> None:
    assert lag(look(0, 100, (1, 90, None))) is None


@pytest.mark.parametrize("own", [None, 0.01, 2.5, 60.0])
def test_what_was_written_meanwhile_bounds_what_the_server_says(own: float | None) -> None:
    found = lag(*(look(at, 100 + at, (1, 100 + max(at - 2, 0), own)) for at in range(6)))
    assert found is not None
    assert 1 <= found <= 2


def test_a_standby_that_stands_still_falls_behind_although_its_lag_is_said_to_be_none() -> None:
    assert lag(*(look(at, 100 + at, (1, 100, 0.0)) for at in range(6))) == 4


def test_a_standby_that_was_behind_all_the_time_is_as_far_as_the_server_says() -> None:
    assert lag(*(look(at, 100 + at, (1, 10, 3600.0)) for at in range(3))) == 3600


def test_the_largest_lag_is_told() -> None:
    assert lag(look(0, 100, (1, 90, 0.1)), look(1, 101, (1, 100, 0.9)), look(2, 101, (1, 101, None))) == 0.9


def test_a_role_that_may_not_see_it_is_told_nothing() -> None:
    assert lag(look(0, 100, (1, None, None)), look(1, 100, (1, None, None))) is None


def test_who_has_gone_is_not_told() -> None:
    lags = Lags()
    lags.look(look(0, 100, (1, 100, None), (2, 100, None)))
    lags.look(look(1, 100, (2, 100, None)))
    assert [each.name for each in lags.replicas()] == ["standby2"]
