"""The checks of how standbys recover: delays, targets left over, conflicts, and who feeds whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dbops.ha.check import SWITCHOVER_ONLY
from dbops.ha.checks import apply_delay, cascade, recovery_conflicts, recovery_target
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Database, Failure, Node, Setting, Upstream
from dbops.results.ha import FailureKind, Status, Weight
from ha.clusters import changed, healthy, primary, standby, with_settings
from ha.outcomes import Examine, only, silent, statuses, without_facts, without_primary

GRANT = "GRANT pg_monitor TO monitor"


@pytest.mark.parametrize(
    ("examine", "part"),
    [
        (apply_delay.examine, "settings"),
        (recovery_target.examine, "settings"),
        (recovery_conflicts.examine, "databases"),
    ],
)
class TestHidden:
    def test_what_is_hidden_is_unknown_and_names_the_grant(self, examine: Examine, part: str) -> None:
        outcome = only(examine, changed(healthy(), "n2", **{part: None}, denied={part: GRANT}), "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_without_facts_all_is_unknown(self, examine: Examine, part: str) -> None:
        assert set(statuses(examine, without_facts()).values()) == {Status.UNKNOWN}

    def test_a_healthy_cluster_passes_also_without_a_primary(self, examine: Examine, part: str) -> None:
        for cluster in (healthy(), without_primary()):
            assert set(statuses(examine, cluster).values()) == {Status.PASS}
            assert {"n2", "n3"} <= set(statuses(examine, cluster))


class TestApplyDelay:
    def test_a_delay_is_a_warning(self) -> None:
        outcome = only(apply_delay.examine, with_settings(healthy(), "n2", recovery_min_apply_delay="3600000"), "n2")
        assert (outcome.status, apply_delay.WEIGHT) == (Status.FAIL, Weight.WARNING)
        assert outcome.message == "replay is 1 h 0 m late on purpose; a promotion replays everything at once"

    @pytest.mark.parametrize("settings", [{}, {"recovery_min_apply_delay": Setting("soon")}])
    def test_a_setting_that_is_not_there_is_unknown(self, settings: dict[str, Setting]) -> None:
        assert only(apply_delay.examine, changed(healthy(), "n2", settings=settings), "n2").status is Status.UNKNOWN


class TestRecoveryTarget:
    @pytest.mark.parametrize(
        ("action", "words"),
        [
            (
                "pause",
                "a promotion before that is reached crashes the server, one after it throws away what came later",
            ),
            ("promote", "it promotes itself once that is reached; a promotion before crashes the server"),
            ("shutdown", "it stops once that is reached; a promotion before crashes the server"),
            ("", "throws away"),
        ],
    )
    def test_a_target_left_over_on_a_standby_is_a_blocker(self, action: str, words: str) -> None:
        target = {"recovery_target_time": "2026-11-01 00:00:00+00", "recovery_target_action": action}
        outcome = only(recovery_target.examine, with_settings(healthy(), "n2", **target), "n2")
        assert (outcome.status, outcome.weight, recovery_target.WEIGHT) == (Status.FAIL, None, Weight.BLOCKER)
        assert outcome.message.startswith("recovery_target_time = '2026-11-01 00:00:00+00' is left over: ")
        assert words in outcome.message
        assert outcome.remedy == "ALTER SYSTEM SET recovery_target_time = '';\nthen restart it"

    @pytest.mark.parametrize("name", ["", "_lsn", "_name", "_time", "_xid"])
    def test_every_kind_of_target_is_seen(self, name: str) -> None:
        cluster = with_settings(healthy(), "n2", **{f"recovery_target{name}": "immediate"})
        assert only(recovery_target.examine, cluster, "n2").status is Status.FAIL

    def test_one_on_the_primary_waits_until_it_is_a_standby(self) -> None:
        outcome = only(recovery_target.examine, with_settings(healthy(), "n1", recovery_target_xid="753"), "n1")
        assert (outcome.weight, outcome.matters) == (Weight.WARNING, SWITCHOVER_ONLY)
        assert "once it is a standby it stops there" in outcome.message

    @pytest.mark.parametrize("value", ["current", "1"])
    def test_another_timeline_than_the_latest_is_a_warning(self, value: str) -> None:
        cluster = with_settings(healthy(), "n3", recovery_target_timeline=value)
        outcome = only(recovery_target.examine, cluster, "n3")
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.WARNING)
        assert outcome.message.startswith(f"recovery_target_timeline = '{value}': it won't follow")
        old = only(recovery_target.examine, with_settings(healthy(), "n1", recovery_target_timeline=value), "n1")
        assert old.matters == SWITCHOVER_ONLY

    def test_one_setting_that_is_hidden_is_enough_to_be_unknown(self) -> None:
        before = healthy()
        known = {key: value for key, value in (before.nodes[1].settings or {}).items() if key != "recovery_target_lsn"}
        outcome = only(recovery_target.examine, changed(before, "n2", settings=known), "n2")
        assert outcome.status is Status.UNKNOWN


class TestRecoveryConflicts:
    @pytest.mark.parametrize(
        ("feedback", "remedy"), [("off", "ALTER SYSTEM SET hot_standby_feedback"), ("on", "run long")]
    )
    def test_queries_that_replay_cancelled_are_a_note(self, feedback: str, remedy: str) -> None:
        databases = (Database("app", 1, 1, 0, 7), Database("postgres", 1, 1, 0, 0))
        cluster = with_settings(changed(healthy(), "n2", databases=databases), "n2", hot_standby_feedback=feedback)
        outcome = only(recovery_conflicts.examine, cluster, "n2")
        assert (outcome.status, recovery_conflicts.WEIGHT) == (Status.FAIL, Weight.INFO)
        assert outcome.message.startswith("replay has cancelled queries: app 7")
        assert ("hot_standby_feedback is off" in outcome.message) is (feedback == "off")
        assert (outcome.remedy or "").startswith(remedy)

    def test_without_the_setting_the_note_stays(self) -> None:
        cluster = changed(healthy(), "n2", databases=(Database("app", 1, 1, 0, 7),), settings=None)
        assert only(recovery_conflicts.examine, cluster, "n2").status is Status.FAIL

    def test_a_count_that_is_not_known_is_unknown(self) -> None:
        cluster = changed(healthy(), "n2", databases=(Database("app", 1, 1, 0, None), Database("b", 1, 1, 0, 3)))
        assert only(recovery_conflicts.examine, cluster, "n2").status is Status.UNKNOWN


def cascading(**facts: Any) -> Cluster:
    """Return n1, which feeds n2 and n3, and n4, which n2 feeds."""
    row = replace(primary().downstreams[0], application="n4", address="10.0.0.4", pid=7)
    return Cluster((primary(), standby("n2", downstreams=(row,)), standby("n3"), standby("n4", "n2", **facts)))


def cut_off(below: Node, *others: Node, **facts: Any) -> Cluster:
    """Return n4 below a node that doesn't feed it any more, as far as that can be seen."""
    return Cluster((*others, below, standby("n4", below.name, **facts)))


class TestCascade:
    def test_standbys_of_the_primary_pass(self) -> None:
        assert statuses(cascade.examine, healthy()) == {"n2": Status.PASS, "n3": Status.PASS}

    def test_a_cascading_one_is_a_note(self) -> None:
        outcome = only(cascade.examine, cascading(), "n4")
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.INFO)
        assert outcome.message == "n2, a standby, feeds it: it follows whomever n2 follows"

    def test_one_that_only_its_upstream_sees_is_told_too(self) -> None:
        unseen = Node(name="n4", failure=Failure(FailureKind.UNSEEN, "not asked"))
        cluster = Cluster((*cascading().nodes[:3], unseen))
        assert only(cascade.examine, cluster, "n4").weight is Weight.INFO

    def test_an_upstream_that_gives_no_answer_is_a_warning(self) -> None:
        outcome = only(cascade.examine, cut_off(silent("n2"), primary(standbys=())), "n4")
        assert (outcome.status, outcome.weight, cascade.WEIGHT) == (Status.FAIL, None, Weight.WARNING)
        assert outcome.message == "n2, which it is told to follow, gives no answer"

    def test_without_a_receiver_primary_conninfo_names_the_upstream(self) -> None:
        assert "n2" in only(cascade.examine, cut_off(silent("n2"), primary(standbys=()), receivers=()), "n4").message

    def test_without_a_primary_nothing_can_be_told(self) -> None:
        assert statuses(cascade.examine, without_primary()) == {"n2": Status.SKIPPED, "n3": Status.SKIPPED}

    def test_one_that_nothing_feeds_is_no_cascading_one(self) -> None:
        away = Upstream("elsewhere", 5432, "replicator", "n4", None)
        cluster = cut_off(standby("n2"), primary(), receivers=(), upstream=away)
        assert only(cascade.examine, cluster, "n4").status is Status.SKIPPED

    def test_who_feeds_it_may_be_unknown(self) -> None:
        cluster = changed(changed(healthy(), "n1", downstreams=None), "n2", receivers=None, denied={"receiver": GRANT})
        outcome = only(cascade.examine, cluster, "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_without_facts_all_is_unknown(self) -> None:
        assert statuses(cascade.examine, without_facts()) == {"n2": Status.UNKNOWN, "n3": Status.UNKNOWN}
