from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dbops.files.checksum import checksum

LINES = st.lists(st.text(st.characters(exclude_characters="\r\n\ufeff", exclude_categories=["Cs"])), max_size=8)
BLANKS = st.text(" \t", max_size=3)


@given(LINES, st.data())
def test_what_editors_and_checkouts_change_does_not_count(lines: list[str], data: st.DataObject) -> None:
    """Line ends, blanks at their ends, empty lines at the end of the file, and a byte order mark."""
    changed = data.draw(st.sampled_from(["", "\ufeff"]))
    for line in lines:
        changed += line + data.draw(BLANKS) + data.draw(st.sampled_from(["\n", "\r\n"]))
    changed += data.draw(st.text(" \t\n", max_size=4))
    assert checksum(changed) == checksum("\n".join(lines))


def _meaning(text: str) -> str:
    """Return what must count: the lines without PostgreSQL's blanks at their ends."""
    return "\n".join(line.rstrip(" \t\r\f\v") for line in text.split("\n")).rstrip("\n")


@given(LINES.map("\n".join), LINES.map("\n".join))
def test_texts_that_differ_in_anything_else_differ(one: str, other: str) -> None:
    assert (checksum(one) == checksum(other)) == (_meaning(one) == _meaning(other))


@given(LINES.map("\n".join), st.data())
def test_any_other_edit_counts(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    added = data.draw(st.characters(exclude_characters=" \t\n\r\f\v\ufeff", exclude_categories=["Cs"]))
    assert checksum(text[:at] + added + text[at:]) != checksum(text)


def test_a_blank_that_only_unicode_calls_one_counts() -> None:
    """U+00A0 is a letter to PostgreSQL: adding one to a line's end changes what the SQL says."""
    assert checksum("SELECT a\u00a0\nFROM t") != checksum("SELECT a\nFROM t")


def test_it_is_a_sha256() -> None:
    """A change of the algorithm would let every applied migration look edited."""
    assert (
        checksum("-- migrate:up\r\nSELECT 1;  \n\n")
        == "68f60dbf6c9211d25c26522cf11c3350fead36e23fe81b0d2a38698373e01b38"
    )
