"""Who could follow a promoted standby."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dbops.ha.checks.replication_login import examine
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Downstream, HbaRule, Receiver, Setting, Upstream
from dbops.results.ha import Question, Status
from ha.clusters import HEAD, changed, healthy, primary, standby, with_settings
from ha.outcomes import only, silent, statuses, without_facts, without_primary

BOTH = (Question.SWITCHOVER, Question.EMERGENCY)


def host(address: str, netmask: str | None = "255.255.255.255", method: str = "scram-sha-256") -> HbaRule:
    return HbaRule(1, "host", ("replication",), ("replicator",), address, netmask, method)


N1, N3 = host("10.0.0.1"), host("10.0.0.3")
LOCAL = HbaRule(1, "local", ("replication",), ("all",), None, None, "peer")


def with_rules(*rules: HbaRule) -> Cluster:
    return changed(healthy(), "n2", hba=rules)


def rows(**changes: Any) -> tuple[Downstream, ...]:
    """The primary's rows of n2 and n3, with changes."""
    found = primary().downstreams
    assert found is not None
    return tuple(replace(row, **changes) for row in found)


def on_one_machine(*rules: HbaRule, address: str | None) -> Cluster:
    """A primary to which both standbys come by a Unix socket or by 127.0.0.1, asked by dbops on that machine too."""
    cluster = changed(healthy(), "n1", downstreams=rows(address=address), address=address)
    for name in ("n2", "n3"):
        cluster = changed(cluster, name, address=address, hba=rules)
    return cluster


def test_rules_for_all_let_all_in() -> None:
    assert statuses(examine, healthy()) == {"n2": Status.PASS, "n3": Status.PASS}


def test_rules_for_each_address_let_each_in() -> None:
    assert only(examine, with_rules(N1, N3), "n2").message == "lets n1, n3 in to replicate"


def test_a_sibling_without_a_rule_is_kept_out() -> None:
    outcome = only(examine, with_rules(N1), "n2")
    assert (outcome.status, outcome.matters) == (Status.FAIL, BOTH)
    assert outcome.message == "would not let in to replicate: n3, replicator from 10.0.0.3, no line is about it"
    assert outcome.remedy == (
        "in n2's pg_hba.conf, above what rejects it: "
        'host  replication  "replicator"  10.0.0.3/32  scram-sha-256; then SELECT pg_reload_conf()'
    )


def test_the_old_primary_alone_kept_out_matters_to_a_switchover_only() -> None:
    outcome = only(examine, with_rules(N3), "n2")
    assert (outcome.status, outcome.matters) == (Status.FAIL, (Question.SWITCHOVER,))
    assert "n1, replicator from 10.0.0.1" in outcome.message


def test_one_that_is_rejected_by_name_is_told_the_line() -> None:
    rejecting = replace(N3, line=12, method="reject")
    assert "line 12 of pg_hba.conf says reject" in only(examine, with_rules(rejecting, N1, N3), "n2").message


def test_a_rule_in_doubt_is_unknown() -> None:
    outcome = only(examine, with_rules(N1, host("n3.example.com", None)), "n2")
    assert outcome.status is Status.UNKNOWN
    assert outcome.remedy is not None
    assert outcome.remedy.splitlines()[1] == 'psql "host=n2 port=5432 replication=true" -c IDENTIFY_SYSTEM'


def test_rules_that_may_not_be_seen_are_unknown_with_the_grant() -> None:
    cluster = changed(healthy(), "n2", hba=None, denied={"hba": "GRANT SELECT ON pg_hba_file_rules TO monitor"})
    outcome = only(examine, cluster, "n2")
    assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, "GRANT SELECT ON pg_hba_file_rules TO monitor")


def test_nothing_known_is_unknown() -> None:
    assert statuses(examine, without_facts()) == {"n2": Status.UNKNOWN, "n3": Status.UNKNOWN}


def test_a_single_node_has_nobody_to_let_in() -> None:
    assert only(examine, Cluster((standby("n2"),)), "n2").status is Status.SKIPPED


def test_one_that_streams_from_the_candidate_is_in_already() -> None:
    fed = Downstream(7, "n3", "replicator", "10.0.0.3", "streaming", flushed=HEAD, replayed=HEAD, logical=False)
    nodes = (
        primary(standbys=("n2",)),
        standby("n2", downstreams=(fed,), hba=(N1,)),
        standby("n3", of="n2", upstream=Upstream("n2", 5432, "replicator", "n3")),
    )
    assert only(examine, Cluster(nodes), "n2").status is Status.PASS


class TestAddress:
    def test_is_the_one_that_the_upstream_sees(self) -> None:
        cluster = changed(with_rules(N1, N3), "n1", downstreams=rows(address="10.0.0.99"))
        assert "10.0.0.99" in only(examine, cluster, "n2").message

    def test_is_the_nodes_own_where_no_upstream_sees_it(self) -> None:
        cluster = changed(with_rules(N1, N3), "n1", downstreams=None)
        assert only(examine, cluster, "n2").status is Status.PASS

    @pytest.mark.parametrize("address", [None, "127.0.0.1", "::1"])
    def test_of_dbopss_own_machine_says_nothing(self, address: str | None) -> None:
        cluster = changed(changed(with_rules(N1, N3), "n1", downstreams=None), "n3", address=address)
        assert only(examine, cluster, "n2").status is Status.UNKNOWN

    def test_of_the_primary_may_be_the_one_that_the_candidate_connects_to(self) -> None:
        cluster = changed(with_rules(N1, N3), "n1", address=None)
        named = changed(cluster, "n2", receivers=(Receiver("streaming", 7, None, "n1", 5432),))
        assert only(examine, named, "n2").status is Status.UNKNOWN
        numbered = changed(cluster, "n2", receivers=(Receiver("streaming", 7, None, "10.0.0.1", 5432),))
        assert only(examine, numbered, "n2").status is Status.PASS


class TestOneMachine:
    def test_by_a_unix_socket_local_rules_decide(self) -> None:
        assert only(examine, on_one_machine(LOCAL, address=None), "n2").status is Status.PASS
        rejecting = replace(LOCAL, method="reject")
        outcome = only(examine, on_one_machine(rejecting, address=None), "n2")
        assert outcome.status is Status.FAIL
        assert 'local  replication  "replicator"  scram-sha-256' in (outcome.remedy or "")

    def test_by_the_loopback_address_host_rules_decide(self) -> None:
        cluster = on_one_machine(host("127.0.0.1"), address="127.0.0.1")
        assert only(examine, cluster, "n2").status is Status.PASS

    def test_a_sibling_beside_the_primary_comes_to_a_distant_candidate_from_who_knows_where(self) -> None:
        near, far = rows(address=None)
        downstreams = (replace(near, address="10.0.0.2"), far)
        cluster = changed(with_rules(N1, N3, LOCAL), "n1", downstreams=downstreams)
        outcome = only(examine, cluster, "n2")
        assert outcome.status is Status.UNKNOWN
        assert "n3, from where it would come isn't known" in outcome.message


class TestUser:
    def test_is_the_one_that_replicates_now(self) -> None:
        cluster = changed(with_rules(N1, N3), "n1", downstreams=rows(user="other"))
        assert "other from 10.0.0.3" in only(examine, cluster, "n2").message

    def test_is_the_configured_one_where_no_upstream_sees_it(self) -> None:
        cluster = changed(with_rules(N1, N3), "n1", downstreams=None)
        cluster = changed(cluster, "n3", upstream=Upstream("n1", 5432, "other", "n3"))
        assert "n3, other from 10.0.0.3" in only(examine, cluster, "n2").message

    def test_that_nobody_tells_is_unknown(self) -> None:
        cluster = changed(changed(with_rules(N1, N3), "n1", downstreams=None), "n3", upstream=None)
        outcome = only(examine, cluster, "n2")
        assert outcome.status is Status.UNKNOWN
        assert "as whom it would log in isn't known" in outcome.message


class TestSilentNode:
    def test_that_the_primary_feeds_is_judged(self) -> None:
        cluster = Cluster((primary(), standby("n2", hba=(N1, N3)), silent("n3")))
        assert only(examine, cluster, "n2").status is Status.UNKNOWN  # whether it insists on TLS isn't known
        kept_out = Cluster((primary(), standby("n2", hba=(N1,)), silent("n3")))
        assert only(examine, kept_out, "n2").matters == BOTH

    def test_that_follows_nobody_is_unknown_to_a_switchover_only(self) -> None:
        outcome = only(examine, without_primary(), "n2")
        assert (outcome.status, outcome.matters) == (Status.UNKNOWN, (Question.SWITCHOVER,))


class TestTls:
    ENCRYPTED = HbaRule(1, "hostssl", ("replication",), ("all",), "all", None, "scram-sha-256")

    @pytest.mark.parametrize(("ssl", "status"), [("on", Status.PASS), ("off", Status.FAIL)])
    def test_is_taken_by_those_who_prefer_it(self, ssl: str, status: Status) -> None:
        assert only(examine, with_settings(with_rules(self.ENCRYPTED), "n2", ssl=ssl), "n2").status is status

    def test_that_the_sibling_insists_on_and_the_candidate_has_not(self) -> None:
        cluster = changed(healthy(), "n3", upstream=Upstream("n1", 5432, "replicator", "n3", sslmode="require"))
        outcome = only(examine, cluster, "n2")
        assert (outcome.status, outcome.remedy) == (Status.FAIL, "set ssl = on, with a certificate")


class TestListening:
    def deaf(self, listens: str | None) -> Cluster:
        settings = dict(standby().settings or {})
        if listens is None:
            del settings["listen_addresses"]
        else:
            settings["listen_addresses"] = Setting(listens)
        return changed(healthy(), "n2", address=None, settings=settings)

    @pytest.mark.parametrize("listens", ["", "localhost", "127.0.0.1, ::1"])
    def test_on_no_network_nobody_is_let_in(self, listens: str) -> None:
        outcome = only(examine, self.deaf(listens), "n2")
        assert outcome.status is Status.FAIL
        assert outcome.remedy == "ALTER SYSTEM SET listen_addresses = '*'; -- then restart it"

    @pytest.mark.parametrize("listens", ["*", "localhost,10.0.0.2"])
    def test_on_the_network_rules_decide(self, listens: str) -> None:
        assert only(examine, self.deaf(listens), "n2").status is Status.PASS

    def test_that_can_not_be_seen_is_unknown(self) -> None:
        assert only(examine, self.deaf(None), "n2").status is Status.UNKNOWN
