"""The checks of Patroni: what fails, for which question, and that nothing unknown passes."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from dbops.ha.check import Outcome
from dbops.ha.checks import (
    patroni_answers,
    patroni_candidate,
    patroni_dcs,
    patroni_leader,
    patroni_paused,
    patroni_watchdog,
    slot_status,
)
from dbops.ha.cluster import Cluster
from dbops.ha.patroni_rules import slots_of_members
from dbops.ha.snapshot import Failure, Patroni, PatroniMember, Slot
from dbops.results.ha import FailureKind, Question, Status, Weight
from ha.clusters import changed as with_node
from ha.patronis import CLOCK, changed, cluster, configured, patroni

CHECKS = (patroni_answers, patroni_candidate, patroni_dcs, patroni_leader, patroni_paused, patroni_watchdog)
SILENT = Failure(FailureKind.TIMEOUT, "no answer within 2 s")
REFUSED = Failure(FailureKind.REFUSED, "connection refused")
POSITION = 83886080
LONG_AGO = CLOCK - 31


def said(check: ModuleType, of: Patroni | Cluster) -> list[Outcome]:
    return list(check.examine(of if isinstance(of, Cluster) else cluster(of)))


def only(check: ModuleType, of: Patroni | Cluster) -> Outcome:
    outcomes = said(check, of)
    assert len(outcomes) == 1, outcomes
    return outcomes[0]


@pytest.mark.parametrize("check", CHECKS)
def test_where_patroni_was_not_asked_nothing_is_said(check: ModuleType) -> None:
    assert said(check, cluster(None)) == []


def test_a_healthy_cluster_passes_but_for_the_watchdog_that_the_api_does_not_tell_of() -> None:
    outcomes = [outcome for check in CHECKS for outcome in said(check, patroni())]
    unknown = [outcome for outcome in outcomes if outcome.status is not Status.PASS]
    assert [(outcome.status, outcome.weight) for outcome in unknown] == [(Status.UNKNOWN, Weight.INFO)]
    assert "watchdog" in unknown[0].message


def test_an_api_without_an_answer_is_unknown_once() -> None:
    outcomes = [outcome for check in CHECKS for outcome in said(check, replace(patroni(), failure=SILENT))]
    assert [(outcome.status, outcome.node) for outcome in outcomes] == [(Status.UNKNOWN, None)]
    assert "no answer within 2 s" in outcomes[0].message


def test_a_certificate_that_is_not_trusted_has_another_remedy() -> None:
    untrusted = Failure(FailureKind.TLS, "its certificate is not trusted: self-signed certificate")
    assert "SSL_CERT_FILE" in str(only(patroni_answers, replace(patroni(), failure=untrusted)).remedy)


def test_a_pause_blocks_an_emergency_and_no_switchover() -> None:
    outcome = only(patroni_paused, replace(patroni(), paused=True))
    assert (outcome.status, outcome.remedy) == (Status.FAIL, "patronictl resume")
    assert patroni_paused.WEIGHT is Weight.BLOCKER
    assert patroni_paused.MATTERS == (Question.EMERGENCY,)


def test_an_unknown_pause_is_not_passed() -> None:
    assert only(patroni_paused, replace(patroni(), paused=None)).status is Status.UNKNOWN


def test_the_leader_that_writes_passes_and_a_planned_switchover_is_told() -> None:
    outcome = only(patroni_leader, replace(patroni(), scheduled_switchover="2027-04-14T20:27:00+00:00 to n2"))
    assert outcome.status is Status.PASS
    assert "2027-04-14T20:27:00+00:00 to n2" in outcome.message


def two_writers() -> Cluster:
    return with_node(cluster(patroni()), "n3", in_recovery=False)


def a_writer_that_was_not_asked() -> Cluster:
    stray = PatroniMember("n4", "replica", "running", "n4", 5432, api_url="http://n4:8008/patroni", in_recovery=False)
    return cluster(replace(patroni(), members=(*patroni().members, stray)))


def a_silent_node_whose_patroni_says_that_it_writes() -> Cluster:
    silent = with_node(cluster(changed(patroni(), "n3", in_recovery=False)), "n3", failure=SILENT, in_recovery=None)
    return with_node(silent, "n1", downstreams=())


@pytest.mark.parametrize(
    "of", [two_writers, a_writer_that_was_not_asked, a_silent_node_whose_patroni_says_that_it_writes]
)
def test_a_second_writer_fails(of: Callable[[], Cluster]) -> None:
    outcome = only(patroni_leader, of())
    assert (outcome.status, outcome.node) == (Status.FAIL, None)
    assert "takes writes, and Patroni's leader is n1" in outcome.message


def test_a_leader_in_recovery_fails_unless_the_whole_cluster_follows_another() -> None:
    following = with_node(cluster(patroni()), "n1", in_recovery=True)
    assert only(patroni_leader, following).status is Status.FAIL
    standby = Cluster(following.nodes, patroni=configured(patroni(), standby_cluster={"host": "elsewhere"}))
    assert only(patroni_leader, standby).status is Status.PASS
    unknown = Cluster(following.nodes, patroni=replace(patroni(), config=None))
    assert only(patroni_leader, unknown).status is Status.UNKNOWN


def test_without_a_leader_it_fails() -> None:
    assert only(patroni_leader, changed(patroni(), "n1", role="replica")).status is Status.FAIL


@pytest.mark.parametrize(
    "of",
    [
        replace(patroni(), members_failure=SILENT),
        changed(patroni(), "n1", failure=SILENT),
        with_node(cluster(patroni()), "n1", failure=SILENT),
        Cluster(cluster(patroni()).nodes[1:], patroni=patroni()),
        with_node(
            with_node(cluster(changed(patroni(), "n3", in_recovery=None)), "n3", failure=SILENT), "n1", downstreams=()
        ),
    ],
    ids=["members unknown", "leader's Patroni silent", "leader silent", "leader not asked", "another silent"],
)
def test_a_leader_that_can_not_be_judged_is_unknown(of: Patroni | Cluster) -> None:
    assert only(patroni_leader, of).status is Status.UNKNOWN


def test_a_node_where_nothing_listens_is_no_second_writer() -> None:
    assert only(patroni_leader, with_node(cluster(patroni()), "n3", failure=REFUSED)).status is Status.PASS


def test_a_silent_patroni_of_the_leader_is_told_with_what_it_leads_to() -> None:
    outcome = only(patroni_leader, changed(patroni(), "n1", failure=SILENT))
    assert "another is promoted, within 30 s, beside it" in outcome.message


def test_a_command_to_paste_runs_nothing_that_patroni_made_up() -> None:
    evil = "x; reboot"
    said_of = replace(changed(patroni(), "n2", pending_restart=True, tags={"nofailover": True}), scope=evil)
    remedies = [each.remedy or "" for each in said(patroni_candidate, said_of) if each.node == "n2"]
    assert len(remedies) == 2
    assert all(f"'{evil}'" in remedy and evil not in remedy.replace(f"'{evil}'", "") for remedy in remedies)
    outcome = only(patroni_leader, Cluster((), patroni=changed(patroni(), "n1", host="a'; reboot #")))
    assert outcome.remedy is not None
    assert shlex.split(outcome.remedy)[-2:] == ["--node", "host=a'; reboot # port=5432"]


def test_members_are_known_by_their_address_whatever_they_are_called() -> None:
    renamed = cluster(patroni())
    nodes = tuple(replace(node, name=f"db-{node.name}") for node in renamed.nodes)
    called = Cluster(nodes, patroni=patroni())
    assert only(patroni_leader, called).status is Status.PASS
    assert {(each.node, each.status) for each in said(patroni_candidate, called)} == {
        ("db-n2", Status.PASS),
        ("db-n3", Status.PASS),
    }


def test_the_one_that_patroni_would_choose_is_told() -> None:
    messages = {outcome.node: outcome.message for outcome in said(patroni_candidate, patroni())}
    assert messages == {
        "n2": "Patroni would choose it",
        "n3": "Patroni would let it lead, and would choose n2",
    }


@pytest.mark.parametrize(
    ("against", "words"),
    [
        ({"tags": {"nofailover": True}}, "tagged nofailover"),
        ({"tags": {"failover_priority": 0}}, "tagged failover_priority 0"),
        ({"received": POSITION - 5 * 1024**2}, "its lag of 5.0 MB is over maximum_lag_on_failover (1.0 MB)"),
        ({"state": "stopped"}, "its PostgreSQL is stopped"),
        ({"watchdog_failed": True}, "watchdog"),
        ({"dcs_last_seen": LONG_AGO}, "it last saw the DCS 31 s ago"),
        ({"dcs_last_seen": 0.0}, "it last saw the DCS never"),
    ],
)
def test_one_that_patroni_does_not_let_lead_is_blocked_for_both(against: dict[str, Any], words: str) -> None:
    outcome = next(each for each in said(patroni_candidate, changed(patroni(), "n2", **against)) if each.node == "n2")
    assert outcome.status is Status.FAIL
    assert words in outcome.message
    assert patroni_candidate.WEIGHT is Weight.BLOCKER
    assert outcome.matters is None
    assert set(patroni_candidate.MATTERS) == set(Question)


def test_a_pending_restart_is_a_warning_with_its_command() -> None:
    outcomes = said(patroni_candidate, changed(patroni(), "n2", pending_restart=True))
    pending = [each for each in outcomes if each.weight is Weight.WARNING]
    assert [(each.node, each.remedy) for each in pending] == [("n2", "patronictl restart demo n2 --pending")]


@pytest.mark.parametrize(
    "of",
    [
        changed(patroni(), "n2", failure=SILENT),
        changed(patroni(), "n2", received=None, lag_bytes=None),
        changed(patroni(), "n2", state=None),
        replace(patroni(), config=None),
        changed(patroni(), "n2", name="other", host="elsewhere"),
        replace(patroni(), members=(), members_failure=SILENT),
    ],
    ids=["api silent", "lag", "state", "config", "no member", "members unknown"],
)
def test_a_candidate_of_which_something_is_unknown_is_not_passed(of: Patroni) -> None:
    outcome = next(each for each in said(patroni_candidate, of) if each.node == "n2")
    assert outcome.status is Status.UNKNOWN


def test_a_dcs_that_all_have_lost_fails() -> None:
    lost = patroni()
    for name in ("n1", "n2", "n3"):
        lost = changed(lost, name, dcs_last_seen=LONG_AGO)
    outcome = only(patroni_dcs, lost)
    assert (outcome.status, outcome.node) == (Status.FAIL, None)
    assert "31 s ago by n1, 31 s ago by n2" in outcome.message
    assert "the leader makes itself a standby" in outcome.message


def test_failsafe_mode_keeps_the_leader_and_still_fails() -> None:
    outcome = only(patroni_dcs, changed(patroni(), "n1", dcs_last_seen=LONG_AGO, failsafe_active=True))
    assert outcome.status is Status.FAIL
    assert "failsafe_mode keeps the leader" in outcome.message


def test_a_member_that_alone_has_lost_the_dcs_fails_for_itself() -> None:
    outcomes = said(patroni_dcs, changed(patroni(), "n3", dcs_last_seen=LONG_AGO))
    assert [(each.node, each.status) for each in outcomes] == [(None, Status.PASS), ("n3", Status.FAIL)]


def test_a_late_dcs_is_a_warning() -> None:
    outcome = only(patroni_dcs, changed(patroni(), "n2", dcs_last_seen=CLOCK - 25))
    assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.WARNING)


def test_a_dcs_of_which_nothing_is_known_is_not_passed() -> None:
    unknown = replace(patroni(), members_failure=SILENT)
    assert only(patroni_dcs, unknown).status is Status.UNKNOWN
    nothing = patroni()
    for name in ("n1", "n2", "n3"):
        nothing = changed(nothing, name, dcs_last_seen=None)
    assert only(patroni_dcs, nothing).status is Status.UNKNOWN


def test_without_the_configuration_the_standard_ttl_counts() -> None:
    dark = replace(changed(patroni(), "n1", dcs_last_seen=LONG_AGO), config=None, members_failure=SILENT)
    assert only(patroni_dcs, dark).status is Status.FAIL


def test_a_watchdog_that_fails_is_a_warning_for_an_emergency() -> None:
    outcome = only(patroni_watchdog, changed(patroni(), "n1", watchdog_failed=True))
    assert outcome.status is Status.FAIL
    assert (patroni_watchdog.WEIGHT, patroni_watchdog.MATTERS) == (Weight.WARNING, (Question.EMERGENCY,))


def test_an_unseen_watchdog_counts_as_unknown() -> None:
    outcome = only(patroni_watchdog, changed(patroni(), "n1", watchdog_failed=None))
    assert (outcome.status, outcome.weight) == (Status.UNKNOWN, None)


def test_slots_that_patroni_keeps_on_standbys_for_other_members_are_no_trouble() -> None:
    slots = tuple(Slot(name, logical=False, active=False, wal_status="reserved") for name in ("n1", "n3"))
    of = with_node(cluster(patroni()), "n2", slots=slots)
    assert {each.status for each in said(slot_status, of) if each.node == "n2"} == {Status.PASS}
    other = with_node(of, "n2", slots=(*slots, Slot("stranger", logical=False, active=False, wal_status="reserved")))
    assert [each.message.split('"')[1] for each in said(slot_status, other) if each.node == "n2"] == ["stranger"]
    unmanaged = Cluster(of.nodes)
    assert {each.status for each in said(slot_status, unmanaged) if each.node == "n2"} == {Status.FAIL}
    leader = with_node(cluster(patroni()), "n1", slots=slots)
    assert {each.status for each in said(slot_status, leader) if each.node == "n1"} == {Status.FAIL}


def test_the_slot_of_a_member_is_spelled_as_patroni_spells_it() -> None:
    names = ("DB-1.example", "größe", "x" * 70)
    members = tuple(PatroniMember(name) for name in names)
    assert slots_of_members(replace(patroni(), members=members)) == {"db_1_example", "gru0246u0223e", "x" * 63}
    assert slots_of_members(None) == frozenset()


BROKEN = {
    "paused": cluster(replace(patroni(), paused=True)),
    "two writers": two_writers(),
    "stray writer": a_writer_that_was_not_asked(),
    "leader in recovery": with_node(cluster(patroni()), "n1", in_recovery=True),
    "nofailover": cluster(changed(patroni(), "n2", tags={"nofailover": True})),
    "lag": cluster(changed(patroni(), "n2", received=POSITION - 5 * 1024**2, lag_bytes=5 * 1024**2)),
    "DCS": cluster(changed(patroni(), "n1", dcs_last_seen=LONG_AGO)),
    "watchdog": cluster(changed(patroni(), "n1", watchdog_failed=True)),
}
HIDDEN: dict[str, Callable[[Patroni], Patroni]] = {
    "api": lambda of: replace(of, failure=SILENT, members=(), paused=None, config=None),
    "members": lambda of: replace(of, members_failure=SILENT, members=of.members[:1], paused=None),
    "pause": lambda of: replace(of, paused=None),
    "config": lambda of: replace(of, config=None),
    **{
        f"{name} of {which}": lambda of, name=name, which=which: changed(of, which, **{name: None})
        for name in (
            "state",
            "lag_bytes",
            "received",
            "dcs_last_seen",
            "asked_at",
            "in_recovery",
            "watchdog_failed",
            "timeline",
        )
        for which in ("n1", "n2", "n4")
    },
}


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("name", BROKEN)
def test_knowing_less_never_makes_a_check_pass(name: str, hidden: str) -> None:
    broken = BROKEN[name]
    assert broken.patroni is not None
    less = Cluster(broken.nodes, broken.limits, HIDDEN[hidden](broken.patroni))
    for check in CHECKS:
        bad = {each.node for each in said(check, broken) if each.status is not Status.PASS}
        good = {each.node for each in said(check, less) if each.status is Status.PASS}
        others = {each.node for each in said(check, less) if each.status is not Status.PASS}
        assert not (bad & (good - others)), (check.__name__, hidden)
