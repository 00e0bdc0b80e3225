"""The checks for reading: one, all, and the page of the docs."""

from __future__ import annotations

import re
from dataclasses import replace

from dbops.output.ha.check import checks_page, listing, render
from dbops.output.style import Style
from dbops.results.ha import Question, Weight
from output.ha.clusters import INFO

PLAIN = Style(colour=False)
SLOTS = replace(
    INFO, id="logical-slots", severity=Weight.BLOCKER, matters=(Question.SWITCHOVER,), summary="Slots | are *synced*."
)
TABLES = replace(INFO, id="unlogged-tables", severity=Weight.INFO, summary="Nothing is unlogged.")


def test_a_check_has_its_weight_its_question_its_text_and_its_query() -> None:
    text = render(INFO, PLAIN, 60)
    assert text.startswith(
        "replay-paused  warning, for a switchover and in an emergency\n\nReplay goes on.\n\nWhy: A standby"
    )
    assert text.endswith("Its facts come from:\n\n    SELECT pg_get_wal_replay_pause_state() AS state")
    assert max(map(len, text.splitlines())) <= 60


def test_which_question_a_check_counts_for_is_said() -> None:
    assert render(SLOTS, PLAIN, 80).startswith("logical-slots  blocker, for a switchover only\n")
    only = replace(SLOTS, matters=(Question.EMERGENCY,))
    assert render(only, PLAIN, 80).startswith("logical-slots  blocker, in an emergency only\n")
    assert render(TABLES, PLAIN, 80).startswith("unlogged-tables  info, changes no verdict\n")


def test_colours_change_nothing_that_is_said() -> None:
    painted = render(INFO, Style(colour=True), 60)
    assert "\x1b[36m`SELECT pg_wal_replay_resume()`\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == render(INFO, PLAIN, 60)


def test_the_list_has_a_line_a_check() -> None:
    assert listing([SLOTS, INFO, TABLES]).splitlines() == [
        "logical-slots    blocker  switchover  Slots | are *synced*.",
        "replay-paused    warning  both        Replay goes on.",
        "unlogged-tables  info     both        Nothing is unlogged.",
        "",
        "3 checks; dbops ha-status --explain CHECK tells why, and what to do.",
    ]


def test_the_page_has_an_index_and_a_section_a_check() -> None:
    page = checks_page([SLOTS, INFO, TABLES])
    assert "| [logical-slots](#logical-slots) | blocker | switchover | Slots \\| are \\*synced\\*. |\n" in page
    assert (
        "\n## replay-paused\n\nA warning for a switchover and in an emergency.\n\nReplay goes on.\n\n**Why:** A" in page
    )
    assert "what it has \\*received\\*." in page
    assert "\n\nIts facts come from:\n\n```sql\nSELECT pg_get_wal_replay_pause_state() AS state\n```\n" in page
    assert "\n## unlogged-tables\n\nAn info: it changes no verdict.\n" in page
    assert re.search(r"(?<!\n)\n\Z", page)
