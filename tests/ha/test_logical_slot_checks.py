"""The checks of logical slots: whether a switchover keeps them, whether they are synced, for whom subscribers wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dbops.ha.check import EMERGENCY_ONLY, SWITCHOVER_ONLY
from dbops.ha.checks import logical_slots, slot_sync, synchronized_standby_slots
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Failure, Patroni, Setting, Slot, Upstream
from dbops.results.ha import FailureKind, Status, Weight
from ha.clusters import changed, healthy, primary, standby, with_settings
from ha.outcomes import only, statuses, without_facts, without_primary

GRANT = "GRANT pg_monitor TO monitor"


def logical(name: str = "cdc", **facts: Any) -> Slot:
    """Return a failover slot that its subscriber reads."""
    known: dict[str, Any] = {"logical": True, "active": True, "wal_status": "reserved", "database": "app"}
    return Slot(name, **(known | {"failover": True, "synced": False} | facts))


def copy(**facts: Any) -> Slot:
    """Return that slot as a standby synced it."""
    return logical(**({"active": False, "synced": True} | facts))


def physical(name: str, **facts: Any) -> Slot:
    known: dict[str, Any] = {"logical": False, "active": True, "wal_status": "reserved"}
    return Slot(name, **(known | facts))


def subscribed(*copies: Slot, slot: Slot | None = None) -> Cluster:
    """Return the healthy cluster with a subscriber; n2 has the copies."""
    return changed(changed(healthy(), "n1", slots=(slot or logical(),)), "n2", slots=copies)


def of_version(cluster: Cluster, major: int) -> Cluster:
    nodes = tuple(replace(node, version=major * 10000 + 4) for node in cluster.nodes)
    return Cluster(nodes, cluster.limits, cluster.patroni)


class TestLogicalSlots:
    def test_it_matters_to_a_switchover_alone(self) -> None:
        assert logical_slots.MATTERS == SWITCHOVER_ONLY

    def test_without_logical_slots_none_is_lost(self) -> None:
        cluster = changed(healthy(), "n1", slots=(physical("n2"), logical("temporary", temporary=True)))
        assert statuses(logical_slots.examine, cluster) == {"n2": Status.PASS, "n3": Status.PASS}

    def test_a_synced_copy_keeps_it(self) -> None:
        outcome = only(logical_slots.examine, subscribed(copy()), "n2")
        assert (outcome.status, outcome.message) == (Status.PASS, 'keeps the primary\'s logical slots: "cdc"')

    def test_a_standby_without_a_copy_loses_it(self) -> None:
        outcome = only(logical_slots.examine, subscribed(copy()), "n3")
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)
        assert outcome.message == 'logical slot "cdc" of database app is lost by a switchover: n3 has not synced it'

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"synced": False}, "of its own, which stops the syncing"),
            ({"temporary": True}, "can't decode from where it stands yet"),
            ({"invalidation_reason": "rows_removed", "wal_status": "lost"}, "invalidated on n2 (rows_removed)"),
            ({"wal_status": "lost"}, "invalidated on n2 (unknown reason)"),
        ],
    )
    def test_a_copy_that_is_no_good_loses_it(self, facts: dict[str, Any], words: str) -> None:
        outcome = only(logical_slots.examine, subscribed(copy(**facts)), "n2")
        assert outcome.status is Status.FAIL
        assert words in outcome.message

    def test_a_slot_that_is_no_failover_slot_is_lost_and_the_remedy_makes_it_one(self) -> None:
        cluster = subscribed(slot=logical(failover=False))
        outcome = only(logical_slots.examine, cluster, "n2")
        assert outcome.message.endswith("it is no failover slot")
        assert 'ALTER SUBSCRIPTION "cdc" SET (failover = true);' in (outcome.remedy or "").split("\n")

    @pytest.mark.parametrize("major", [13, 16])
    def test_before_17_all_are_lost(self, major: int) -> None:
        old = logical(failover=None, synced=None)
        cluster = of_version(subscribed(replace(old, active=False), slot=old), major)
        outcome = only(logical_slots.examine, cluster, "n2")
        assert outcome.status is Status.FAIL
        assert f"PostgreSQL {major} has no failover slots" in outcome.message

    def test_what_is_lost_already_is_not_lost_again(self) -> None:
        assert only(logical_slots.examine, subscribed(slot=logical(wal_status="lost")), "n2").status is Status.PASS

    def test_each_slot_that_is_lost_is_told(self) -> None:
        cluster = changed(subscribed(copy()), "n1", slots=(logical(), logical("a"), logical("b", failover=False)))
        found = [each.message for each in logical_slots.examine(cluster) if each.node == "n2"]
        assert ['"a"' in found[0], '"b"' in found[1], len(found)] == [True, True, 2]

    def test_patroni_copies_what_it_is_told_to(self) -> None:
        cluster = of_version(subscribed(Slot("cdc", logical=True, active=False), slot=logical(failover=None)), 15)
        patroni = Patroni("http://n1:8008", config={"slots": {"cdc": {"type": "logical"}}})
        managed = Cluster(cluster.nodes, cluster.limits, patroni)
        assert statuses(logical_slots.examine, managed) == {"n2": Status.PASS, "n3": Status.FAIL}
        silent = replace(patroni, failure=Failure(FailureKind.REFUSED, "no"))
        unmanaged = Cluster(cluster.nodes, cluster.limits, silent)
        assert statuses(logical_slots.examine, unmanaged)["n2"] is Status.FAIL

    @pytest.mark.parametrize(
        "cluster",
        [
            changed(subscribed(copy()), "n2", version=None),
            subscribed(copy(synced=None)),
            subscribed(copy(), slot=logical(failover=None)),
            changed(subscribed(copy()), "n1", slots=None),
        ],
    )
    def test_what_is_not_known_is_unknown(self, cluster: Cluster) -> None:
        assert only(logical_slots.examine, cluster, "n2").status is Status.UNKNOWN

    def test_what_is_not_permitted_names_the_grant(self) -> None:
        cluster = changed(subscribed(), "n2", slots=None, denied={"slots": GRANT})
        outcome = only(logical_slots.examine, cluster, "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_without_a_primary_or_facts_it_is_unknown(self) -> None:
        for cluster in (without_primary(), without_facts()):
            assert statuses(logical_slots.examine, cluster) == {"n2": Status.UNKNOWN, "n3": Status.UNKNOWN}


SYNCING = {"sync_replication_slots": "on", "hot_standby_feedback": "on", "wal_level": "logical"}
TOLD = Upstream("n1", 5432, "replicator", "n2", "n2", database="postgres")


def syncing(**settings: str) -> Cluster:
    """Return a cluster whose n2 syncs failover slots, but for these settings."""
    return with_settings(changed(subscribed(), "n2", upstream=TOLD), "n2", **(SYNCING | settings))


class TestSlotSync:
    def test_a_standby_that_has_all_it_needs_passes(self) -> None:
        assert only(slot_sync.examine, syncing(), "n2").status is Status.PASS

    @pytest.mark.parametrize(("name", "value"), [(name, "off") for name in SYNCING])
    def test_each_setting_is_needed(self, name: str, value: str) -> None:
        outcome = only(slot_sync.examine, syncing(**{name: value}), "n2")
        assert (outcome.status, outcome.message) == (Status.FAIL, f"does not sync failover slots: {name} is off")
        assert (outcome.remedy or "").startswith(f"ALTER SYSTEM SET {name} = {SYNCING[name]};")

    def test_wal_level_needs_a_restart(self) -> None:
        assert "restart" in (only(slot_sync.examine, syncing(wal_level="replica"), "n2").remedy or "")

    @pytest.mark.parametrize(
        ("told", "words"),
        [
            (replace(TOLD, slot=None), "it has no primary_slot_name"),
            (replace(TOLD, database=None), "primary_conninfo has no dbname"),
        ],
    )
    def test_a_slot_and_a_database_are_needed(self, told: Upstream, words: str) -> None:
        outcome = only(slot_sync.examine, changed(syncing(), "n2", upstream=told), "n2")
        assert outcome.message == f"does not sync failover slots: {words}"

    def test_a_cascading_standby_does_not_sync(self) -> None:
        row = replace(primary().downstreams[0], application="n4", address="10.0.0.4", pid=7)
        cascading = standby("n4", "n2", upstream=replace(TOLD, host="n2", application="n4"))
        before = syncing()
        cluster = Cluster((*changed(before, "n2", downstreams=(row,)).nodes, cascading))
        outcome = only(slot_sync.examine, with_settings(cluster, "n4", **SYNCING), "n4")
        assert "n2, which feeds it, is a standby" in outcome.message

    def test_without_failover_slots_there_is_nothing_to_sync(self) -> None:
        assert set(statuses(slot_sync.examine, healthy()).values()) == {Status.SKIPPED}
        assert set(statuses(slot_sync.examine, of_version(subscribed(), 16)).values()) == {Status.SKIPPED}

    @pytest.mark.parametrize(
        ("name", "hidden"),
        [
            ("n1", {"slots": None}),
            ("n2", {"settings": None, "denied": {"settings": GRANT}}),
            ("n2", {"upstream": None, "denied": {"upstream": GRANT}}),
            ("n2", {"version": None}),
        ],
    )
    def test_what_is_hidden_is_unknown(self, name: str, hidden: dict[str, Any]) -> None:
        outcome = only(slot_sync.examine, changed(syncing(), name, **hidden), "n2")
        assert outcome.status is Status.UNKNOWN
        assert outcome.remedy == (GRANT if "denied" in hidden else None)

    def test_without_a_primary_or_facts_it_is_unknown(self) -> None:
        for cluster in (without_primary(), without_facts()):
            assert statuses(slot_sync.examine, cluster) == {"n2": Status.UNKNOWN, "n3": Status.UNKNOWN}


def waiting(names: str, *slots: Slot, candidates: str = "") -> Cluster:
    """Return a cluster whose primary lets subscribers wait for these slots, n2's and n3's among its own."""
    cluster = changed(healthy(), "n1", slots=(logical(), physical("n2"), physical("n3"), *slots))
    for name in ("n2", "n3"):
        cluster = changed(cluster, name, upstream=replace(TOLD, application=name, slot=name))
        cluster = with_settings(cluster, name, synchronized_standby_slots=candidates)
    return with_settings(cluster, "n1", synchronized_standby_slots=names)


class TestSynchronizedStandbySlots:
    @pytest.mark.parametrize("names", ["n2,n3", ' N3 , "n2",', "n3, n2"])
    def test_waiting_for_every_standby_passes(self, names: str) -> None:
        assert set(statuses(synchronized_standby_slots.examine, waiting(names)).values()) == {Status.PASS}

    @pytest.mark.parametrize(
        ("slot", "words"),
        [
            (None, 'slot "x" does not exist'),
            (physical("x", active=False), 'slot "x" is inactive'),
            (physical("x", wal_status="lost"), 'slot "x" is lost'),
            (logical("x"), 'slot "x" is a logical one'),
        ],
    )
    def test_subscribers_that_wait_in_vain_are_a_warning(self, slot: Slot | None, words: str) -> None:
        cluster = waiting("n2,n3,x", *([slot] if slot else []))
        outcome = only(synchronized_standby_slots.examine, cluster, "n1")
        assert (outcome.status, outcome.matters) == (Status.FAIL, SWITCHOVER_ONLY)
        assert outcome.message == f"subscribers of failover slots wait: {words}"
        assert synchronized_standby_slots.WEIGHT is Weight.WARNING

    def test_a_standby_that_nobody_waits_for_may_be_behind_a_subscriber(self) -> None:
        outcome = only(synchronized_standby_slots.examine, waiting("n3"), "n2")
        assert "don't wait for it" in outcome.message
        assert outcome.matters == EMERGENCY_ONLY
        remedy = (outcome.remedy or "").split("\n")
        assert remedy[1:] == ["ALTER SYSTEM SET synchronized_standby_slots = 'n3,n2';", "SELECT pg_reload_conf();"]

    def test_what_nobody_can_wait_for_is_left_out_of_the_remedy(self) -> None:
        found = {each.node: each for each in synchronized_standby_slots.examine(waiting("x,n3"))}
        assert "synchronized_standby_slots = 'n3,n2';" in (found["n2"].remedy or "")
        assert found["n3"].status is Status.PASS

    def test_a_standby_without_a_slot_is_given_one_first(self) -> None:
        cluster = changed(waiting("n3"), "n2", upstream=replace(TOLD, slot=None))
        assert (only(synchronized_standby_slots.examine, cluster, "n2").remedy or "").startswith("give it a slot")

    def test_a_copy_of_the_primarys_setting_stops_subscribers_after_a_promotion(self) -> None:
        cluster = waiting("n2,n3", candidates="n2,n3")
        outcome = only(synchronized_standby_slots.examine, cluster, "n2")
        assert outcome.message.endswith('wait for slots that it doesn\'t have: "n2", "n3"')
        ready = changed(cluster, "n2", slots=(physical("n2"), physical("n3")))
        assert only(synchronized_standby_slots.examine, ready, "n2").status is Status.PASS

    def test_without_failover_slots_nobody_waits(self) -> None:
        cluster = with_settings(healthy(), "n1", synchronized_standby_slots="nobody")
        assert statuses(synchronized_standby_slots.examine, cluster) == {None: Status.SKIPPED}
        assert statuses(synchronized_standby_slots.examine, of_version(cluster, 16)) == {None: Status.SKIPPED}
        assert statuses(synchronized_standby_slots.examine, without_primary()) == {None: Status.SKIPPED}

    @pytest.mark.parametrize(
        ("name", "hidden"),
        [
            ("n1", {"slots": None, "denied": {"slots": GRANT}}),
            ("n1", {"settings": None, "denied": {"settings": GRANT}}),
            ("n2", {"settings": None, "denied": {"settings": GRANT}}),
            ("n2", {"slots": None, "denied": {"slots": GRANT}}),
        ],
    )
    def test_what_is_hidden_is_unknown(self, name: str, hidden: dict[str, Any]) -> None:
        outcome = only(synchronized_standby_slots.examine, changed(waiting("n2,n3"), name, **hidden), name)
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_whose_slot_is_the_standbys_may_be_unknown(self) -> None:
        cluster = changed(changed(waiting("n2,n3"), "n1", downstreams=None), "n2", upstream=None)
        assert only(synchronized_standby_slots.examine, cluster, "n2").status is Status.UNKNOWN

    def test_without_facts_it_is_unknown(self) -> None:
        assert statuses(synchronized_standby_slots.examine, without_facts()) == {"n1": Status.UNKNOWN}

    def test_a_setting_that_is_not_there_is_unknown(self) -> None:
        cluster = changed(waiting("n2"), "n1", settings={"wal_level": Setting("logical")})
        assert only(synchronized_standby_slots.examine, cluster, "n1").status is Status.UNKNOWN
