from __future__ import annotations

from dbops.ha.checks import replay_paused
from dbops.results.ha import Status
from ha.clusters import changed, healthy, with_settings


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
