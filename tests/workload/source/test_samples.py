"""Of labelled programs, what asks in a loop is found at its line, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.workload.source.samples import NEGATIVE, POSITIVE, ROOMS, found

_MARKS = ("# asks", "{# asks #}")


def marked(files: Mapping[str, str]) -> set[tuple[str, int]]:
    return {
        (path, number)
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if line.endswith(_MARKS)
    }


@pytest.mark.parametrize("files", POSITIVE.values(), ids=POSITIVE)
def test_what_asks_for_each_row_is_found_where_it_is(files: Mapping[str, str]) -> None:
    assert marked(files)
    assert {(each.file, each.line) for each in found(files)} == marked(files)


@pytest.mark.parametrize("files", NEGATIVE.values(), ids=NEGATIVE)
def test_what_only_looks_like_it_is_not_found(files: Mapping[str, str]) -> None:
    assert not marked(files)
    assert found(files) == ()


def test_no_two_samples_have_the_same_name() -> None:
    assert len(POSITIVE) == sum(len(room.POSITIVE) for room in ROOMS)
    assert len(NEGATIVE) == sum(len(room.NEGATIVE) for room in ROOMS)
    assert not POSITIVE.keys() & NEGATIVE.keys()


def test_there_are_samples_enough() -> None:
    assert len(POSITIVE) >= 60
    assert len(NEGATIVE) >= 60
