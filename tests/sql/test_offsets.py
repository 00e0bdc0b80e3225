from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.sql.offsets import Offsets, Piece, Replacement, replaced

LETTERS = st.text("abc é😀\n", max_size=12)


@st.composite
def edited(draw: st.DrawFn, text: str) -> tuple[str, Offsets]:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    return replaced(text, [Replacement(start, end, draw(st.text("XYZ", max_size=3))) for start, end in spans])


def verbatim_characters(text: str, offsets: Offsets) -> list[int]:
    return [at for at in range(len(text)) if offsets.verbatim(at, at + 1)]


@given(st.data(), LETTERS)
def test_each_verbatim_character_is_the_originals(data: st.DataObject, original: str):
    made, offsets = data.draw(edited(original))
    for at in verbatim_characters(made, offsets):
        assert original[offsets.source(at)] == made[at]
        assert offsets.source(at + 1, end=True) == offsets.source(at) + 1
    assert sum(character in "XYZ" for character in made) == len(made) - len(verbatim_characters(made, offsets))


@given(st.data(), LETTERS)
def test_two_maps_one_after_the_other_lead_to_the_first_text(data: st.DataObject, original: str):
    middle, first = data.draw(edited(original))
    made, second = data.draw(edited(middle))
    whole = second.through(first)
    for at in verbatim_characters(made, whole):
        assert original[whole.source(at)] == made[at]
    twice = [at for at in verbatim_characters(made, second) if first.verbatim(second.source(at), second.source(at) + 1)]
    assert verbatim_characters(made, whole) == twice


@given(st.data(), LETTERS)
def test_offsets_never_lead_out_of_the_original_or_backwards(data: st.DataObject, original: str):
    middle, first = data.draw(edited(original))
    made, second = data.draw(edited(middle))
    for offsets in (second.through(first),):
        starts = [offsets.source(at) for at in range(len(made) + 1)]
        ends = [offsets.source(at, end=True) for at in range(len(made) + 1)]
        assert starts == sorted(starts)
        assert ends == sorted(ends)
        assert all(0 <= at <= len(original) for at in starts + ends)


@given(LETTERS, LETTERS, LETTERS)
def test_replacing_nothing_changes_nothing(before: str, text: str, after: str):
    made, offsets = replaced(text, [])
    whole = offsets.through(Offsets.shifted(len(text), len(before)))
    assert made == text
    assert whole.verbatim(0, len(text))
    assert whole.source(0) == len(before)
    assert whole.source(len(text), end=True) == len(before) + len(text)


def test_a_replaced_part_begins_and_ends_where_the_original_part_does():
    made, offsets = replaced("id = %(id)s;", [Replacement(5, 11, "$1")])
    assert made == "id = $1;"
    assert (offsets.source(5), offsets.source(7, end=True)) == (5, 11)
    assert (offsets.source(6), offsets.source(6, end=True)) == (5, 11)
    assert offsets.source(7) == 11
    assert not offsets.verbatim(4, 6)
    assert offsets.verbatim(0, 5)


def test_what_ends_before_something_left_out_ends_before_it():
    made, offsets = replaced("abXXcd", [Replacement(2, 4, "")])
    assert made == "abcd"
    assert (offsets.source(2), offsets.source(2, end=True)) == (4, 2)
    assert not offsets.verbatim(1, 3)


@pytest.mark.parametrize("pieces", [[], [Piece(0, 0, 7, 0)]])
def test_an_empty_text_has_a_place(pieces: list[Piece]):
    assert Offsets(pieces).source(0) == (7 if pieces else 0)
