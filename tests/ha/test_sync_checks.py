"""The checks of commits: for whom they wait, now and after a promotion, and whether they wait at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dbops.ha.check import BOTH, EMERGENCY_ONLY, SWITCHOVER_ONLY, Outcome
from dbops.ha.checks import sync_commit, sync_standbys
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Downstream, Failure, Node, Patroni, RoleSetting, Setting, Upstream
from dbops.results.ha import FailureKind, Status, Weight
from ha.clusters import changed, healthy, primary, standby, with_settings
from ha.outcomes import only, statuses, without_facts, without_primary

GRANT = "GRANT pg_monitor TO monitor"
NAMES = "synchronous_standby_names"


def rows(**states: str) -> tuple[Downstream, ...]:
    """Return the primary's rows, with a sync_state by name."""
    known = primary().downstreams or ()
    return tuple(
        replace(
            row, sync_state=states.get(row.application or "", "async"), sync_priority=int(row.application in states)
        )
        for row in known
    )


def asking(names: str, **states: str) -> Cluster:
    """Return the cluster whose primary waits for these names, and has standbys in these states."""
    return changed(with_settings(healthy(), "n1", **{NAMES: names}), "n1", downstreams=rows(**states))


def promoted(names: str, cluster: Cluster | None = None) -> Cluster:
    """Return a cluster whose n2 would wait for these names."""
    return with_settings(cluster or asking("n2", n2="sync"), "n2", **{NAMES: names})


def about(cluster: Cluster, name: str = "n2") -> list[Outcome]:
    return [each for each in sync_standbys.examine(cluster) if each.node == name]


def gone(name: str = "n1", kind: FailureKind = FailureKind.REFUSED) -> Node:
    return Node(name=name, host=name, port=5432, failure=Failure(kind, "no"))


class TestSyncStandbysNow:
    def test_nobody_to_wait_for_is_skipped(self) -> None:
        assert set(statuses(sync_standbys.examine, healthy()).values()) == {Status.SKIPPED}

    @pytest.mark.parametrize(
        ("names", "states"),
        [
            ("n2", {"n2": "sync"}),
            ("FIRST 1 (n2, n3)", {"n2": "sync", "n3": "potential"}),
            ("ANY 2 (*)", {"n2": "quorum", "n3": "quorum"}),
        ],
    )
    def test_enough_that_stream_pass(self, names: str, states: dict[str, str]) -> None:
        assert only(sync_standbys.examine, asking(names, **states), "n1").status is Status.PASS

    def test_too_few_stop_commits(self) -> None:
        outcome = only(sync_standbys.examine, changed(asking("nobody"), "n1", commits_waiting=3), "n1")
        assert (outcome.status, outcome.weight, sync_standbys.WEIGHT) == (Status.FAIL, None, Weight.BLOCKER)
        assert outcome.message == (
            "commits wait without an end: 0 of the 1 that 'nobody' asks for stream; waiting now: 3"
        )
        assert "ALTER SYSTEM SET synchronous_standby_names = '';" in (outcome.remedy or "").split("\n")

    def test_a_sync_one_is_not_enough_where_two_are_asked_for(self) -> None:
        assert only(sync_standbys.examine, asking("FIRST 2 (n2)", n2="sync"), "n1").status is Status.FAIL

    def test_one_that_catches_up_does_not_count(self) -> None:
        late = tuple(replace(row, state="catchup") for row in rows(n2="sync"))
        outcome = only(sync_standbys.examine, changed(asking("n2"), "n1", downstreams=late), "n1")
        assert outcome.status is Status.FAIL

    def test_waiting_alone_is_no_evidence(self) -> None:
        cluster = changed(asking("n2", n2="sync"), "n1", commits_waiting=9)
        assert only(sync_standbys.examine, cluster, "n1").status is Status.PASS

    @pytest.mark.parametrize(
        ("state", "status"), [("sync", Status.FAIL), ("quorum", Status.FAIL), ("potential", Status.PASS)]
    )
    def test_a_subscriber_that_commits_may_wait_for_alone_is_a_warning(self, state: str, status: Status) -> None:
        subscriber = Downstream(9, "sub", state="streaming", sync_state=state, sync_priority=1, logical=True)
        cluster = changed(asking("*"), "n1", downstreams=(*rows(n2="sync"), subscriber))
        outcome = only(sync_standbys.examine, cluster, "n1")
        assert outcome.status is status
        if status is Status.FAIL:
            assert (outcome.weight, outcome.matters) == (Weight.WARNING, EMERGENCY_ONLY)
            assert '"sub"' in outcome.message

    @pytest.mark.parametrize("part", ["downstreams", "settings"])
    def test_what_is_hidden_is_unknown(self, part: str) -> None:
        cluster = changed(asking("n2", n2="sync"), "n1", **{part: None}, denied={part: GRANT})
        outcome = only(sync_standbys.examine, cluster, "n1")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_names_that_can_not_be_read_are_unknown(self) -> None:
        assert only(sync_standbys.examine, asking("ANY (n2"), "n1").status is Status.UNKNOWN

    def test_without_facts_all_is_unknown(self) -> None:
        assert {each.status for each in sync_standbys.examine(without_facts())} == {Status.UNKNOWN}


class TestSyncStandbysAfterAPromotion:
    @pytest.mark.parametrize("names", ["n3", "N3", '"n3"', "*", "ANY 1 (n2, n3)", "1 (n4, n3)"])
    def test_enough_that_would_follow_pass(self, names: str) -> None:
        (outcome,) = about(promoted(names))
        assert outcome.status is Status.PASS

    @pytest.mark.parametrize("names", ["n2", "n4", "FIRST 3 (n1, n3, n4)", '"n3 "'])
    def test_too_few_would_stop_commits(self, names: str) -> None:
        (outcome,) = about(promoted(names))
        assert (outcome.status, outcome.weight, outcome.matters) == (Status.FAIL, None, BOTH)
        assert "after its promotion commits would wait without an end" in outcome.message

    @pytest.mark.parametrize("names", ["n1", "ANY 2 (n1, n2, n3)", "2 (*)"])
    def test_those_that_count_on_the_old_primary_wait_until_it_follows(self, names: str) -> None:
        blocked, waits = about(promoted(names))
        assert (blocked.status, blocked.weight, blocked.matters) == (Status.FAIL, None, EMERGENCY_ONLY)
        assert (waits.status, waits.weight, waits.matters) == (Status.FAIL, Weight.WARNING, SWITCHOVER_ONLY)
        assert "wait until n1 follows it" in waits.message

    def test_an_old_primary_whose_name_is_unknown_may_count(self) -> None:
        cluster = changed(promoted("n9"), "n1", cluster_name=None)
        assert [each.matters for each in about(cluster)] == [EMERGENCY_ONLY, SWITCHOVER_ONLY]

    def test_a_setting_that_is_lost_by_the_promotion_is_a_warning(self) -> None:
        (outcome,) = about(asking("n2", n2="sync"))
        assert (outcome.weight, outcome.matters) == (Weight.WARNING, BOTH)
        assert outcome.message == "after its promotion commits wait for nobody; on n1 they wait for 'n2'"

    def test_of_two_nodes_one_is_left_with_nobody_to_wait_for(self) -> None:
        pair = Cluster(asking("n2", n2="sync").nodes[:2])
        (outcome,) = about(pair)
        assert outcome.matters == SWITCHOVER_ONLY

    def test_the_upstream_sees_the_name_that_counts(self) -> None:
        told = Upstream("n1", 5432, "replicator", "other", None)
        cluster = changed(promoted("n3"), "n3", upstream=told)
        assert [each.status for each in about(cluster)] == [Status.PASS]

    def test_without_a_row_the_standby_is_told_its_name(self) -> None:
        cluster = changed(promoted("n3"), "n1", downstreams=())
        assert [each.status for each in about(cluster)] == [Status.PASS]
        renamed = changed(cluster, "n3", upstream=Upstream("n1", 5432, "replicator", None, None), cluster_name="third")
        assert [each.status for each in about(renamed)] == [Status.FAIL]
        assert [each.status for each in about(promoted("third", renamed))] == [Status.PASS]

    @pytest.mark.parametrize(
        "hidden",
        [
            {"upstream": None, "receivers": None},
            {"upstream": Upstream("vip", 5432, "replicator", "n3", None), "receivers": None},
            {"upstream": Upstream("n1", 5432, "replicator", "é", None)},
        ],
    )
    def test_who_follows_by_what_name_may_be_unknown(self, hidden: dict[str, Any]) -> None:
        cluster = changed(changed(promoted("n3"), "n1", downstreams=()), "n3", **hidden)
        assert [each.status for each in about(cluster)] == [Status.UNKNOWN]

    def test_a_cascading_standby_does_not_count(self) -> None:
        row = replace(primary().downstreams[0], application="n4", address="10.0.0.4", pid=7)
        nodes = (primary(), standby("n2"), standby("n3", downstreams=(row,)), standby("n4", "n3"))
        cluster = promoted("n4", Cluster(nodes))
        assert [each.status for each in about(cluster)] == [Status.FAIL]
        assert [each.status for each in about(changed(cluster, "n3", downstreams=None))] == [Status.FAIL]

    def test_without_a_primary_those_count_that_had_the_same(self) -> None:
        cluster = Cluster((gone(), standby("n2"), standby("n3")))
        assert [each.status for each in about(promoted("n3", cluster))] == [Status.PASS]
        assert [each.status for each in about(promoted("n1", cluster))] == [Status.FAIL]
        assert [each.status for each in about(cluster)] == [Status.SKIPPED]

    def test_a_node_that_may_run_may_count(self) -> None:
        cluster = Cluster((gone(kind=FailureKind.TIMEOUT), standby("n2"), standby("n3")))
        assert [each.status for each in about(promoted("2 (*)", cluster))] == [Status.UNKNOWN]

    def test_patroni_in_synchronous_mode_sets_it_by_itself(self) -> None:
        cluster = promoted("nobody")
        for config, status in (({"synchronous_mode": True}, Status.SKIPPED), ({}, Status.FAIL)):
            patroni = Patroni("http://n1:8008", config=config)
            assert [each.status for each in about(Cluster(cluster.nodes, patroni=patroni))] == [status]
        silent = Patroni("http://n1:8008", gone().failure, config={"synchronous_mode": "quorum"})
        assert [each.status for each in about(Cluster(cluster.nodes, patroni=silent))] == [Status.FAIL]

    def test_what_is_hidden_is_unknown(self) -> None:
        hidden = changed(asking("n2", n2="sync"), "n2", settings=None, denied={"settings": GRANT})
        (outcome,) = about(hidden)
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)
        assert [each.status for each in about(changed(healthy(), "n1", settings=None))] == [Status.UNKNOWN]


def commits(*settings: RoleSetting, server: str = "on", names: str = "n2", source: str | None = None) -> Cluster:
    """Return a cluster whose primary has these settings of synchronous_commit."""
    cluster = changed(with_settings(healthy(), "n1", **{NAMES: names}), "n1", role_settings=settings)
    known = dict(cluster.nodes[0].settings or {})
    return changed(cluster, "n1", settings=known | {"synchronous_commit": Setting(server, source=source)})


def of_role(value: str, role: str | None = "app", database: str | None = None) -> RoleSetting:
    return RoleSetting("synchronous_commit", value, role, database)


class TestSyncCommit:
    def test_it_matters_to_an_emergency_alone(self) -> None:
        assert (sync_commit.MATTERS, sync_commit.WEIGHT) == (EMERGENCY_ONLY, Weight.WARNING)

    @pytest.mark.parametrize("names", ["", "n2"])
    def test_on_everywhere_passes(self, names: str) -> None:
        cluster = commits(of_role("remote_apply"), RoleSetting("work_mem", "1GB"), names=names)
        assert statuses(sync_commit.examine, cluster) == {"n1": Status.PASS}

    @pytest.mark.parametrize("value", ["off", "OFF", "false", "no", "0"])
    @pytest.mark.parametrize("names", ["", "n2"])
    def test_off_is_a_warning_also_without_a_synchronous_standby(self, value: str, names: str) -> None:
        outcome = only(sync_commit.examine, commits(of_role(value), names=names), "n1")
        assert outcome.status is Status.FAIL
        assert outcome.message.startswith("role app: synchronous_commit = off: commits are acknowledged before")
        assert outcome.remedy == 'ALTER ROLE "app" RESET synchronous_commit;'

    def test_the_servers_own_is_told_too(self) -> None:
        outcome = only(sync_commit.examine, commits(server="off", source="configuration file"), "n1")
        assert outcome.message.startswith("the server: synchronous_commit = off")
        assert (outcome.remedy or "").startswith("ALTER SYSTEM SET synchronous_commit = on;")

    def test_local_matters_where_there_is_a_synchronous_standby(self) -> None:
        outcome = only(sync_commit.examine, commits(of_role("local")), "n1")
        assert "don't wait for the synchronous standby" in outcome.message
        assert only(sync_commit.examine, commits(of_role("local"), names=""), "n1").status is Status.PASS

    def test_remote_write_is_a_note(self) -> None:
        outcome = only(sync_commit.examine, commits(server="remote_write"), "n1")
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.INFO)

    def test_all_whose_commits_are_lost_are_named_with_what_resets_it(self) -> None:
        found = (
            of_role("off", "app", "shop"),
            of_role("off", None, 'a"b'),
            of_role("off", None, None),
            of_role("on", "careful"),
        )
        outcome = only(sync_commit.examine, commits(*found), "n1")
        assert outcome.message.startswith(
            'role app in database shop, database a"b, all roles: synchronous_commit = off'
        )
        assert (outcome.remedy or "").split("\n") == [
            'ALTER ROLE "app" IN DATABASE "shop" RESET synchronous_commit;',
            'ALTER DATABASE "a""b" RESET synchronous_commit;',
            "ALTER ROLE ALL RESET synchronous_commit;",
        ]

    @pytest.mark.parametrize("source", ["user", "database", "database user", "global", "client", "session"])
    def test_a_setting_of_dbops_own_login_hides_the_servers(self, source: str) -> None:
        outcome = only(sync_commit.examine, commits(source=source), "n1")
        assert outcome.status is Status.UNKNOWN
        assert "dbops's own login" in outcome.message

    def test_a_value_of_a_version_to_come_is_unknown(self) -> None:
        assert only(sync_commit.examine, commits(of_role("remote_magic")), "n1").status is Status.UNKNOWN

    @pytest.mark.parametrize("part", ["role_settings", "settings"])
    def test_what_is_hidden_is_unknown(self, part: str) -> None:
        cluster = changed(commits(), "n1", **{part: None}, denied={part: GRANT})
        outcome = only(sync_commit.examine, cluster, "n1")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_a_setting_that_is_not_there_is_unknown(self) -> None:
        cluster = changed(commits(), "n1", settings={NAMES: Setting("")}, denied={"settings": GRANT})
        outcome = only(sync_commit.examine, cluster, "n1")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_without_a_primary_or_facts_it_is_unknown(self) -> None:
        assert statuses(sync_commit.examine, without_primary()) == {None: Status.UNKNOWN}
        assert statuses(sync_commit.examine, without_facts()) == {"n1": Status.UNKNOWN}
