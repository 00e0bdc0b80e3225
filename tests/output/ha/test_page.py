"""The page of a cluster as text: whole, harmless and self-contained. A browser looks at it in tests/browser."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from dbops.output.ha.page import render
from dbops.results.ha import HaStatus
from output.ha.clusters import SOME, healthy, hostile, nothing_known, sample, split_brain, status, statuses
from output.pages import Page

AT = "2026-11-25 12:00:03 CET"


def read(about: HaStatus) -> Page:
    return Page(render(about, "1.2.3", AT))


@pytest.mark.parametrize("name", SOME)
def test_nothing_is_loaded_from_anywhere_and_nothing_runs(name: str) -> None:
    page = read(SOME[name])
    assert page.loaded == []
    assert "script" not in page.contents
    assert page.policy == (f"default-src 'none'; style-src {page.digest('style')}; base-uri 'none'; form-action 'none'")


def test_markup_in_names_and_messages_stays_text() -> None:
    page = read(hostile())
    assert not {"script", "img", "u", "i"} & {tag for tag, _ in page.tags}
    assert "<img src=x onerror=hacked=1>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert [tag for tag, _ in page.tags].count("b") == 1  # the page's own


def test_everything_that_is_known_is_on_the_page() -> None:
    about = sample()
    text = read(about).text
    for each in about.checks:
        assert each.id in text
        assert each.message in text or each.status.value == "pass"
    for said in (
        "Would a failover work right now?", AT, "production, 3 nodes", "watched for 60 s", "NOT READY", "DEGRADED",
        "1 blocker: logical-slots", "n2 can be promoted; 3 warnings", "≤ 1.2 MB", "or 0.3 s, the most in 60 s",
        "about 4 s", "Patroni armed; leader n1; would promote n2", "n3.example:5432", "12 d 3 h", "slot_n2",
        "ALTER SUBSCRIPTION cdc SET (failover = true);", "accepted until 2027-03-31: the archive moves in March",
        "was accepted until 2026-01-31, which is over", "3 passed, 1 skipped", "no number of standbys is expected",
        "switchover only", "Made by dbops 1.2.3 ha-status",
    ):  # fmt: skip
        assert said in text, said


def test_what_is_unknown_is_said() -> None:
    page = read(nothing_known())
    figures = re.findall(r"<dd>(.*?)</dd>", render(nothing_known(), "1.2.3", AT))
    assert figures == ["nobody", "unknown", "nobody", "unknown", "unknown"]
    assert "No node is known to take writes" in page.text
    assert "There is no lag over time to be drawn" in page.text


def test_two_writers_are_named_above_the_picture() -> None:
    text = read(split_brain()).text
    assert "2 nodes take writes: n1, n2" in text
    assert text.count("✗ one of 2 writers") == 4  # twice, in both forms of the picture


def test_nothing_against_a_failover_is_said_only_where_something_was_checked() -> None:
    assert "Nothing stands against a failover." in read(healthy()).text
    assert "Nothing stands against a failover." not in read(status(checks=())).text


@settings(deadline=None)
@given(statuses())
def test_any_cluster_can_be_shown(about: HaStatus) -> None:
    page = read(about)
    page.text.encode()
    assert page.loaded == []
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page.text)
