"""Time against bytes."""

import pytest

from dbops.explain.prove.preference import preferred

MB = 1 << 20


def first(times, sizes, baseline=1000.0):
    return preferred(list(times), times, sizes.__getitem__, baseline=baseline)[0]


@pytest.mark.parametrize(
    ("times", "sizes", "wanted"),
    [
        ({"covering": 0.35, "partial": 0.5}, {"covering": 17 * MB, "partial": MB // 8}, "partial"),
        ({"covering": 20.0, "partial": 600.0}, {"covering": 17 * MB, "partial": MB // 8}, "covering"),
        ({"covering": 20.0, "narrow": 39.0}, {"covering": 120 * MB, "narrow": 100 * MB}, "covering"),
        ({"covering": 20.0, "narrow": 22.0}, {"covering": 120 * MB, "narrow": 100 * MB}, "narrow"),
        ({"wide": 100.0, "same": 100.0}, {"wide": 120 * MB, "same": 100 * MB}, "same"),
        ({"slow": 30.0, "fast": 10.0}, {"slow": 10 * MB, "fast": 10 * MB}, "fast"),
    ],
)
def test_a_smaller_index_wins_where_it_is_smaller_by_more_than_it_is_slower(times, sizes, wanted):
    assert first(times, sizes) == wanted


def test_a_smaller_index_that_saves_much_less_does_not_win():
    times = {"covering": 21.0, "tiny": 29.0}
    assert first(times, {"covering": 90 * MB, "tiny": MB}, baseline=31.0) == "covering"
    assert first(times, {"covering": 90 * MB, "tiny": MB}, baseline=310.0) == "tiny"


def test_the_others_follow_by_time():
    times = {"a": 3.0, "b": 1.0, "c": 2.0}
    assert preferred(["a", "b", "c"], times, lambda _: MB, baseline=9.0) == ["b", "c", "a"]


def test_nothing_is_preferred_of_nothing():
    assert preferred([], {}, lambda _: 0, baseline=1.0) == []
