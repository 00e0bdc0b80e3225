from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.ha.catalogue import examine
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Failure, Node, Position
from dbops.ha.verdict import candidate, failover, overall
from dbops.results.ha import Failover, FailureKind, HaCheck, Question, Status, Verdict, Weight
from ha.clusters import HEAD, changed, healthy, primary, standby

SWITCHOVER, EMERGENCY = Question.SWITCHOVER, Question.EMERGENCY


def said(
    status: Status,
    node: str | None,
    *,
    weight: Weight = Weight.BLOCKER,
    only: Question | None = None,
    essential: bool = False,
) -> HaCheck:
    return HaCheck("x", weight, status, node, "so it is", None, tuple(Question) if only is None else (only,), essential)


def answer(
    *checks: HaCheck, cluster: Cluster | None = None, question: Question = EMERGENCY, wanted: str | None = None
) -> Failover:
    return failover(cluster or healthy(), checks, question, wanted)


def test_a_healthy_cluster_is_ready_for_both() -> None:
    assert [answer(question=each).verdict for each in Question] == [Verdict.READY, Verdict.READY]


def test_every_check_passes_or_does_not_apply_to_a_healthy_cluster() -> None:
    wrong = [check for check in examine(healthy()) if check.status not in {Status.PASS, Status.SKIPPED}]
    assert [check for check in wrong if check.severity is not Weight.INFO] == []
    assert answer(*examine(healthy())).verdict is Verdict.READY


def test_a_blocker_of_one_standby_makes_the_other_the_candidate_and_the_whole_degraded() -> None:
    found = answer(said(Status.FAIL, "n2"))
    assert (found.candidate, found.verdict, found.blockers) == ("n3", Verdict.DEGRADED, ())


def test_a_blocker_of_the_named_candidate_stands() -> None:
    found = answer(said(Status.FAIL, "n2"), wanted="n2")
    assert (found.candidate, found.verdict, found.blockers) == ("n2", Verdict.NOT_READY, ("x",))


def test_a_blocker_of_the_cluster_stops_everybody() -> None:
    assert answer(said(Status.FAIL, None)).verdict is Verdict.NOT_READY


def test_what_is_wrong_with_the_primary_stops_a_switchover_and_degrades_an_emergency() -> None:
    checks = [said(Status.FAIL, "n1")]
    assert answer(*checks, question=SWITCHOVER).verdict is Verdict.NOT_READY
    assert answer(*checks, question=EMERGENCY).verdict is Verdict.DEGRADED


def test_what_matters_to_a_switchover_alone_leaves_an_emergency_ready() -> None:
    checks = [said(Status.FAIL, None, only=SWITCHOVER)]
    assert answer(*checks, question=SWITCHOVER).verdict is Verdict.NOT_READY
    assert answer(*checks, question=EMERGENCY).verdict is Verdict.READY


def test_an_essential_check_that_can_not_tell_makes_it_unknown() -> None:
    assert answer(said(Status.UNKNOWN, None, essential=True)).verdict is Verdict.UNKNOWN


def test_any_other_check_that_can_not_tell_makes_it_degraded() -> None:
    assert answer(said(Status.UNKNOWN, None)).verdict is Verdict.DEGRADED


def test_a_note_changes_nothing() -> None:
    assert answer(said(Status.WARN, "n2", weight=Weight.INFO)).verdict is Verdict.READY


def test_a_blocker_goes_before_what_can_not_be_told() -> None:
    checks = [said(Status.UNKNOWN, None, essential=True), said(Status.FAIL, None)]
    assert answer(*checks).verdict is Verdict.NOT_READY


def test_the_worse_of_both_is_the_verdict() -> None:
    ready, unknown, bad = (
        Failover(verdict, None, None, None, None, (), "")
        for verdict in (Verdict.READY, Verdict.UNKNOWN, Verdict.NOT_READY)
    )
    assert overall([ready, unknown]) is Verdict.UNKNOWN
    assert overall([unknown, bad]) is Verdict.NOT_READY


def test_the_exit_status_is_that_of_a_nagios_plugin() -> None:
    assert {verdict.value: verdict.exit_status for verdict in Verdict} == {
        "READY": 0,
        "DEGRADED": 1,
        "NOT_READY": 2,
        "UNKNOWN": 3,
    }


def behind(count: int) -> tuple[Position, ...]:
    return tuple(replace(each, received=HEAD - count, replayed=HEAD - count) for each in standby().positions)


def test_of_two_the_one_that_loses_less_is_promoted() -> None:
    assert answer(cluster=changed(healthy(), "n2", positions=behind(8 * 1024**2))).candidate == "n3"


def test_a_few_bytes_change_no_candidate_while_the_primary_lives() -> None:
    assert answer(cluster=changed(healthy(), "n2", positions=behind(800))).candidate == "n2"


def test_every_byte_counts_once_the_primary_is_lost() -> None:
    down = Node(name="n1", failure=Failure(FailureKind.REFUSED, "down"))
    lost = Cluster((down, standby("n2", positions=behind(1)), standby("n3")))
    assert answer(cluster=lost).candidate == "n3"


def test_whom_a_manager_would_promote_is_the_candidate_whatever_stands_against_it() -> None:
    found = failover(healthy(), [said(Status.FAIL, "n3")], EMERGENCY, chosen="n3")
    assert (found.candidate, found.verdict) == ("n3", Verdict.NOT_READY)


def test_a_synchronous_standby_goes_first() -> None:
    rows = healthy().nodes[0].downstreams
    assert rows is not None
    cluster = changed(healthy(), "n1", downstreams=(rows[0], replace(rows[1], sync_state="sync")))
    assert answer(cluster=cluster).candidate == "n3"


def test_of_two_that_are_level_the_one_that_the_primary_feeds_goes_first() -> None:
    feeds_n2 = primary(standbys=("n2",)).downstreams
    cluster = Cluster((primary(standbys=("n3",)), standby("n2", of="n3"), standby("n3", downstreams=feeds_n2)))
    assert answer(cluster=cluster).candidate == "n3"
    down = Node(name="n1", failure=Failure(FailureKind.REFUSED, "down"))
    lost = Cluster((down, standby("n2", of="n3"), standby("n3", receivers=(), downstreams=feeds_n2)))
    assert answer(cluster=lost).candidate == "n3"


def test_one_whose_loss_is_unknown_goes_last_while_the_primary_lives() -> None:
    cluster = changed(healthy(), "n2", positions=standby().positions[:0])
    blocked = [said(Status.FAIL, "n2"), said(Status.FAIL, "n3")]
    assert answer(*blocked, cluster=cluster).candidate == "n3"


def test_without_a_standby_it_is_not_ready() -> None:
    found = answer(cluster=Cluster((primary(standbys=()),)))
    assert (found.verdict, found.candidate, found.reason) == (Verdict.NOT_READY, None, "there is no standby")
    assert candidate(found) is None


@pytest.mark.parametrize(
    ("kind", "verdict"), [(FailureKind.REFUSED, Verdict.NOT_READY), (FailureKind.TIMEOUT, Verdict.UNKNOWN)]
)
def test_a_standby_that_is_down_is_told_from_one_that_hangs(kind: FailureKind, verdict: Verdict) -> None:
    silent = Node(name="n2", failure=Failure(kind, "…"))
    assert answer(cluster=Cluster((primary(), silent))).verdict is verdict


def test_the_loss_of_an_unknown_position_is_unknown() -> None:
    down = Node(name="n1", failure=Failure(FailureKind.REFUSED, "down"))
    lost = Cluster((down, standby("n2", receivers=()), standby("n3", receivers=())))
    found = failover(lost, examine(lost), EMERGENCY)
    assert (found.candidate, found.loss_bytes, found.loss_seconds) == ("n2", None, None)
    assert found.verdict is Verdict.DEGRADED
    assert failover(lost, examine(lost), SWITCHOVER).verdict is Verdict.NOT_READY
