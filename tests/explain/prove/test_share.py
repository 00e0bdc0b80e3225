"""How much of each table is copied."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dbops.explain.prove.share import WHOLE, shares

SIZES = st.dictionaries(st.integers(0, 20), st.integers(0, 10**12), max_size=12)


def test_what_fits_is_whole():
    assert shares({"a": 10, "b": 20}, 30) == {"a": WHOLE, "b": WHOLE}


def test_small_tables_stay_whole_and_large_ones_are_cut_alike():
    assert shares({"large": 3_000, "small": 100, "larger": 6_000}, 1_000) == {
        "small": WHOLE,
        "large": 10.0,
        "larger": 10.0,
    }


def test_an_empty_table_is_whole():
    assert shares({"empty": 0, "large": 1_000}, 100) == {"empty": WHOLE, "large": 10.0}


@given(SIZES, st.integers(1, 10**9))
def test_all_together_fit_and_no_table_is_left_out(sizes, bound):
    found = shares(sizes, bound)
    assert found.keys() == sizes.keys()
    assert all(0 < share <= WHOLE for share in found.values())
    least = sum(sizes.values()) * 0.0001 / 100
    assert sum(sizes[table] * share / 100 for table, share in found.items()) <= bound * 1.000001 + least


@given(SIZES, st.integers(1, 10**9))
def test_no_table_is_cut_that_is_smaller_than_a_whole_one(sizes, bound):
    found = shares(sizes, bound)
    cut = [sizes[table] for table, share in found.items() if share < WHOLE]
    kept = [sizes[table] for table, share in found.items() if share == WHOLE]
    assert not cut or not kept or max(kept) <= min(cut)
    assert len({share for share in found.values() if share < WHOLE}) <= 1
