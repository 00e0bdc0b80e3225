from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.files.migration import version_key
from dbops.files.scaffold import TEMPLATE, next_version, slug

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("versions", "following"),
    [
        ([], "20260102030405"),
        (["0001", "0002"], "0003"),
        (["0999"], "1000"),
        (["9999"], "10000"),
        (["1", "2"], "3"),
        (["007"], "008"),
        (["20251231000000"], "20260102030405"),
        (["20260102030405"], "20260102030406"),
        (["20270102030405"], "20270102030406"),
        (["202512310000"], "20260102030405"),
        (["1735689600"], "20260102030405"),
        (["20260101", "20260102"], "20260103"),
    ],
)
def test_the_folders_habit_goes_on(versions: list[str], following: str) -> None:
    assert next_version(versions, NOW) == following


@given(st.lists(st.from_regex(r"[0-9]{1,16}", fullmatch=True), max_size=5), st.datetimes())
def test_the_next_version_is_the_latest(versions: list[str], now: datetime) -> None:
    ordered = sorted(versions, key=version_key)
    assert all(version_key(next_version(ordered, now)) > version_key(version) for version in ordered)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("add_orders_note", "add_orders_note"),
        ("Add orders' note!", "add_orders_note"),
        ("  a--b  ", "a_b"),
        ("Größe", "größe"),
        ("../../etc/passwd", "etc_passwd"),
    ],
)
def test_a_name_becomes_words(name: str, word: str) -> None:
    assert slug(name) == word


@given(st.text())
def test_any_name_is_a_file_name_or_refused(name: str) -> None:
    try:
        word = slug(name)
    except ValueError:
        assert not re.search(r"[^\W_]", name)
    else:
        assert re.fullmatch(r"\w+", word)
        assert word == slug(word)


def test_a_new_file_has_both_markers() -> None:
    assert TEMPLATE.startswith("-- migrate:up\n")
    assert "\n-- migrate:down\n" in TEMPLATE
