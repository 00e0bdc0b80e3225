"""Knowing less never makes a cluster look better."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.ha.catalogue import examine
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import (
    Archiver,
    Collation,
    Database,
    Failure,
    Node,
    Receiver,
    RoleSetting,
    Slot,
    WalFolder,
)
from dbops.ha.verdict import failover
from dbops.results.ha import FailureKind, Question, Status, Verdict
from ha.clusters import HEAD, NOW, changed, healthy, primary, standby, with_settings

BAD = {Status.FAIL, Status.WARN, Status.UNKNOWN}
# What dbops knows by itself, and how nodes are told apart; everything else is a fact that may be hidden.
KNOWN = {"name", "host", "port", "origin", "failure", "answered_s", "denied", "missing", "in_recovery", "server"}
FACTS = sorted(field.name for field in fields(Node) if field.name not in KNOWN)


def hidden(node: Node, facts: set[str]) -> Node:
    return replace(node, **{fact: () if fact == "positions" else None for fact in facts})


def behind(name: str, count: int) -> Cluster:
    positions = tuple(replace(each, received=HEAD - count, replayed=HEAD - count) for each in standby().positions)
    return changed(healthy(), name, positions=positions)


BROKEN = {
    "far behind": behind("n2", 300 * 1024**2),
    "receiver gone": changed(healthy(), "n2", receivers=()),
    "other timeline": changed(healthy(), "n2", timeline=6),
    "paused": changed(healthy(), "n2", pause_state="paused"),
    "delayed": with_settings(healthy(), "n2", recovery_min_apply_delay="3600000"),
    "too few connections": with_settings(healthy(), "n2", max_connections="50"),
    "other minor version": changed(healthy(), "n2", version=180005, version_text="18.5"),
    "lost slot": changed(healthy(), "n1", slots=(Slot("n2", logical=False, active=False, wal_status="lost"),)),
    "subscriber": changed(healthy(), "n1", slots=(Slot("cdc", logical=True, active=True, failover=False),)),
    "unsatisfiable": with_settings(
        changed(healthy(), "n1", commits_waiting=3), "n1", synchronous_standby_names="nobody"
    ),
    "fenced": with_settings(healthy(), "n2", default_transaction_read_only="on"),
    "unsatisfiable once promoted": with_settings(healthy(), "n2", synchronous_standby_names="n2"),
    "recovery target left over": with_settings(healthy(), "n2", recovery_target_xid="753"),
    "too few walsenders": with_settings(healthy(), "n2", max_wal_senders="1"),
    "asynchronous role": changed(
        healthy(), "n1", role_settings=(RoleSetting("synchronous_commit", "off", role="app"),)
    ),
    "follows a stranger": changed(
        healthy(), "n2", receivers=(Receiver("streaming", 7, None, "10.9.9.9", 5432),), upstream=None, cluster_name=None
    ),
    "split brain": Cluster((primary("n1"), primary("n2"), standby("n3"))),
    "kept out": changed(healthy(), "n2", hba=()),
    "archiving fails": changed(healthy(), "n1", archiver=Archiver(0, 3, None, NOW, "00000007000000000000000A", 99)),
    "would not archive": with_settings(healthy(), "n2", archive_mode="off"),
    "other settings": with_settings(healthy(), "n2", work_mem="1"),
    "library missing": with_settings(healthy(), "n2", shared_preload_libraries=""),
    "other collation": changed(healthy(), "n2", collations=(Collation("database app", "2.36", "2.41"),)),
    "extension missing": changed(healthy(), "n1", installed_extensions=frozenset({"postgis"})),
    "much WAL": changed(healthy(), "n1", wal_folder=WalFolder(9999, 160 * 1024**3)),
    "damaged": changed(healthy(), "n2", databases=(Database("app", 5, 5, 1),)),
    "old": changed(healthy(), "n1", databases=(Database("app", 2**31 - 1, 5, 0),)),
    "wrong clock": changed(
        healthy(), "n2", positions=tuple(replace(each, clock=each.clock + 90) for each in standby().positions)
    ),
    "replay held up": changed(
        healthy(),
        "n2",
        positions=tuple(replace(each, replayed=HEAD - 9, replay_waits="Lock/relation") for each in standby().positions),
    ),
    "managed": changed(healthy(), "n1", applications=frozenset({"Patroni heartbeat"})),
    "hung": Cluster((*healthy().nodes, Node(name="n4", failure=Failure(FailureKind.TIMEOUT, "no answer")))),
    "primary lost": Cluster(
        (
            Node(name="n1", failure=Failure(FailureKind.REFUSED, "down")),
            standby("n2", receivers=()),
            standby("n3", receivers=()),
        )
    ),
    "newer timeline lost": Cluster(
        (
            Node(name="n1", failure=Failure(FailureKind.REFUSED, "down")),
            standby("n2", receivers=(), wal_folder=WalFolder(10, 1024, history=8)),
            standby("n3", receivers=()),
        )
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_not_ready(name: str) -> None:
    cluster = BROKEN[name]
    checks = examine(cluster)
    worst = max((failover(cluster, checks, each).verdict for each in Question), key=lambda each: each.rank)
    assert worst is not Verdict.READY


def test_nothing_known_is_ready_for_nothing() -> None:
    nodes = tuple(hidden(node, set(FACTS)) for node in healthy().nodes)
    cluster = Cluster(nodes)
    for question in Question:
        assert failover(cluster, examine(cluster), question).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("fact", FACTS)
def test_a_healthy_cluster_of_which_one_fact_is_hidden_has_no_new_pass(fact: str) -> None:
    before = {(check.id, check.node): check.status for check in examine(healthy())}
    cluster = Cluster(tuple(hidden(node, {fact}) for node in healthy().nodes))
    for check in examine(cluster):
        if check.status is Status.PASS:
            assert before.get((check.id, check.node)) in {Status.PASS, None}


@given(
    st.sampled_from(sorted(BROKEN)), st.sampled_from(["n1", "n2", "n3"]), st.sets(st.sampled_from(FACTS), min_size=1)
)
def test_hiding_facts_turns_nothing_that_is_wrong_into_a_pass(name: str, of: str, facts: set[str]) -> None:
    cluster = BROKEN[name]
    wrong = {(check.id, check.node) for check in examine(cluster) if check.status in BAD}
    known_less = Cluster(
        tuple(hidden(node, facts) if node.name == of and node.answers else node for node in cluster.nodes)
    )
    turned = [check for check in examine(known_less) if (check.id, check.node) in wrong and check.status is Status.PASS]
    assert turned == []


@given(
    st.sampled_from(sorted(BROKEN)), st.sampled_from(["n1", "n2", "n3"]), st.sets(st.sampled_from(FACTS), min_size=1)
)
def test_hiding_facts_makes_no_broken_cluster_ready(name: str, of: str, facts: set[str]) -> None:
    cluster = BROKEN[name]
    known_less = Cluster(
        tuple(hidden(node, facts) if node.name == of and node.answers else node for node in cluster.nodes)
    )
    for question in Question:
        wanted = "n2"
        if known_less.node(wanted) in known_less.standbys:
            before = failover(cluster, examine(cluster), question, wanted).verdict
            after = failover(known_less, examine(known_less), question, wanted).verdict
            assert after is not Verdict.READY or before is Verdict.READY
