from __future__ import annotations

from dataclasses import replace

from dbops.ha.checks import replay_paused
from dbops.ha.cluster import Cluster
from dbops.results.ha import Status
from ha.clusters import changed, healthy, standby, with_settings
from ha.outcomes import only, silent


def test_a_standby_that_replays_passes() -> None:
    assert {(each.node, each.status) for each in replay_paused.examine(healthy())} == {
        ("n2", Status.PASS),
        ("n3", Status.PASS),
    }


def test_a_paused_one_fails_and_the_remedy_resumes_it() -> None:
    outcome = next(each for each in replay_paused.examine(changed(healthy(), "n2", pause_state="paused")))
    assert (outcome.status, outcome.node, outcome.remedy) == (Status.FAIL, "n2", "SELECT pg_wal_replay_resume()")


def test_one_that_is_asked_to_pause_fails_too() -> None:
    outcome = next(each for each in replay_paused.examine(changed(healthy(), "n2", pause_state="pause requested")))
    assert outcome.status is Status.FAIL


def test_an_unknown_state_is_not_passed() -> None:
    outcome = next(each for each in replay_paused.examine(changed(healthy(), "n2", pause_state=None)))
    assert outcome.status is Status.UNKNOWN


def test_one_that_stands_still_at_a_recovery_target_is_not_said_to_replay_what_is_left() -> None:
    paused = changed(with_settings(healthy(), "n2", recovery_target_name="before"), "n2", pause_state="paused")
    outcome = next(each for each in replay_paused.examine(paused))
    assert outcome.message == "replay is paused, perhaps because recovery_target_name is reached"
    assert outcome.remedy == "see recovery-target"


def test_one_that_may_have_paused_by_itself_is_not_to_be_resumed() -> None:
    cluster = with_settings(changed(healthy(), "n2", pause_state="paused"), "n2", max_connections="50")
    outcome = only(replay_paused.examine, cluster, "n2")
    assert "would end the server" in outcome.message
    assert "resume" not in (outcome.remedy or "")


def test_without_a_primary_its_log_is_to_be_looked_at_first() -> None:
    paused = standby("n2", pause_state="paused")
    outcome = only(replay_paused.examine, Cluster((silent("n1"), paused)), "n2")
    assert (outcome.remedy or "").startswith('if its log does not say "insufficient parameter settings"')


def test_13_never_pauses_by_itself() -> None:
    old = replace(standby("n2", pause_state="paused"), version=130020)
    outcome = only(replay_paused.examine, Cluster((silent("n1"), old)), "n2")
    assert outcome.remedy == "SELECT pg_wal_replay_resume()"
