"""Which index wins, with a stand whose times are made up."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import pytest

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.prove.contest import MOST_PAIRS, compare, contest, ms, pairs
from dbops.sql.nodes import Relation

LIMIT = 60_000.0


def index(name):
    return Candidate(Relation("public", "t"), (Key(name, name),))


A, B, C = index("a"), index("b"), index("c")
NONE = frozenset()


@dataclass
class Run:
    ms: float
    stopped: bool = False


class Stand:
    """Takes as long as its table says for the indexes that count in it, give or take a little."""

    def __init__(self, times, noise=0.02, sizes=None):
        self.sizes = sizes or {}
        self.times = {frozenset(key): value for key, value in times.items()}
        self.noise = noise
        self.chance = random.Random(1)
        self.runs = []

    def _relevant(self, present):
        return max((key for key in self.times if key <= present), key=len)

    def run(self, present):
        self.runs.append(present)
        took = self.times[self._relevant(present)] * (1 + self.chance.uniform(-self.noise, self.noise))
        return Run(min(took, LIMIT), took > LIMIT)

    def size(self, present):
        return sum(self.sizes.get(each, 50_000_000) for each in present)

    def same_plan(self, one, other):
        return self._relevant(one) == self._relevant(other)


def tried(stand, *sets, seconds=60.0):
    return contest(stand, sets, seconds, lambda *_: None)


def test_an_index_that_helps_is_kept_with_its_times():
    outcome = tried(Stand({(): 40.0, (A,): 4.0}), (A,))
    (kept,) = outcome.kept
    assert kept.comparison.before_ms == pytest.approx(40, rel=0.1)
    assert kept.comparison.after_ms == pytest.approx(4, rel=0.1)
    assert kept.comparison.interval[0] > 8
    assert outcome.baseline_ms == kept.comparison.before_ms
    assert not outcome.lost


def test_an_index_the_planner_does_not_use_is_not_timed():
    stand = Stand({(): 40.0})
    outcome = tried(stand, (A,))
    assert outcome.lost[A].reason == "the planner makes the same plan with it as without it"
    assert outcome.lost[A].before_ms is None
    assert not stand.runs


def test_an_index_that_is_used_and_slower_is_lost_with_its_times():
    outcome = tried(Stand({(): 41.0, (A,): 43.0}), (A,))
    lost = outcome.lost[A]
    assert lost.reason.startswith("not faster: 4")
    assert lost.reason.endswith(" times as fast)")
    assert lost.before_ms < lost.after_ms


def test_noise_is_called_faster_no_oftener_than_the_interval_allows():
    """200 indexes that make no difference, on a noisy machine: one in forty may look faster, as 95 % means."""
    called = 0
    for seed in range(200):
        stand = Stand({(): 40.0, (A,): 40.0}, noise=0.3)
        stand.chance = random.Random(seed)
        called += bool(tried(stand, (A,)).kept)
    assert called <= 12


def test_an_index_of_several_that_adds_nothing_is_lost():
    outcome = tried(Stand({(): 40.0, (A,): 4.0, (A, B): 4.0}), (A, B))
    assert [each.candidate for each in outcome.kept] == [A]
    assert outcome.lost[B].reason.startswith("not faster")


def test_each_index_is_compared_with_those_kept_before_it():
    outcome = tried(Stand({(): 40.0, (A,): 20.0, (B,): 39.9, (A, B): 2.0}), (A, B))
    assert [each.candidate for each in outcome.kept] == [A, B]
    assert outcome.kept[1].comparison.before_ms == pytest.approx(20, rel=0.1)


def test_a_faster_alternative_wins_and_the_first_choice_says_why_it_lost():
    outcome = tried(Stand({(): 40.0, (A,): 10.0, (B,): 2.0}), (A,), (B,))
    assert [each.candidate for each in outcome.kept] == [B]
    assert outcome.lost[A].reason.startswith("t_b_idx does more: 2")
    assert outcome.lost[A].after_ms == pytest.approx(10, rel=0.1)


def test_an_alternative_that_is_as_fast_does_not():
    outcome = tried(Stand({(): 40.0, (A,): 4.0, (B,): 3.99}, noise=0.001), (A,), (B,))
    assert [each.candidate for each in outcome.kept] == [A]


def test_an_alternative_that_saves_nobodys_time_does_not():
    outcome = tried(Stand({(): 40.0, (A,): 0.10, (B,): 0.07}, noise=0.001), (A,), (B,))
    assert [each.candidate for each in outcome.kept] == [A]


def test_when_the_first_choice_is_not_faster_an_alternative_that_is_gets_its_turn():
    outcome = tried(Stand({(): 40.0, (A,): 55.0, (B,): 20.0}), (A,), (B,))
    assert [each.candidate for each in outcome.kept] == [B]
    assert outcome.lost[A].reason.startswith("not faster: ")
    assert outcome.lost[A].after_ms == pytest.approx(55, rel=0.1)


def test_nothing_faster_keeps_nothing():
    outcome = tried(Stand({(): 40.0, (A,): 55.0, (B,): 60.0}), (A,), (B,))
    assert not outcome.kept
    assert outcome.lost.keys() == {A, B}


def test_every_candidate_is_kept_or_lost_once():
    stand = Stand({(): 40.0, (A,): 10.0, (B,): 2.0, (A, C): 5.0})
    outcome = tried(stand, (A, C), (B,), (C,))
    assert outcome.present | outcome.lost.keys() == {A, B, C}
    assert not outcome.present & outcome.lost.keys()


def test_both_sides_take_turns_in_the_order_abba():
    stand = Stand({(): 1_000.0, (A,): 900.0})
    compare(stand, NONE, frozenset({A}), 16.0, lambda *_: None, "a")
    warm, timed = stand.runs[:2], stand.runs[2:]
    assert warm == [NONE, frozenset({A})]
    assert [present == NONE for present in timed[:8]] == [True, False, False, True, True, False, False, True]
    assert timed.count(NONE) == timed.count(frozenset({A}))


@pytest.mark.parametrize(
    ("before", "after", "seconds", "expected"),
    [
        (1.0, 1.0, 60.0, MOST_PAIRS),
        (3_000.0, 1_000.0, 40.0, 10),
        (9_000.0, 9_000.0, 1.0, 6),
        (11_000.0, 1.0, 60.0, 5),
        (20_000.0, 1.0, 10.0, 3),
        (20_000.0, 1.0, 300.0, 14),
    ],
)
def test_pairs_are_as_many_as_fit_but_enough_for_an_interval_unless_a_run_is_slow(before, after, seconds, expected):
    assert pairs(before, after, seconds) == expected


def test_a_side_that_runs_into_the_limit_runs_once():
    stand = Stand({(): 100_000.0, (A,): 5.0})
    outcome = tried(stand, (A,))
    (kept,) = outcome.kept
    assert stand.runs.count(NONE) == 1
    assert kept.comparison.stopped_before
    assert kept.comparison.before_ms == LIMIT
    assert kept.comparison.interval is None


def test_an_index_with_which_the_query_runs_into_the_limit_is_lost():
    outcome = tried(Stand({(): 50.0, (A,): 100_000.0}), (A,))
    assert outcome.lost[A].reason == f"not faster: {ms(outcome.lost[A].before_ms)} → more than 60 s"


def test_when_both_sides_run_into_the_limit_nothing_is_claimed():
    outcome = tried(Stand({(): 100_000.0, (A,): 90_000.0}), (A,))
    assert outcome.lost[A].reason == "both without and with it, the query was stopped after 60 s"
    assert outcome.lost[A].before_ms is None


def test_three_slow_pairs_must_all_be_clearly_faster():
    assert not tried(Stand({(): 20_000.0, (A,): 18_000.0}), (A,), seconds=1.0).kept
    (kept,) = tried(Stand({(): 20_000.0, (A,): 100.0}), (A,), seconds=1.0).kept
    assert kept.comparison.interval is None


def test_drift_that_hits_both_sides_does_not_make_an_index_faster():
    """A machine that becomes slower and slower: the sides take turns, so neither has it better."""

    class Drifting(Stand):
        clock = itertools.count()

        def run(self, present):
            return Run(super().run(present).ms * 1.02 ** next(self.clock))

    assert not tried(Drifting({(): 40.0, (A,): 40.0 + 1e-9}), (A,)).kept


@pytest.mark.parametrize(
    ("value", "shown"), [(0.313, "0.31 ms"), (4.13, "4.1 ms"), (41.3, "41 ms"), (4130.0, "4.13 s"), (60_000.0, "60 s")]
)
def test_times_are_spelt_for_reading(value, shown):
    assert ms(value) == shown
