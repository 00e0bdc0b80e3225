"""What is added to counters between looks: nothing invented, nothing negative, whatever resets happen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dbops.workload.counters import NOTHING, Counters, Key, Sample, added, lost
from dbops.workload.window import Window

KEYS = st.builds(Key, st.integers(1, 2), st.one_of(st.none(), st.integers(1, 3)), st.booleans())
COUNTS = st.integers(0, 1000)
COUNTERS = st.builds(Counters, *[COUNTS] * len(NOTHING))
SAMPLES = st.dictionaries(KEYS, COUNTERS, max_size=6)
CALL = Counters(1, 5, 1, 0, 0, 0, 0, 0, 0)
KEY = Key(1, 7, True)


def sample(at: float, *calls: tuple[Key, int]) -> Sample:
    return Sample(at, {key: Counters(*(count * value for value in CALL)) for key, count in calls})


def test_what_was_called_between_two_looks_is_the_difference() -> None:
    found = added(sample(0, (KEY, 10)), sample(1, (KEY, 13)))
    assert (found[KEY].calls, found[KEY].total_ms) == (3, 15)


def test_what_was_not_called_is_not_there() -> None:
    assert added(sample(0, (KEY, 10)), sample(1, (KEY, 10))) == {}


def test_a_statement_that_was_not_there_before_counts_from_nothing() -> None:
    assert added(sample(0), sample(1, (KEY, 2)))[KEY].calls == 2


def test_after_a_reset_what_is_there_now_was_added_and_the_rest_is_said_to_be_lost() -> None:
    before, after = sample(0, (KEY, 10)), sample(1, (KEY, 2))
    assert added(before, after)[KEY].calls == 2
    assert lost(before, after) == 1
    assert lost(after, before) == 0


def test_a_reset_that_was_called_often_again_is_seen_by_its_time() -> None:
    before = Sample(0, {KEY: Counters(10, 900, 10, 0, 0, 0, 0, 0, 0)})
    after = Sample(1, {KEY: Counters(12, 30, 12, 0, 0, 0, 0, 0, 0)})
    assert added(before, after)[KEY].calls == 12
    assert lost(before, after) == 1


@given(SAMPLES, SAMPLES)
def test_nothing_that_is_added_is_less_than_nothing_or_more_than_there_is(before, after) -> None:
    for key, each in added(Sample(0, before), Sample(1, after)).items():
        assert each.calls > 0
        assert each.total_ms >= 0
        assert each.calls <= after[key].calls


@given(st.lists(st.integers(0, 50), min_size=1, max_size=10))
def test_the_parts_of_an_interval_add_up_to_it(calls: list[int]) -> None:
    window, total = Window(), 0
    window.add(sample(0))
    for at, more in enumerate(calls, 1):
        total += more
        window.add(sample(at, (KEY, total)))
    assert window.sums().get(KEY, NOTHING).calls == total
    assert window.seconds == len(calls)
    assert window.lost == 0
    history = window.history(KEY)
    assert history == (tuple(5.0 * more for more in calls) if len(calls) > 1 else ())


def test_what_lies_further_back_is_forgotten_and_never_all() -> None:
    window = Window()
    for at in range(10):
        window.add(sample(at, (KEY, at)))
    window.forget(3)
    assert window.seconds == 3
    assert window.sums()[KEY].calls == 3
    window.forget(0.1)
    assert window.seconds == 1
