"""The checks of clocks, and of who else decides about failovers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dbops.ha.checks import clock_skew, manager
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Patroni
from dbops.results.ha import Status, Weight
from ha.clusters import changed, healthy, primary, standby, with_settings
from ha.outcomes import only, silent, statuses, without_facts, without_primary


def skewed(name: str, seconds: float, answer_s: float = 0.01) -> Cluster:
    """Node ``name``'s clock is ahead; each of its answers takes so long."""
    node = healthy().node(name)
    assert node is not None
    positions = tuple(
        replace(each, answered=each.asked + answer_s, clock=each.clock + seconds) for each in node.positions
    )
    return changed(healthy(), name, positions=positions)


class TestClockSkew:
    examine = staticmethod(clock_skew.examine)

    def test_clocks_that_agree_pass(self) -> None:
        assert statuses(self.examine, healthy()) == {"n2": Status.PASS, "n3": Status.PASS}

    @pytest.mark.parametrize(("seconds", "which"), [(90.0, "ahead of"), (-90.0, "behind")])
    def test_one_that_is_wrong_warns(self, seconds: float, which: str) -> None:
        outcome = only(self.examine, skewed("n2", seconds), "n2")
        assert outcome.status is Status.FAIL
        assert outcome.message == f"its clock is 1 m 30 s {which} n1's (to within 10 ms)"

    def test_the_primarys_may_be_the_wrong_one(self) -> None:
        assert statuses(self.examine, skewed("n1", 90)) == {"n2": Status.FAIL, "n3": Status.FAIL}

    def test_slow_answers_prove_nothing(self) -> None:
        assert only(self.examine, skewed("n2", 0.5, answer_s=4), "n2").status is Status.UNKNOWN

    def test_slow_answers_hide_no_great_skew(self) -> None:
        assert only(self.examine, skewed("n2", 90, answer_s=4), "n2").status is Status.FAIL

    def test_the_quickest_answer_counts(self) -> None:
        quick, *slow = standby().positions
        positions = (quick, *(replace(each, answered=each.asked + 9) for each in slow))
        assert only(self.examine, changed(healthy(), "n2", positions=positions), "n2").status is Status.PASS

    def test_without_a_primary_standbys_are_compared(self) -> None:
        assert statuses(self.examine, without_primary()) == {"n3": Status.PASS}

    def test_a_single_clock_has_none_to_agree_with(self) -> None:
        assert only(self.examine, Cluster((primary(),)), "n1").status is Status.SKIPPED
        assert only(self.examine, Cluster((silent(),))).status is Status.SKIPPED

    @pytest.mark.parametrize("name", ["n1", "n2"])
    def test_one_that_is_not_known_is_unknown(self, name: str) -> None:
        outcome = only(self.examine, changed(healthy(), name, positions=()), "n2")
        assert (outcome.status, outcome.message) == (Status.UNKNOWN, f"the clock of {name} is unknown")


class TestManager:
    examine = staticmethod(manager.examine)

    def with_one(self, **facts: Any) -> Cluster:
        return changed(healthy(), "n2", **facts)

    def test_none_passes(self) -> None:
        assert only(self.examine, healthy()).status is Status.PASS

    @pytest.mark.parametrize(
        ("facts", "name"),
        [
            ({"applications": frozenset({"app", "Patroni heartbeat"})}, "Patroni"),
            ({"applications": frozenset({"Patroni"})}, "Patroni"),
            ({"applications": frozenset({"repmgrd"})}, "repmgr"),
            ({"installed_extensions": frozenset({"repmgr"})}, "repmgr"),
            ({"managing_roles": frozenset({"repmgr"})}, "repmgr"),
            ({"applications": frozenset({"pgautofailover_standby_2"})}, "pg_auto_failover"),
            ({"managing_roles": frozenset({"pgautofailover_replicator"})}, "pg_auto_failover"),
            ({"managing_roles": frozenset({"streaming_replica"})}, "CloudNativePG"),
            ({"applications": frozenset({"cnpg-instance-manager"})}, "CloudNativePG"),
        ],
    )
    def test_one_of_ones_own_warns(self, facts: dict[str, Any], name: str) -> None:
        outcome = only(self.examine, self.with_one(**facts))
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)
        assert outcome.message.startswith(f"{name} manages this cluster")

    def test_a_preloaded_library_gives_it_away(self) -> None:
        cluster = with_settings(healthy(), "n1", shared_preload_libraries="pg_stat_statements, repmgr")
        assert only(self.examine, cluster).message.startswith("repmgr manages this cluster (extension repmgr)")

    @pytest.mark.parametrize(
        ("role", "name"),
        [
            ("rds_superuser", "Amazon RDS or Aurora"),
            ("cloudsqlsuperuser", "Google Cloud SQL"),
            ("azure_pg_admin", "Azure Database for PostgreSQL"),
            ("alloydbsuperuser", "AlloyDB"),
            ("neon_superuser", "Neon"),
            ("doadmin", "DigitalOcean"),
            ("aiven_extras", "Aiven"),
        ],
    )
    def test_a_service_is_only_told(self, role: str, name: str) -> None:
        outcome = only(self.examine, self.with_one(managing_roles=frozenset({role})))
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.INFO)
        assert outcome.message.startswith(f"this is {name} (role {role})")

    def test_several_are_all_told(self) -> None:
        found = list(self.examine(self.with_one(managing_roles=frozenset({"rds_superuser", "streaming_replica"}))))
        assert [each.status for each in found] == [Status.FAIL, Status.FAIL]

    def test_patroni_whose_api_was_given_is_known_already(self) -> None:
        cluster = self.with_one(applications=frozenset({"Patroni heartbeat"}))
        known = Cluster(cluster.nodes, cluster.limits, Patroni("http://n1:8008"))
        assert only(self.examine, known).status is Status.PASS

    def test_hidden_sessions_are_unknown_with_the_grant(self) -> None:
        cluster = self.with_one(applications=None, denied={"activity": "GRANT pg_monitor TO monitor"})
        outcome = only(self.examine, cluster)
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, "GRANT pg_monitor TO monitor")

    def test_hidden_sessions_hide_no_role(self) -> None:
        cluster = self.with_one(applications=None, managing_roles=frozenset({"streaming_replica"}))
        assert only(self.examine, cluster).status is Status.FAIL

    @pytest.mark.parametrize("fact", ["managing_roles", "installed_extensions", "settings"])
    def test_a_missing_fact_is_unknown(self, fact: str) -> None:
        assert only(self.examine, self.with_one(**{fact: None})).status is Status.UNKNOWN

    @pytest.mark.parametrize("cluster", [without_facts(), Cluster((silent(),))], ids=["no facts", "no answer"])
    def test_nothing_known_is_unknown(self, cluster: Cluster) -> None:
        assert only(self.examine, cluster).status is Status.UNKNOWN
