"""The checks without which there is no verdict: who writes, who lives, timelines, receivers, positions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from dbops.ha.check import Outcome
from dbops.ha.checks import (
    lag,
    node_answers,
    position,
    primary_alive,
    receiver_streaming,
    same_system,
    single_writer,
    standby_count,
    timeline,
)
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Failure, Limits, Node, Position, Receiver, WalFolder
from dbops.results.ha import FailureKind, Question, Status, Weight
from ha.clusters import HEAD, changed, healthy, primary, standby

Examine = Callable[[Cluster], Iterable[Outcome]]


def silent(name: str = "n1", kind: FailureKind = FailureKind.TIMEOUT) -> Node:
    return Node(name=name, host=name, port=5432, failure=Failure(kind, "no answer within 5 s"))


def only(examine: Examine, cluster: Cluster, node: str | None = None) -> Outcome:
    (outcome,) = [each for each in examine(cluster) if each.node == node]
    return outcome


def orphaned(*silent_nodes: Node, receivers: tuple[Receiver, ...] | None = ()) -> Cluster:
    return Cluster((*silent_nodes, standby("n2", receivers=receivers), standby("n3", receivers=receivers)))


def hearing(last_messages: Iterable[float]) -> Cluster:
    """Two standbys that have a receiver each, whose upstream does not answer us."""
    positions = tuple(
        replace(each, last_message=at) for each, at in zip(standby().positions, last_messages, strict=False)
    )
    nodes = (standby(name, positions=positions) for name in ("n2", "n3"))
    return Cluster((silent(), *nodes))


class TestSingleWriter:
    def test_one_writer_passes(self) -> None:
        assert only(single_writer.examine, healthy()).status is Status.PASS

    def test_two_writers_of_one_system_are_a_split_brain(self) -> None:
        outcome = only(single_writer.examine, Cluster((primary("n1"), primary("n2", timeline=8))))
        assert outcome.status is Status.FAIL
        assert outcome.message == "split brain: n1 (timeline 7) and n2 (timeline 8) take writes"

    def test_two_writers_of_two_systems_are_two_clusters(self) -> None:
        outcome = only(single_writer.examine, Cluster((primary("n1"), primary("n2", system_identifier="2"))))
        assert outcome.status is Status.FAIL
        assert "different systems" in outcome.message

    def test_no_writer_fails_a_switchover_only(self) -> None:
        outcome = only(single_writer.examine, orphaned(silent(kind=FailureKind.REFUSED)))
        assert (outcome.status, outcome.matters) == (Status.FAIL, (Question.SWITCHOVER,))

    @pytest.mark.parametrize(
        "kind", [kind for kind in FailureKind if kind not in {FailureKind.REFUSED, FailureKind.UNSEEN}]
    )
    def test_a_node_without_an_answer_may_write(self, kind: FailureKind) -> None:
        cluster = Cluster((*healthy().nodes, silent("n4", kind)))
        assert only(single_writer.examine, cluster).status is Status.UNKNOWN

    def test_one_that_the_primary_feeds_does_not(self) -> None:
        cluster = Cluster((primary(standbys=("n2", "n4")), standby("n2"), silent("n4")))
        assert only(single_writer.examine, cluster).status is Status.PASS

    def test_one_that_is_only_seen_as_fed_does_not(self) -> None:
        cluster = Cluster((*healthy().nodes, silent("n4", FailureKind.UNSEEN)))
        assert only(single_writer.examine, cluster).status is Status.PASS

    def test_the_old_primary_that_refuses_us_and_that_a_standby_still_hears_may_write(self) -> None:
        cluster = Cluster((silent(kind=FailureKind.REFUSED), primary("n2", timeline=8, standbys=()), standby("n3")))
        outcome = only(single_writer.examine, cluster)
        assert (outcome.status, outcome.message.startswith("whether n1 takes writes")) == (Status.UNKNOWN, True)

    def test_a_namesake_at_another_address_proves_nothing_of_the_one_that_is_silent(self) -> None:
        row = replace((primary().downstreams or ())[0], application="n4")
        for host, status in (("10.0.0.2", Status.PASS), ("10.0.0.4", Status.UNKNOWN), ("db4.example", Status.PASS)):
            hung = replace(silent("n4"), host=host)
            cluster = Cluster((primary(downstreams=(row,)), hung))
            assert only(single_writer.examine, cluster).status is status

    def test_where_nothing_listens_nobody_writes(self) -> None:
        cluster = Cluster((*healthy().nodes, silent("n4", FailureKind.REFUSED)))
        assert only(single_writer.examine, cluster).status is Status.PASS


class TestPrimaryAlive:
    def test_a_primary_that_answers_lives(self) -> None:
        assert only(primary_alive.examine, healthy()).status is Status.PASS

    def test_one_that_standbys_still_hear_is_alive_and_forbids_promoting(self) -> None:
        outcome = only(primary_alive.examine, hearing([1.0, 1.2, 1.4]))
        assert outcome.status is Status.FAIL
        assert outcome.remedy is not None
        assert outcome.remedy.startswith("don't promote")

    def test_one_that_refuses_us_and_is_heard_is_alive_too(self) -> None:
        cluster = hearing([1.0, 1.2, 1.4])
        refused = Cluster((silent(kind=FailureKind.REFUSED), *cluster.nodes[1:]))
        assert only(primary_alive.examine, refused).status is Status.FAIL

    def test_silence_of_some_seconds_proves_nothing(self) -> None:
        assert only(primary_alive.examine, hearing([1.0, 1.0, 1.0])).status is Status.UNKNOWN

    def test_receivers_that_may_not_be_seen_prove_nothing(self) -> None:
        hidden = tuple(replace(each, last_message=None, receiving=None) for each in standby().positions)
        cluster = orphaned(silent(kind=FailureKind.REFUSED), receivers=None)
        for name in ("n2", "n3"):
            cluster = changed(cluster, name, positions=hidden)
        assert only(primary_alive.examine, cluster).status is Status.UNKNOWN

    def test_one_that_is_down_and_heard_by_nobody_is_likely_gone_which_is_no_proof(self) -> None:
        outcome = only(primary_alive.examine, orphaned(silent(kind=FailureKind.REFUSED)))
        assert (outcome.status, outcome.weight, outcome.matters) == (
            Status.FAIL,
            Weight.WARNING,
            (Question.EMERGENCY,),
        )

    def test_one_that_hangs_may_run_though_nobody_hears_it(self) -> None:
        assert only(primary_alive.examine, orphaned(silent())).status is Status.UNKNOWN

    def test_a_cascade_that_nobody_asked_is_no_primary_that_may_run(self) -> None:
        feeding = standby("n2", receivers=(), downstreams=primary(standbys=("n3",)).downstreams)
        cluster = Cluster((silent(kind=FailureKind.REFUSED), feeding, silent("n3", FailureKind.UNSEEN)))
        assert "no standby hears from one" in only(primary_alive.examine, cluster).message

    def test_a_cascade_that_hears_its_own_standby_says_nothing_of_the_primary(self) -> None:
        middle = standby("n2", receivers=(), downstreams=primary(standbys=("n3",)).downstreams)
        cluster = Cluster((silent(kind=FailureKind.REFUSED), middle, standby("n3", of="n2")))
        assert "no standby hears from one" in only(primary_alive.examine, cluster).message


class TestTimeline:
    def test_the_same_one_passes(self) -> None:
        assert only(timeline.examine, healthy(), "n2").status is Status.PASS

    @pytest.mark.parametrize(("own", "words"), [(6, "does not follow"), (8, "diverged")])
    def test_another_one_fails(self, own: int, words: str) -> None:
        outcome = only(timeline.examine, changed(healthy(), "n2", timeline=own), "n2")
        assert outcome.status is Status.FAIL
        assert words in outcome.message

    def test_wal_that_the_primary_never_wrote_has_diverged(self) -> None:
        ahead = tuple(replace(each, received=HEAD + 4096) for each in standby().positions)
        outcome = only(timeline.examine, changed(healthy(), "n2", positions=ahead), "n2")
        assert outcome.status is Status.FAIL
        assert "diverged" in outcome.message

    def test_an_unknown_one_is_not_passed(self) -> None:
        assert only(timeline.examine, changed(healthy(), "n2", timeline=None), "n2").status is Status.UNKNOWN

    def test_an_unknown_one_of_the_primary_leaves_all_unknown(self) -> None:
        assert only(timeline.examine, changed(healthy(), "n1", timeline=None), "n1").status is Status.UNKNOWN

    def test_without_a_primary_an_older_one_than_another_standbys_fails(self) -> None:
        lost = orphaned(silent(kind=FailureKind.REFUSED))
        assert only(timeline.examine, changed(lost, "n3", timeline=6), "n3").status is Status.FAIL
        assert only(timeline.examine, changed(lost, "n3", timeline=6), "n2").status is Status.PASS

    def test_without_a_primary_the_history_of_a_newer_one_that_is_gone_fails_all(self) -> None:
        lost = changed(orphaned(silent(kind=FailureKind.REFUSED)), "n3", wal_folder=WalFolder(10, 1024, history=8))
        for name in ("n2", "n3"):
            outcome = only(timeline.examine, lost, name)
            assert outcome.status is Status.FAIL
            assert "on timeline 7, a node that is gone was on 8" in outcome.message

    def test_without_a_primary_the_history_of_its_own_timeline_passes(self) -> None:
        lost = changed(orphaned(silent(kind=FailureKind.REFUSED)), "n3", wal_folder=WalFolder(10, 1024, history=7))
        assert only(timeline.examine, lost, "n2").status is Status.PASS

    def test_without_a_primary_a_folder_that_cannot_be_seen_may_hold_a_newer_one(self) -> None:
        denied = {"wal_folder": "GRANT it"}
        lost = changed(orphaned(silent(kind=FailureKind.REFUSED)), "n3", wal_folder=None, denied=denied)
        outcome = only(timeline.examine, lost, "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, "GRANT it")
        assert only(timeline.examine, changed(healthy(), "n3", wal_folder=None), "n2").status is Status.PASS


class TestReceiverStreaming:
    def test_one_that_streams_passes(self) -> None:
        outcome = only(receiver_streaming.examine, healthy(), "n2")
        assert (outcome.status, outcome.message) == (Status.PASS, "streams from n1")

    def test_none_is_the_false_zero(self) -> None:
        assert only(receiver_streaming.examine, changed(healthy(), "n2", receivers=()), "n2").status is Status.FAIL

    @pytest.mark.parametrize("status", ["starting", "waiting", "restarting", "stopping"])
    def test_one_that_does_not_stream_fails(self, status: str) -> None:
        cluster = changed(healthy(), "n2", receivers=(Receiver(status, 7, None, "n1", 5432),))
        assert only(receiver_streaming.examine, cluster, "n2").status is Status.FAIL

    def test_one_that_ended_while_it_was_watched_fails(self) -> None:
        positions = (*standby().positions[:-1], replace(standby().positions[-1], receiving=False))
        cluster = changed(healthy(), "n2", positions=positions)
        assert only(receiver_streaming.examine, cluster, "n2").status is Status.FAIL

    def test_hidden_columns_are_unknown_and_name_the_grant(self) -> None:
        hidden = changed(healthy(), "n2", receivers=None, denied={"receiver": "GRANT pg_monitor TO m"})
        outcome = only(receiver_streaming.examine, hidden, "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, "GRANT pg_monitor TO m")

    def test_one_that_follows_a_stranger_fails(self) -> None:
        stray = standby("n3", receivers=(Receiver("streaming", 7, None, "n9", 5432),))
        outcome = only(receiver_streaming.examine, Cluster((primary(standbys=("n2",)), standby("n2"), stray)), "n3")
        assert outcome.status is Status.FAIL
        assert "n9:5432, which is none of the nodes" in outcome.message

    def test_one_whose_upstream_may_be_a_node_is_unknown(self) -> None:
        stray = standby("n3", receivers=(Receiver("streaming", 7, None, "n9", 5432),), upstream=None, cluster_name=None)
        hidden = Cluster((primary(downstreams=None), standby("n2"), stray))
        beside = Cluster((primary(standbys=("n2",)), standby("n2"), stray, silent("n4")))
        assert only(receiver_streaming.examine, hidden, "n3").status is Status.UNKNOWN
        assert only(receiver_streaming.examine, beside, "n3").status is Status.UNKNOWN

    def test_a_standby_that_names_its_upstream_is_believed(self) -> None:
        hidden = Cluster((primary(downstreams=None), standby("n2")))
        assert only(receiver_streaming.examine, hidden, "n2").message == "streams from n1"


class TestPosition:
    def test_known_ones_pass(self) -> None:
        assert {each.status for each in position.examine(healthy())} == {Status.PASS}

    def test_a_standby_without_one_is_unknown(self) -> None:
        positions = (Position(0.1, 0.2, True, 0.0),)
        assert only(position.examine, changed(healthy(), "n2", positions=positions), "n2").status is Status.UNKNOWN

    def test_one_that_can_not_be_compared_is_unknown(self) -> None:
        assert only(position.examine, changed(healthy(), "n2", timeline=6), "n2").status is Status.UNKNOWN


class TestLag:
    @staticmethod
    def behind(count: int, **limits: int) -> Cluster:
        positions = tuple(replace(each, received=HEAD - count, replayed=HEAD - count) for each in standby().positions)
        return Cluster(changed(healthy(), "n2", positions=positions).nodes, replace(Limits(), **limits))

    @pytest.mark.parametrize(
        ("count", "status", "weight"),
        [(0, Status.PASS, None), (16 * 1024**2, Status.FAIL, Weight.WARNING), (256 * 1024**2, Status.FAIL, None)],
    )
    def test_the_limits_decide(self, count: int, status: Status, weight: Weight | None) -> None:
        outcome = only(lag.examine, self.behind(count), "n2")
        assert (outcome.status, outcome.weight) == (status, weight)

    def test_the_limits_can_be_set(self) -> None:
        assert only(lag.examine, self.behind(2048, warning_lag=1024, critical_lag=2048), "n2").weight is None

    def test_without_a_primary_it_is_unknown(self) -> None:
        assert only(lag.examine, orphaned(silent()), "n2").status is Status.UNKNOWN

    def test_two_writers_leave_nothing_to_compare_with(self) -> None:
        outcome = only(lag.examine, Cluster((primary("n1"), primary("n3"), standby("n2"))), "n2")
        assert (outcome.status, "more than one" in outcome.message) == (Status.UNKNOWN, True)


class TestNodeAnswers:
    def test_those_that_answer_pass(self) -> None:
        assert {each.status for each in node_answers.examine(healthy())} == {Status.PASS}

    def test_one_that_is_down_fails(self) -> None:
        cluster = Cluster((*healthy().nodes, silent("n4", FailureKind.REFUSED)))
        assert only(node_answers.examine, cluster, "n4").status is Status.FAIL

    @pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind is not FailureKind.REFUSED])
    def test_of_any_other_nothing_is_known_and_something_can_be_done(self, kind: FailureKind) -> None:
        outcome = only(node_answers.examine, Cluster((*healthy().nodes, silent("n4", kind))), "n4")
        assert outcome.status is Status.UNKNOWN
        assert outcome.remedy


class TestStandbyCount:
    def test_a_primary_alone_has_nobody_to_fail_over_to(self) -> None:
        outcome = only(standby_count.examine, Cluster((primary(standbys=()),)))
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.BLOCKER)

    def test_without_a_number_it_does_not_apply(self) -> None:
        assert only(standby_count.examine, healthy()).status is Status.SKIPPED

    @pytest.mark.parametrize(("expected", "status"), [(2, Status.PASS), (3, Status.FAIL)])
    def test_those_that_stream_count(self, expected: int, status: Status) -> None:
        cluster = Cluster(healthy().nodes, Limits(expect_standbys=expected))
        assert only(standby_count.examine, cluster).status is status


class TestSameSystem:
    def test_one_system_passes(self) -> None:
        assert {each.status for each in same_system.examine(healthy())} == {Status.PASS}

    def test_another_one_fails(self) -> None:
        cluster = changed(healthy(), "n3", system_identifier="42")
        assert [each.node for each in same_system.examine(cluster) if each.status is Status.FAIL] == ["n3"]

    def test_an_unknown_one_is_not_passed(self) -> None:
        assert (
            only(same_system.examine, changed(healthy(), "n2", system_identifier=None), "n2").status is Status.UNKNOWN
        )


def test_each_of_them_says_what_it_is_about() -> None:
    def outcomes() -> Iterator[Outcome]:
        for check in (single_writer, primary_alive, timeline, receiver_streaming, position, lag, same_system):
            yield from check.examine(orphaned(silent()))

    assert all(each.message for each in outcomes())
