from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dbops.errors import ConfigError
from dbops.ha.accept import Accepting, apply, counts, refuse_unacceptable
from dbops.results.ha import HaCheck, Question, Status, Weight

TODAY = date(2027, 1, 15)


def check(status: Status = Status.FAIL, node: str | None = "n2") -> HaCheck:
    return HaCheck("apply-delay", Weight.WARNING, status, node, "delayed by 1 h", None, tuple(Question))


def only(accepting: Accepting, said: HaCheck | None = None) -> HaCheck:
    return apply([said or check()], [accepting], TODAY)[0]


def test_what_is_accepted_is_marked_and_does_not_count() -> None:
    marked = only(Accepting("apply-delay", "n2 is the delayed one", "n2"))
    assert marked.accepted is not None
    assert marked.accepted.reason == "n2 is the delayed one"
    assert not counts(marked)


def test_an_expired_acceptance_is_shown_and_counts_again() -> None:
    marked = only(Accepting("apply-delay", "until the move", expires=date(2027, 1, 14)))
    assert marked.accepted is not None
    assert marked.accepted.expired
    assert counts(marked)


def test_the_last_day_still_counts_as_accepted() -> None:
    assert not counts(only(Accepting("apply-delay", "until the move", expires=TODAY)))


def test_one_that_holds_goes_before_one_that_has_expired() -> None:
    entries = [Accepting("apply-delay", "old", expires=date(2026, 1, 1)), Accepting("apply-delay", "new")]
    accepted = apply([check()], entries, TODAY)[0].accepted
    assert accepted is not None
    assert accepted.reason == "new"


@pytest.mark.parametrize(
    "entry", [Accepting("apply-delay", "other node", "n3"), Accepting("lag", "other check")], ids=["node", "check"]
)
def test_nothing_else_is_accepted(entry: Accepting) -> None:
    assert only(entry).accepted is None


def test_what_passes_needs_no_acceptance() -> None:
    assert only(Accepting("apply-delay", "x"), check(Status.PASS)).accepted is None


def test_a_check_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="no check 'apply-dellay'"):
        refuse_unacceptable([Accepting("apply-dellay", "x")], ["apply-delay"], [])


def test_an_essential_check_can_not_be_accepted() -> None:
    with pytest.raises(ConfigError, match="single-writer can't be accepted"):
        refuse_unacceptable([Accepting("single-writer", "x")], ["single-writer"], ["single-writer"])


def test_an_essential_unknown_of_another_check_can_not_be_accepted_either() -> None:
    unknown = replace(check(Status.UNKNOWN), essential=True)
    assert counts(only(Accepting("apply-delay", "x"), unknown))
    assert not counts(only(Accepting("apply-delay", "x"), replace(unknown, essential=False)))
