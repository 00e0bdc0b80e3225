"""ha-status for a terminal: the verdicts first, what is unknown said so, what can be pasted left whole."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.output.cells import width
from dbops.output.ha import remedy
from dbops.output.ha.text import render
from dbops.output.style import Style
from dbops.results.ha import Acceptance, Automatic, HaStatus, Question, Status, Verdict, Weight
from output.ha.clusters import (
    MB,
    SOME,
    cascade,
    check,
    failover,
    healthy,
    history,
    many,
    node,
    nothing_known,
    primary,
    primary_lost,
    sample,
    silent,
    split_brain,
    status,
    statuses,
)

PLAIN = Style(colour=False)
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
UNBROKEN = re.compile(r" +(→ )?(?P<code>.*)")


def shown(about: HaStatus, columns: int = 80) -> list[str]:
    return render(about, PLAIN, columns).splitlines()


def line(about: HaStatus, start: str, columns: int = 200) -> str:
    """Return the only line that begins so."""
    (found,) = [each for each in shown(about, columns) if each.startswith(start)]
    return found


def emergency(**others: object) -> str:
    return line(status(primary(), node("n2"), emergency=failover(**others)), "EMERGENCY")


def test_a_healthy_cluster_is_a_few_lines() -> None:
    assert shown(healthy()) == [
        "SWITCHOVER  ready: n2 can take over; nothing left to replay",
        "EMERGENCY   ready: n2 promotable; loss 0 (max of 2 s); nothing left to replay",
        "",
        "MEMBER  ROLE     STATE      TL  LAG    DELAY  SEEN   SYNC   SLOT     VERSION",
        "n1      primary  running    7   –      –      0.1 s  –      –        18.1",
        "n2      standby  streaming  7   64 kB  0.1 s  0.1 s  async  slot_n2  18.1",
        "n3      standby  streaming  7   0 B    0 s    0.1 s  async  slot_n3  18.1",
        "",
        "✓ 3 checks passed, 1 skipped",
    ]


def test_verdicts_nodes_lags_and_checks_stand_in_this_order() -> None:
    assert shown(sample(), 100) == [
        "SWITCHOVER  not ready: 1 blocker: logical-slots; the best candidate is n2",
        "EMERGENCY   degraded: n2 promotable; loss ≤ 1.2 MB or 0.3 s (max of 60 s); about 4 s to promote; 3",
        "            warnings: sync-commit, replication-login, node-answers",
        "AUTOMATIC   Patroni armed; leader n1; would promote n2",
        "CLUSTER     production, 3 nodes",
        "",
        "MEMBER  ROLE     STATE      TL  LAG      DELAY  SEEN       SYNC   SLOT     VERSION  UPTIME",
        "n1      primary  running    7   –        –      0.1 s      –      –        18.1     12 d 3 h",
        "n2      standby  streaming  7   64 kB    0.1 s  0.1 s      async  slot_n2  18.1     12 d 3 h",
        "n3      ?        unknown    ?   unknown  ?      timeout 5 s",
        "",
        "LAG OVER 5 s",
        "n2  ▁▂▂█▃▂  min 0 B, max 12 MB",
        "",
        '✗ logical-slots      n2       slot "cdc" of database app is not synced: its subscriber is lost at a',
        "                              switchover (switchover only)",
        "    → ALTER SUBSCRIPTION cdc SET (failover = true);",
        "! disk-wal           n2       pg_wal holds 40 GB",
        "    was accepted until 2026-01-31, which is over: bigger disk ordered",
        "    → CHECKPOINT",
        "! sync-commit        cluster  role app: synchronous_commit = off: a loss of 0 is not true for it",
        "    → ALTER ROLE app RESET synchronous_commit",
        "? node-answers       n3       timeout 5 s",
        "    → see whether it hangs, and whether a firewall drops packets to n3.example:5432",
        "? replication-login  n3       whether n3 may log in to n2 can't be tested from here",
        "    → GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO monitor",
        "i unlogged-tables    n1       3 unlogged tables are empty after a promotion",
        "~ archiver           n1       archiving fails since 12 m",
        "    accepted until 2027-03-31: the archive moves in March",
        "",
        "3 checks passed, 1 skipped",
    ]


def test_a_loss_that_is_unknown_is_never_0() -> None:
    assert "; loss unknown; " in emergency(loss_bytes=None, loss_seconds=None)
    assert "; loss unknown; " in emergency(loss_bytes=None, loss_seconds=0.0)
    assert "; loss 0 (max of 2 s); " in emergency(loss_bytes=0, loss_seconds=None)
    assert "; loss ≤ 1 B (max of 2 s); " in emergency(loss_bytes=1, loss_seconds=None)
    assert "; loss ≤ 16 MB or 3.4 s (max of 2 s); " in emergency(loss_bytes=16 * MB, loss_seconds=3.4)


def test_a_time_to_promote_that_is_unknown_is_said() -> None:
    assert emergency(promote_seconds=None).endswith("; time to promote unknown")
    assert emergency(promote_seconds=0.02).endswith("; under 0.1 s to replay")
    assert emergency(promote_seconds=4.0).endswith("; about 4 s to promote")
    assert emergency(promote_seconds=3725.0).endswith("; about 1 h 2 m to promote")


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_is_said_in_words(verdict: Verdict) -> None:
    about = status(primary(), switchover=failover(verdict), emergency=failover(verdict))
    word = verdict.value.lower().replace("_", " ")
    assert line(about, "SWITCHOVER").startswith(f"SWITCHOVER  {word}: ")
    assert line(about, "EMERGENCY").startswith(f"EMERGENCY   {word}: ")


def test_a_question_that_was_not_asked_is_marked() -> None:
    about = replace(healthy(), asked=(Question.EMERGENCY,))
    assert line(about, "SWITCHOVER").endswith(" (not asked for)")
    assert "not asked" not in line(about, "EMERGENCY")


@pytest.mark.parametrize(
    ("manager", "said"),
    [
        (Automatic("Patroni", True, "n1", "n3", ""), "Patroni armed; leader n1; would promote n3, not n2"),
        (Automatic("Patroni", False, "n1", None, "paused"), "Patroni not armed; leader n1: paused"),
        (
            Automatic("repmgr", None, None, None, ""),
            "repmgr unknown whether armed; leader unknown; whom it would promote, if anyone, is unknown",
        ),
    ],
)
def test_what_the_manager_would_do_has_a_line(manager: Automatic, said: str) -> None:
    assert line(replace(healthy(), automatic=manager), "AUTOMATIC") == f"AUTOMATIC   {said}"


def test_nothing_unknown_is_blank_or_0() -> None:
    assert shown(nothing_known())[5:8] == [
        "MEMBER  ROLE  STATE    TL  LAG      SEEN       ADDRESS",
        "n1      ?     unknown  ?   unknown  timeout 5 s",
        "n2      ?     unknown  ?   unknown  ?          ?",
    ]


def test_a_lost_primary_and_its_reason_are_seen() -> None:
    lines = shown(primary_lost())
    assert "n1      ?        down           ?   unknown  connection refused" in lines
    assert "✗ single-writer  cluster  no node takes writes (switchover only)" in lines


def test_cascades_hang_below_the_one_that_feeds_them() -> None:
    lines = shown(cascade())
    start = lines.index(next(each for each in lines if each.startswith("MEMBER")))
    assert [each.split("standby")[0].rstrip() for each in lines[start + 2 : start + 6]] == [
        "├ n2",
        "│ └ n4",
        "│   └ n5",
        "└ n3",
    ]


def test_each_writer_of_a_split_brain_has_its_own_standbys_below_it() -> None:
    lines = [each.split()[:2] for each in shown(split_brain())]
    assert [each for each in lines if each[:1] in (["n1"], ["n2"], ["└"])] == [
        ["n1", "primary"],
        ["└", "n3"],
        ["n2", "primary"],
        ["└", "n4"],
    ]


def test_nodes_that_feed_each_other_are_shown_once() -> None:
    about = status(node("n1", upstream="n2"), node("n2", upstream="n1"), node("n3", upstream="n3"))
    lines = shown(about)
    start = lines.index(next(each for each in lines if each.startswith("MEMBER")))
    assert [each.split()[0] for each in lines[start + 1 : start + 4]] == ["n3", "n1", "n2"]


def test_a_long_error_stands_below_its_node() -> None:
    error = "no pg_hba.conf entry for replication connection from host 10.0.0.9, user monitor, no encryption"
    lines = shown(status(primary(), silent("n3", error)), 70)
    place = next(number for number, each in enumerate(lines) if each.startswith("n3"))
    assert lines[place] == "n3      ?        unknown  ?   unknown  no answer  ?        ?"
    assert lines[place + 1 : place + 3] == [
        "    no pg_hba.conf entry for replication connection from host",
        "    10.0.0.9, user monitor, no encryption",
    ]


def test_columns_give_way_to_a_narrow_terminal() -> None:
    heads = {columns: line(healthy(), "MEMBER", columns) for columns in (40, 60, 100, 160)}
    assert heads == {
        40: "MEMBER  ROLE     STATE      LAG    SEEN",
        60: "MEMBER  ROLE     STATE      TL  LAG    DELAY  SEEN   SYNC",
        100: "MEMBER  ROLE     STATE      TL  LAG    DELAY  SEEN   SYNC   SLOT     VERSION  UPTIME",
        160: "MEMBER  ROLE     STATE      TL  LAG    DELAY  SEEN   SYNC   SLOT     VERSION  UPTIME    ADDRESS",
    }


def test_a_column_of_which_nothing_is_known_is_left_out() -> None:
    nodes = [replace(each, slot=None, sync_state=None) for each in healthy().nodes]
    assert "SLOT" not in render(status(*nodes), PLAIN, 160)
    assert "SYNC" not in render(status(*nodes), PLAIN, 160)


def test_no_slot_is_told_from_an_unknown_one() -> None:
    about = status(primary(), node("n2", slot=""), node("n3", slot=None), node("n4"))
    rows = [re.split(" {2,}", line(about, name)) for name in ("MEMBER", "n1", "n2", "n3", "n4")]
    place = rows[0].index("SLOT")
    assert [row[place] for row in rows[1:]] == ["–", "none", "?", "slot_n4"]


def test_many_nodes_stay_readable() -> None:
    lines = shown(many())
    assert len(lines) < 60
    assert sum("standby" in each or "?   unknown" in each for each in lines) == 31
    assert "? replication-login  31 nodes  can't be tested from here" in lines
    assert "    n2, n3, n4, n5, n6, n7, n8, n9 and 23 more" in lines
    assert "    … and the like of n5, n6, n7, n8, n9, n11, n12, n13 and 17 more" in lines


def test_of_many_alike_the_candidates_is_not_left_out() -> None:
    checks = tuple(check("lag", about=f"n{number}", message=f"{number} MB behind") for number in range(10, 30))
    about = status(primary(), checks=checks, emergency=failover(Verdict.NOT_READY, "n25"))
    assert "25 MB behind" in line(about, "✗ lag  n25")


def test_what_fails_comes_first_and_what_may_block_before_a_warning() -> None:
    checks = (
        check("e-info", Status.WARN, severity=Weight.INFO),
        check("d-unknown", Status.UNKNOWN, severity=Weight.WARNING),
        check("c-warning", Status.WARN, severity=Weight.WARNING),
        check("b-unknown", Status.UNKNOWN),
        check("a-fail"),
        check("f-accepted", accepted=Acceptance("as it is", None)),
        check("g-expired", accepted=Acceptance("as it was", "2026-01-01", expired=True)),
    )
    found = [each for each in shown(status(checks=checks)) if re.match(r"[✗!?i~] ", each)]
    assert [" ".join(each.split()[:2]) for each in found] == [
        "✗ a-fail",
        "✗ g-expired",
        "? b-unknown",
        "! c-warning",
        "? d-unknown",
        "i e-info",
        "~ f-accepted",
    ]


def test_a_long_id_or_name_has_its_message_below() -> None:
    checks = (check("a" * 40, message="one"), check("b", about="n" * 40, message="two"), check("c", message="three"))
    assert shown(status(checks=checks), 100)[-7:] == [
        f"✗ {'a' * 40}  cluster",
        "    one",
        f"✗ b                       {'n' * 40}",
        "    two",
        "✗ c                       cluster               three",
        "",
        "no check passed",
    ]


def test_an_acceptance_is_shown_with_its_reason_and_end() -> None:
    text = render(status(checks=(check("lag", accepted=Acceptance("as it is", None)),)), PLAIN, 80)
    assert "~ lag  cluster  lag does not hold\n    accepted: as it is\n" in text


def test_a_check_that_fails_for_one_node_is_not_counted_as_passed() -> None:
    checks = (check("lag", Status.PASS, "n2"), check("lag", Status.FAIL, "n3"), check("timeline", Status.PASS, "n2"))
    assert shown(status(checks=checks))[-1] == "1 check passed"


def test_no_check_is_no_success() -> None:
    assert shown(status(checks=()))[-1] == "no check passed"


def test_lags_over_time_have_their_least_and_most_and_no_peak_is_lost() -> None:
    peak = history(*[0] * 150, 5 * MB, *[0] * 149)
    text = line(status(primary(), node("n2", history=peak)), "n2  ▁", 80)
    assert "█" in text
    assert text.endswith("  min 0 B, max 5.0 MB")
    assert line(status(primary(), node("n2", history=peak)), "LAG OVER") == "LAG OVER 4 m 59 s"


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("columns", [60, 100])
def test_colours_change_nothing_that_is_said(name: str, columns: int) -> None:
    painted = render(SOME[name], Style(colour=True), columns)
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == render(SOME[name], PLAIN, columns)


@given(statuses(), st.integers(0, 130))
def test_no_line_is_wider_than_the_terminal_but_one_to_paste(about: HaStatus, columns: int) -> None:
    lines = shown(about, columns)
    commands = [part for each in about.checks for part in remedy.parts(each.remedy) if part.code]
    wide = [each for each in lines if width(each) > max(columns, 40)]
    assert bool(commands) or not wide
    assert all((match := UNBROKEN.match(each)) and remedy.is_code(match["code"]) for each in wide)
    assert not UNSEEN & {unicodedata.category(each) for each in "".join(lines)}


def test_a_command_is_told_from_a_sentence() -> None:
    for code in (
        "SELECT pg_wal_replay_resume()",
        "CHECKPOINT",
        "pg_rewind --target-pgdata=/data --source-server='host=n1'",
        "sudo systemctl start postgresql",
        "psql -c 'SELECT 1'",
        "patronictl resume main",
        "REINDEX TABLE orders",
        "-- then restart n2",
        "export SSL_CERT_FILE=/etc/ca.pem",
        "END;",
    ):
        assert remedy.is_code(code), code
    for prose in (
        "bring the missing one back, or correct --expect-standbys",
        "pg_rewind it, or make it anew",
        "Select another candidate",
        "REINDEX what sorts by it, then REFRESH COLLATION VERSION",
        "systemctl is not enough",
        "read its log for the reason; SHOW primary_conninfo",
    ):
        assert not remedy.is_code(prose), prose
