from __future__ import annotations

from dataclasses import replace

from dbops.ha.cluster import Cluster
from dbops.ha.discover import with_unseen
from dbops.ha.snapshot import Downstream, Failure, Node, Receiver, Upstream
from dbops.results.ha import FailureKind
from ha.clusters import HEAD, changed, healthy, primary, standby


def row(pid: int, application: str | None, **facts: object) -> Downstream:
    return replace(Downstream(pid, application, "replicator", None, "streaming", "async", 0, HEAD, HEAD), **facts)


def links(*nodes: Node) -> set[tuple[str, str]]:
    return {(link.upstream, link.downstream) for link in Cluster(nodes).links}


def test_standbys_are_matched_by_their_application_name() -> None:
    assert {(link.upstream, link.downstream) for link in healthy().links} == {("n1", "n2"), ("n1", "n3")}


def test_the_slot_goes_before_the_name() -> None:
    sender = primary(downstreams=(row(1, "walreceiver", slot="a"), row(2, "walreceiver", slot="b")))
    one = standby("n2", receivers=(Receiver("streaming", 7, "b", "n1", 5432),), upstream=None, cluster_name=None)
    two = standby("n3", receivers=(Receiver("streaming", 7, "a", "n1", 5432),), upstream=None, cluster_name=None)
    cluster = Cluster((sender, one, two))
    assert {link.downstream: link.row.slot for link in cluster.links} == {"n2": "b", "n3": "a"}


def test_two_that_fit_one_row_are_not_guessed_between() -> None:
    sender = primary(downstreams=(row(1, "walreceiver"),))
    nameless = {"cluster_name": "walreceiver", "upstream": Upstream(application="walreceiver"), "address": None}
    assert links(sender, standby("n2", **nameless), standby("n3", **nameless)) == set()


def test_a_cascade_hangs_below_the_standby_that_feeds_it() -> None:
    sender = primary(standbys=("n2",))
    middle = standby("n2", downstreams=(row(9, "n3"),))
    assert links(sender, middle, standby("n3", of="n2")) == {("n1", "n2"), ("n2", "n3")}


def test_a_standby_that_says_whom_it_follows_is_believed_over_an_old_row() -> None:
    old = primary("n1", standbys=("n3",))
    middle = standby("n2", downstreams=(row(9, "n3"),))
    assert ("n2", "n3") in links(old, middle, standby("n3", of="n2"))


def test_a_silent_node_is_known_by_the_name_it_was_given() -> None:
    hung = Node(name="n3", failure=Failure(FailureKind.TIMEOUT, "no answer"))
    assert ("n1", "n3") in links(primary(), standby("n2"), hung)


def test_what_else_runs_on_the_machine_of_a_silent_node_does_not_vouch_for_it() -> None:
    hung = Node(name="n3", host="10.0.0.3", failure=Failure(FailureKind.TIMEOUT, "no answer"))
    assert links(primary(downstreams=(row(1, "pg_receivewal", address="10.0.0.3"),)), hung) == set()


def test_a_base_backup_and_a_subscriber_are_no_standbys() -> None:
    sender = primary(downstreams=(row(1, "n2", state="backup"), row(2, "n3", logical=True)))
    assert links(sender, standby("n2"), standby("n3")) == set()


def test_another_system_is_never_fed() -> None:
    assert links(*changed(healthy(), "n2", system_identifier="1").nodes) == {("n1", "n3")}


def test_what_only_stores_wal_is_no_standby() -> None:
    """pg_receivewal and Barman stream, and replay nothing."""
    storing = primary(downstreams=(row(1, "pg_receivewal", replayed=None), row(2, "n2")))
    assert links(storing, standby("n2")) == {("n1", "n2")}
    assert [node.name for node in with_unseen([storing, standby("n2")])] == ["n1", "n2"]
