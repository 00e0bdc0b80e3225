"""A watched cluster: a screen that fits, a line that is one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.output.cells import width
from dbops.output.ha.watch import line, screen
from dbops.output.style import Style
from dbops.results.ha import HaStatus, Verdict
from output.ha.clusters import SOME, check, failover, healthy, many, node, primary, sample, silent, status, statuses

PLAIN = Style(colour=False)
AT = "2026-11-25 12:00:03 CET"


def shown(about: HaStatus, columns: int = 80, height: int = 24) -> list[str]:
    return screen(about, PLAIN, columns, height, AT).splitlines()


def test_a_screen_has_the_time_the_verdict_and_all_there_is_room_for() -> None:
    assert shown(sample()) == [
        "NOT READY                                                2026-11-25 12:00:03 CET",
        "SWITCHOVER  not ready: 1 blocker: logical-slots; the best candidate is n2",
        "EMERGENCY   degraded: n2 promotable; loss ≤ 1.2 MB or 0.3 s (max of 60 s); about",
        "            4 s to promote; 3 warnings: sync-commit, replication-login,",
        "            node-answers",
        "AUTOMATIC   Patroni armed; leader n1; would promote n2",
        "CLUSTER     production, 3 nodes",
        "",
        "MEMBER  ROLE     STATE      TL  LAG      DELAY  SEEN       SYNC   VERSION",
        "n1      primary  running    7   –        –      0.1 s      –      18.1",
        "n2      standby  streaming  7   64 kB    0.1 s  0.1 s      async  18.1",
        "n3      ?        unknown    ?   unknown  ?      timeout 5 s",
        "",
        "n2  ▁▂▂█▃▂  min 0 B, max 12 MB",
        "",
        '✗ logical-slots      n2       slot "cdc" of database app is not synced: its sub…',
        "! disk-wal           n2       pg_wal holds 40 GB",
        "! sync-commit        cluster  role app: synchronous_commit = off: a loss of 0 i…",
        "? node-answers       n3       timeout 5 s",
        "? replication-login  n3       whether n3 may log in to n2 can't be tested from…",
        "i unlogged-tables    n1       3 unlogged tables are empty after a promotion",
        "~ archiver           n1       archiving fails since 12 m",
        "3 checks passed, 1 skipped",
    ]


def test_checks_that_do_not_fit_are_counted_and_the_worst_are_shown() -> None:
    lines = shown(sample(), height=17)
    assert lines[-4:] == [
        '✗ logical-slots      n2       slot "cdc" of database app is not synced: its sub…',
        "! disk-wal           n2       pg_wal holds 40 GB",
        "… 5 more",
        "3 checks passed, 1 skipped",
    ]


def test_of_nodes_that_do_not_fit_the_primary_the_candidate_and_the_troubled_are_shown() -> None:
    lines = shown(many(), height=16)
    start = lines.index(next(each for each in lines if each.startswith("MEMBER")))
    assert [each.split()[0] for each in lines[start + 1 : start + 6]] == ["n1", "n2", "n10", "n20", "n30"]
    assert lines[start + 6] == "… 27 more: 27 streaming"


def test_long_answers_are_cut_where_they_would_fill_the_screen() -> None:
    lines = shown(sample(), height=10)
    assert lines[2] == "EMERGENCY   degraded: n2 promotable; loss ≤ 1.2 MB or 0.3 s (max of 60 s); …"


@given(statuses(), st.integers(0, 130), st.integers(0, 50))
def test_a_screen_fits(about: HaStatus, columns: int, height: int) -> None:
    lines = screen(about, PLAIN, columns, height, AT).split("\n")
    assert len(lines) <= max(height, 1)
    assert max(map(width, lines)) <= max(columns, 40)


@given(statuses(), st.integers(10, 50))
def test_the_verdicts_are_on_every_screen_that_is_not_tiny(about: HaStatus, height: int) -> None:
    starts = [each.split()[0] for each in shown(about, 80, height)[1:8] if each.strip()]
    assert {"SWITCHOVER", "EMERGENCY"} <= set(starts)


@pytest.mark.parametrize("name", SOME)
def test_colours_change_nothing_that_is_said(name: str) -> None:
    painted = screen(SOME[name], Style(colour=True), 80, 24, AT)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == screen(SOME[name], PLAIN, 80, 24, AT)


def test_a_line_says_when_what_and_who_is_in_trouble() -> None:
    about = status(
        primary(),
        node("n2"),
        silent("n3"),
        silent("n4", "refused", state="down"),
        emergency=failover(Verdict.DEGRADED, reason="1 warning: node-answers"),
        checks=(check("node-answers"),),
    )
    assert line(about, "12:00:03") == (
        "12:00:03  DEGRADED  switchover ready: n2 can take over; nothing left to replay; emergency degraded: "
        "n2 promotable; loss 0 (max of 2 s); nothing left to replay; 1 warning: node-answers; n3 unknown, n4 down"
    )
    assert line(healthy(), "12:00:03").endswith(
        "emergency ready: n2 promotable; loss 0 (max of 2 s); nothing left to replay"
    )


@given(statuses())
def test_a_line_is_one(about: HaStatus) -> None:
    assert len(line(about, AT).splitlines()) == 1
