"""The checks of physical slots: those there are, and those that a promotion would miss."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dbops.ha.checks import sibling_slots, slot_status
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Failure, Patroni, Slot, Upstream
from dbops.results.ha import FailureKind, Status, Weight
from ha.clusters import NOW, changed, healthy, primary, standby, with_settings
from ha.outcomes import only, statuses, without_facts, without_primary

MB = 1024**2
GRANT = "GRANT pg_monitor TO monitor"


def physical(name: str = "n9", **facts: Any) -> Slot:
    """Return a slot that is used, and has all it needs."""
    known: dict[str, Any] = {"logical": False, "active": True, "wal_status": "reserved", "retained_bytes": 0}
    return Slot(name, **(known | facts))


def on_primary(*slots: Slot) -> Cluster:
    return changed(healthy(), "n1", slots=slots)


def using(cluster: Cluster, name: str, slot: str) -> Cluster:
    """Let a standby stream with a slot, as its upstream sees it too."""
    before = cluster.node(name)
    assert before is not None
    link = cluster.link(before)
    told = replace(before.upstream or Upstream(), slot=slot)
    receivers = tuple(replace(each, slot=slot) for each in before.receivers or ())
    cluster = changed(cluster, name, upstream=told, receivers=receivers)
    sender = None if link is None else cluster.node(link.upstream)
    if sender is None or link is None:
        return cluster
    rows = tuple(replace(row, slot=slot) if row == link.row else row for row in sender.downstreams or ())
    return changed(cluster, sender.name, downstreams=rows)


def with_slots() -> Cluster:
    """Return the healthy cluster, whose standbys stream with slots n2 and n3."""
    cluster = on_primary(physical("n2"), physical("n3"))
    return using(using(cluster, "n2", "n2"), "n3", "n3")


def not_streaming(cluster: Cluster, name: str) -> Cluster:
    """Let a standby receive nothing any more."""
    rows = tuple(row for row in cluster.nodes[0].downstreams or () if row.application != name)
    return changed(changed(cluster, name, receivers=()), "n1", downstreams=rows)


class TestSlotStatus:
    def test_slots_that_have_their_wal_pass(self) -> None:
        outcome = only(slot_status.examine, with_slots(), "n1")
        assert (outcome.status, outcome.message) == (Status.PASS, "its 2 slots have the WAL they need")

    def test_without_slots_there_is_nothing_to_say(self) -> None:
        assert set(statuses(slot_status.examine, healthy()).values()) == {Status.SKIPPED}

    def test_a_lost_one_stops_the_switchover(self) -> None:
        outcome = only(slot_status.examine, on_primary(physical(wal_status="lost", retained_bytes=None)), "n1")
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.BLOCKER)
        assert outcome.message == 'slot "n9" is lost: its WAL was removed'
        assert "SELECT pg_drop_replication_slot('n9');" in (outcome.remedy or "").split("\n")

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("wal_removed", "its WAL was removed"),
            ("rows_removed", "rows that it needs were removed"),
            ("idle_timeout", "idle_replication_slot_timeout"),
            ("wal_level_insufficient", "wal_level"),
        ],
    )
    def test_why_it_was_lost_is_said(self, reason: str, words: str) -> None:
        lost = physical(wal_status="lost", invalidation_reason=reason)
        assert words in only(slot_status.examine, on_primary(lost), "n1").message

    def test_a_lost_one_that_a_standby_uses_is_told_of_that_standby(self) -> None:
        cluster = changed(with_slots(), "n1", slots=(physical("n2", wal_status="lost"), physical("n3")))
        found = {each.node: each for each in slot_status.examine(not_streaming(cluster, "n2"))}
        assert found["n1"].status is Status.PASS
        assert (found["n2"].status, found["n2"].weight) == (Status.FAIL, Weight.BLOCKER)
        assert found["n2"].message == 'its slot "n2" on n1 is lost: its WAL was removed'

    def test_a_lost_copy_on_a_standby_is_a_warning(self) -> None:
        cluster = changed(healthy(), "n2", slots=(Slot("cdc", logical=True, active=False, wal_status="lost"),))
        assert only(slot_status.examine, cluster, "n2").weight is Weight.WARNING

    def test_a_slot_that_is_missing_stops_its_standby(self) -> None:
        cluster = changed(not_streaming(with_slots(), "n2"), "n1", slots=(physical("n3"),))
        outcome = only(slot_status.examine, cluster, "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)
        assert outcome.message == 'its slot "n2" does not exist on n1: it receives nothing'
        assert "SELECT pg_create_physical_replication_slot('n2');" in (outcome.remedy or "").split("\n")

    def test_a_slot_is_sought_everywhere_where_the_upstream_has_another_name(self) -> None:
        away = Upstream("vip", 5432, "replicator", "n2", "n2")
        cluster = changed(not_streaming(with_slots(), "n2"), "n2", upstream=away)
        assert only(slot_status.examine, cluster, "n2").status is Status.SKIPPED
        gone = changed(cluster, "n1", slots=(physical("n3"),))
        assert only(slot_status.examine, gone, "n2").message == 'its slot "n2" exists on no node: it receives nothing'
        assert only(slot_status.examine, changed(cluster, "n1", slots=None), "n2").status is Status.UNKNOWN

    def test_the_slots_of_a_primary_that_is_gone_are_not_missed(self) -> None:
        nodes = (
            without_primary().nodes[0],
            standby("n2", upstream=Upstream("n1", 5432, "r", "n2", "n2"), receivers=()),
        )
        assert statuses(slot_status.examine, Cluster(nodes)) == {"n2": Status.SKIPPED}

    def test_the_receivers_own_temporary_slot_is_no_lasting_one(self) -> None:
        name = "pg_walreceiver_42"
        cluster = using(on_primary(physical(name, temporary=True)), "n2", name)
        cluster = changed(cluster, "n2", upstream=Upstream("n1", 5432, "replicator", "n2", None))
        assert statuses(slot_status.examine, cluster)["n2"] is Status.SKIPPED
        assert statuses(sibling_slots.examine, cluster)["n3"] is Status.PASS

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"wal_status": "unreserved", "safe_wal_size": 0}, "is about to be lost"),
            ({"wal_status": "extended", "retained_bytes": 2048 * MB}, "keeps 2.0 GB of WAL, more than max_wal_size"),
            ({"safe_wal_size": 15 * MB}, "may be lost after 15 MB more of WAL"),
            ({"safe_wal_size": -1}, "may be lost after 0 B more of WAL"),
            ({"active": False, "retained_bytes": 48 * MB}, "is inactive and keeps 48 MB of WAL"),
            ({"active": False, "inactive_since": NOW - 7200}, "is inactive for 2 h 0 m and keeps 0 B of WAL"),
            ({"active": False, "retained_bytes": None}, "is inactive and keeps an unknown amount of WAL"),
            ({"wal_status": "unreserved", "active": False}, "needs; it is inactive"),
        ],
    )
    def test_one_that_may_be_lost_or_fill_the_disk_is_a_warning(self, facts: dict[str, Any], words: str) -> None:
        cluster = with_settings(on_primary(physical(**facts)), "n1", max_slot_wal_keep_size="64", wal_keep_size="0")
        outcome = only(slot_status.examine, cluster, "n1")
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.WARNING)
        assert words in outcome.message

    def test_enough_left_to_write_passes(self) -> None:
        cluster = on_primary(physical(safe_wal_size=17 * MB))
        cluster = with_settings(cluster, "n1", max_slot_wal_keep_size="64", wal_keep_size="0")
        assert only(slot_status.examine, cluster, "n1").status is Status.PASS

    def test_what_wal_keep_size_keeps_anyway_counts_too(self) -> None:
        cluster = with_settings(on_primary(physical(safe_wal_size=17 * MB)), "n1", max_slot_wal_keep_size="64")
        assert "17 MB more" in only(slot_status.examine, cluster, "n1").message

    def test_how_soon_it_is_lost_is_unknown_without_the_limit(self) -> None:
        cluster = changed(on_primary(physical(safe_wal_size=MB)), "n1", settings=None, denied={"settings": GRANT})
        outcome = only(slot_status.examine, cluster, "n1")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_one_that_was_never_used_keeps_nothing(self) -> None:
        unused = physical(active=False, wal_status=None, retained_bytes=None, safe_wal_size=-16 * MB)
        assert only(slot_status.examine, on_primary(unused), "n1").status is Status.PASS

    def test_a_logical_one_without_a_status_is_unknown(self) -> None:
        assert (
            only(slot_status.examine, on_primary(physical(logical=True, wal_status=None)), "n1").status
            is Status.UNKNOWN
        )

    def test_a_synced_one_is_not_inactive_before_the_promotion(self) -> None:
        synced = physical("cdc", logical=True, active=False, synced=True)
        assert only(slot_status.examine, changed(healthy(), "n2", slots=(synced,)), "n2").status is Status.PASS
        assert "is inactive" in only(slot_status.examine, on_primary(synced), "n1").message

    @pytest.mark.parametrize("node", ["n1", "n2", "n3"])
    def test_unknown_slots_are_unknown(self, node: str) -> None:
        cluster = changed(healthy(), node, slots=None, denied={"slots": GRANT})
        outcome = only(slot_status.examine, cluster, node)
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_which_slot_a_standby_uses_may_be_unknown(self) -> None:
        cluster = changed(changed(healthy(), "n1", downstreams=None), "n2", upstream=None, denied={"upstream": GRANT})
        outcome = only(slot_status.examine, cluster, "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_without_facts_all_is_unknown(self) -> None:
        assert {each.status for each in slot_status.examine(without_facts())} == {Status.UNKNOWN}


class TestSiblingSlots:
    def test_without_slots_walsenders_are_enough(self) -> None:
        assert statuses(sibling_slots.examine, healthy()) == {"n2": Status.PASS, "n3": Status.PASS}

    def test_a_slot_that_a_promotion_would_miss_is_a_warning_with_what_makes_it(self) -> None:
        outcome = only(sibling_slots.examine, with_slots(), "n2")
        assert (outcome.status, outcome.message) == (Status.FAIL, 'has no slot "n3" for what would follow it')
        assert outcome.remedy == "on n2:\nSELECT pg_create_physical_replication_slot('n3');"

    def test_one_that_was_made_before_passes(self) -> None:
        ready = changed(with_slots(), "n2", slots=(physical("n3", active=False, wal_status=None),))
        assert only(sibling_slots.examine, ready, "n2").status is Status.PASS

    def test_a_logical_one_of_that_name_is_none(self) -> None:
        cluster = changed(with_slots(), "n2", slots=(physical("n3", logical=True),))
        assert only(sibling_slots.examine, cluster, "n2").status is Status.FAIL

    def test_slots_of_others_than_the_nodes_are_missed_too(self) -> None:
        cluster = on_primary(physical("archive"), physical("old", wal_status="lost"), physical("sub", logical=True))
        outcome = only(sibling_slots.examine, cluster, "n2")
        assert outcome.message == 'has no slot "archive" for what would follow it'

    def test_slots_need_room(self) -> None:
        full = changed(with_slots(), "n2", slots=tuple(physical(f"x{number}") for number in range(10)))
        messages = [each.message for each in sibling_slots.examine(full) if each.node == "n2"]
        assert messages[1:] == ["has 0 of 10 slots free, and lacks 1"]

    def test_followers_need_walsenders(self) -> None:
        outcome = only(sibling_slots.examine, with_settings(healthy(), "n2", max_wal_senders="1"), "n2")
        assert outcome.message == "has 1 of 1 walsenders free, and 2 more nodes would follow it"
        assert (outcome.remedy or "").startswith("ALTER SYSTEM SET max_wal_senders = 2;")

    def test_a_cascading_standby_has_its_walsender_already(self) -> None:
        row = replace(primary().downstreams[0], application="n4", address="10.0.0.4", pid=7)
        nodes = (primary(), standby("n2", downstreams=(row,)), standby("n3"), standby("n4", "n2"))
        cluster = Cluster(nodes)
        assert statuses(sibling_slots.examine, with_settings(cluster, "n2", max_wal_senders="3"))["n2"] is Status.PASS
        assert statuses(sibling_slots.examine, with_settings(cluster, "n2", max_wal_senders="2"))["n2"] is Status.FAIL
        # n4 goes on following n2
        assert statuses(sibling_slots.examine, with_settings(cluster, "n3", max_wal_senders="2"))["n3"] is Status.PASS

    def test_without_a_primary_the_standbys_own_slots_are_missed(self) -> None:
        told = Upstream("n1", 5432, "replicator", "n3", "n3")
        cluster = Cluster((standby("n2"), standby("n3", upstream=told)))
        assert only(sibling_slots.examine, cluster, "n2").message == 'has no slot "n3" for what would follow it'

    def test_what_a_silent_node_would_need_is_unknown(self) -> None:
        assert statuses(sibling_slots.examine, without_primary()) == {"n2": Status.UNKNOWN, "n3": Status.UNKNOWN}

    def test_patroni_makes_its_members_slots(self) -> None:
        cluster = with_slots()
        managed = Cluster(cluster.nodes, cluster.limits, Patroni("http://n1:8008", config={}))
        assert statuses(sibling_slots.examine, managed) == {"n2": Status.PASS, "n3": Status.PASS}

    @pytest.mark.parametrize(
        "patroni",
        [
            Patroni("http://n1:8008", config={"postgresql": {"use_slots": False}}),
            Patroni("http://n1:8008", failure=Failure(FailureKind.REFUSED, "no"), config={}),
            Patroni("http://n1:8008"),
        ],
    )
    def test_a_patroni_that_does_not_is_no_excuse(self, patroni: Patroni) -> None:
        cluster = with_slots()
        managed = Cluster(cluster.nodes, cluster.limits, patroni)
        assert only(sibling_slots.examine, managed, "n2").status is Status.FAIL

    @pytest.mark.parametrize(
        ("node", "hidden"),
        [
            ("n2", {"slots": None, "denied": {"slots": GRANT}}),
            ("n2", {"settings": None, "denied": {"settings": GRANT}}),
            ("n2", {"downstreams": None, "denied": {"downstreams": GRANT}}),
        ],
    )
    def test_what_is_hidden_of_the_standby_is_unknown(self, node: str, hidden: dict[str, Any]) -> None:
        found = [each for each in sibling_slots.examine(changed(healthy(), node, **hidden)) if each.node == node]
        assert {each.status for each in found} == {Status.UNKNOWN}
        assert {each.remedy for each in found} == {GRANT}

    def test_what_a_follower_is_told_to_use_may_be_unknown(self) -> None:
        cluster = changed(not_streaming(with_slots(), "n2"), "n1", slots=(physical("n3"),))
        assert only(sibling_slots.examine, cluster, "n3").message == 'has no slot "n2" for what would follow it'
        assert only(sibling_slots.examine, changed(cluster, "n2", upstream=None), "n3").status is Status.UNKNOWN

    def test_unknown_slots_of_the_primary_are_unknown(self) -> None:
        assert set(statuses(sibling_slots.examine, changed(healthy(), "n1", slots=None)).values()) == {Status.UNKNOWN}

    def test_without_facts_all_is_unknown(self) -> None:
        assert {each.status for each in sibling_slots.examine(without_facts())} == {Status.UNKNOWN}
