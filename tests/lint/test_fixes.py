from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dbops.lint.fixes import apply, to_source
from dbops.lint.rule import Edit
from dbops.sql.offsets import Offsets, Piece


def test_edits_are_made_at_their_places() -> None:
    text = "CREATE INDEX a ON t (x); CREATE INDEX b ON t (y)"
    fixes = [[Edit(12, 12, " CONCURRENTLY")], [Edit(37, 37, " CONCURRENTLY")]]
    expected = "CREATE INDEX CONCURRENTLY a ON t (x); CREATE INDEX CONCURRENTLY b ON t (y)"
    assert apply(text, fixes) == (expected, 2)


def test_of_two_that_overlap_the_first_is_made_whole_and_the_other_not_at_all() -> None:
    text = "abcdef"
    assert apply(text, [[Edit(0, 3, "X")], [Edit(2, 4, "Y"), Edit(5, 6, "Z")]]) == ("Xdef", 1)


def test_two_that_insert_at_one_place_are_made_one_after_the_other() -> None:
    assert apply("ab", [[Edit(1, 1, "X")], [Edit(1, 1, "Y")]]) == ("aXb", 1)


def test_the_same_edit_of_two_rules_is_made_once() -> None:
    assert apply("ab", [[Edit(1, 1, "X")], [Edit(1, 1, "X")]]) == ("aXb", 2)


def test_an_insertion_at_the_end_of_a_replacement_is_kept_apart() -> None:
    assert apply("abc", [[Edit(0, 1, "X")], [Edit(1, 1, "Y")]]) == ("Xbc", 1)


def test_edits_of_replaced_text_are_dropped_whole() -> None:
    offsets = Offsets([Piece(0, 5, 10, 5), Piece(5, 2, 15, 4, verbatim=False), Piece(7, 3, 19, 3)])
    assert to_source([Edit(0, 2, "x")], offsets) == (Edit(10, 12, "x"),)
    assert to_source([Edit(8, 10, "x")], offsets) == (Edit(20, 22, "x"),)
    assert to_source([Edit(0, 2, "x"), Edit(5, 6, "y")], offsets) == ()


@given(
    st.text(max_size=30),
    st.lists(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.text(max_size=3)), max_size=3), max_size=6),
)
def test_what_no_edit_touches_stays(text: str, drawn: list[list[tuple[int, int, str]]]) -> None:
    fixes = [
        [Edit(min(start, len(text)), min(start + length, len(text)), new) for start, length, new in fix]
        for fix in drawn
    ]
    fixed, made = apply(text, fixes)
    assert 0 <= made <= len(fixes)
    touched = {at for fix in fixes for edit in fix for at in range(edit.start, edit.end)}
    kept = "".join(letter for at, letter in enumerate(text) if at not in touched)
    remaining = iter(fixed)
    assert all(letter in remaining for letter in kept)  # in their order
