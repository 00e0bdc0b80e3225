"""What counters show of a loop is suspected; what is called often and right is not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.workload.nplusone.keys import Keys
from dbops.workload.nplusone.suspects import Caller, Calls, added, candidates, together
from workload.nplusone.counters import AUTHOR, NEGATIVE, POSITIVE, POSTS, Counted
from workload.nplusone.judging import judged


@pytest.mark.parametrize("counted", POSITIVE.values(), ids=POSITIVE.keys())
def test_a_loop_is_suspected(counted: Counted) -> None:
    assert judged(counted)


@pytest.mark.parametrize("counted", NEGATIVE.values(), ids=NEGATIVE.keys())
def test_what_is_right_is_not(counted: Counted) -> None:
    assert judged(counted) == []


def test_without_foreign_keys_names_tell_it() -> None:
    assert judged(POSITIVE["an author for each post"], Keys()) == judged(POSITIVE["an author for each post"])


def test_both_lookups_of_a_loop_are_suspected_after_its_source() -> None:
    found = judged(POSITIVE["a lookup of a lookup"])
    assert len(found) == 2
    assert len({source for _, source in found}) == 1


def test_a_foreign_key_says_more_than_figures_that_agree() -> None:
    listed = "SELECT id, name FROM authors WHERE id = ANY($1)"
    assert judged([{listed: (10, 100), POSTS: (10, 104), AUTHOR: (100, 100)}]) == [(AUTHOR, POSTS)]


def test_what_was_added_is_counted_also_when_counters_were_reset() -> None:
    one, two = Caller(10, 1), Caller(10, 2)
    parts = added([{one: Calls(5, 5, 5)}, {one: Calls(7, 9, 6), two: Calls(1, 1, 1)}, {one: Calls(3, 3, 3)}])
    assert parts == [{one: Calls(2, 4, 1), two: Calls(1, 1, 1)}, {one: Calls(3, 3, 3)}]
    assert together(parts) == {one: Calls(5, 7, 4), two: Calls(1, 1, 1)}


def test_texts_are_wanted_of_what_may_be_a_loop_or_its_source_alone() -> None:
    sums = {Caller(10, 1): Calls(100, 100, 1), Caller(10, 2): Calls(1, 100, 1), Caller(10, 3): Calls(1, 1, 1)}
    assert candidates(sums) == {Caller(10, 1), Caller(10, 2)}


FIGURES = st.tuples(st.integers(0, 1000), st.integers(0, 1000))
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["SELECT id, author_id FROM posts", "SELECT * FROM authors WHERE id = $1", "SELECT interval $1"]),
)


@given(st.lists(st.dictionaries(TEXTS, FIGURES, max_size=4), max_size=4))
def test_any_counters_are_judged(counted: list[Mapping[str, tuple[int, int]]]) -> None:
    for loop, source in judged(counted):
        assert loop != source
