from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.ha.discover import leads, with_unseen, without_strays, without_twins
from dbops.ha.names import named
from dbops.ha.snapshot import Failure, Node, Patroni, PatroniMember, Receiver, Upstream
from dbops.results.ha import FailureKind
from ha.clusters import primary, standby


def test_a_standby_leads_to_its_upstream() -> None:
    lead = next(leads([standby("n2", receivers=(Receiver("streaming", 7, None, "db1", 5433),))]))
    assert (lead.host, lead.port, lead.guess) == ("db1", 5433, False)


def test_a_standby_that_receives_nothing_leads_where_it_is_told_to_connect() -> None:
    lead = next(leads([standby("n2", receivers=(), upstream=Upstream("db1", 5433))]))
    assert (lead.host, lead.port) == ("db1", 5433)


def test_a_primary_leads_to_its_standbys_at_its_own_port_as_a_guess() -> None:
    found = list(leads([primary(port=6000)]))
    assert [(lead.host, lead.port, lead.guess) for lead in found] == [
        ("10.0.0.2", 6000, True),
        ("10.0.0.3", 6000, True),
    ]


def test_a_guess_that_led_nowhere_or_to_another_system_is_dropped() -> None:
    nowhere = Node(name="", host="10.0.0.2", port=6000, failure=Failure(FailureKind.REFUSED, "…"))
    other = standby("n3", host="10.0.0.3", port=6000, system_identifier="42")
    kept = without_strays([primary(), nowhere, other], [("10.0.0.2", 6000), ("10.0.0.3", 6000)])
    assert [node.name for node in kept] == ["n1"]


def test_one_that_was_named_is_kept_whatever_it_is() -> None:
    down = Node(name="", host="n2", port=5432, failure=Failure(FailureKind.REFUSED, "…"))
    assert len(without_strays([primary(), down], [])) == 2


def test_a_server_that_was_reached_twice_is_one_node() -> None:
    one = primary(server="7 2026 5432")
    again = replace(one, host="10.0.0.1")
    silent = Node(name="", failure=Failure(FailureKind.TIMEOUT, "…"))
    assert [node.host for node in without_twins([one, again, silent, silent])] == ["n1", None, None]


def test_a_standby_that_nobody_asked_is_shown_as_unseen() -> None:
    nodes = with_unseen([primary(), standby("n2")])
    (unseen,) = [node for node in nodes if node.failure is not None]
    assert (unseen.name, unseen.failure and unseen.failure.kind) == ("n3", FailureKind.UNSEEN)


def test_two_unseen_of_one_name_are_told_apart() -> None:
    rows = primary().downstreams
    assert rows is not None
    nodes = with_unseen([primary(downstreams=tuple(replace(row, application="walreceiver") for row in rows))])
    assert [node.name for node in nodes] == ["n1", "walreceiver", "walreceiver@10.0.0.3"]


def test_many_unseen_of_one_name_and_address_are_told_apart() -> None:
    row = (primary().downstreams or ())[0]
    rows = tuple(replace(row, pid=pid, application="walreceiver", address="10.0.0.9") for pid in (7, 8, 9, 10))
    names = [node.name for node in with_unseen([primary(downstreams=rows)])]
    assert len(set(names)) == 5


def unnamed(*nodes: Node) -> list[Node]:
    return [replace(node, name="") for node in nodes]


def test_nodes_are_called_by_their_cluster_name_where_that_tells_them_apart() -> None:
    assert [node.name for node in named(unnamed(primary(), standby("n2")), None)] == ["n1", "n2"]


def test_a_cluster_name_that_several_have_is_none_of_theirs() -> None:
    nodes = unnamed(primary(cluster_name="prod"), standby("n2", cluster_name="prod"))
    assert [node.name for node in named(nodes, None)] == ["n1", "n2"]  # their hosts


def test_nodes_of_one_host_are_told_apart_by_port() -> None:
    nodes = unnamed(
        primary(cluster_name=None, host="localhost", port=1), standby(cluster_name=None, host="localhost", port=2)
    )
    assert [node.name for node in named(nodes, None)] == ["localhost:1", "localhost:2"]


def test_a_name_that_was_given_stays_and_patronis_goes_before_the_others() -> None:
    patroni = Patroni("http://x", members=(PatroniMember("pg2", "replica", "streaming", "n2", 5432, 7, 0),))
    nodes = [primary(name="boss"), *unnamed(standby("n2"))]
    assert [node.name for node in named(nodes, patroni)] == ["boss", "pg2"]


def test_a_name_that_was_given_is_not_taken_by_one_that_calls_itself_so() -> None:
    nodes = [*unnamed(standby("n2")), standby(name="n2", cluster_name="n3", host="n3")]
    assert [(node.name, node.host) for node in named(nodes, None)] == [("n2:5432", "n2"), ("n2", "n3")]


def test_every_node_gets_a_name_of_its_own() -> None:
    same = [Node(name="", host="db", port=5432, failure=Failure(FailureKind.TIMEOUT, "…"))] * 3
    names = [node.name for node in named(same, None)]
    assert len(set(names)) == 3


@pytest.mark.parametrize("local", ["localhost", "127.0.0.1", "/var/run/postgresql"])
def test_what_is_local_to_another_machine_is_looked_for_there(local: str) -> None:
    far = standby("n2", host="db2", receivers=(Receiver("streaming", 7, None, local, 5433),))
    (lead,) = leads([far])
    assert (lead.host, lead.port, lead.guess) == ("db2", 5433, True)


def test_what_is_local_to_ours_is_looked_for_here() -> None:
    near = standby("n2", host="localhost", receivers=(Receiver("streaming", 7, None, "/tmp", 5433),))
    (lead,) = leads([near])
    assert (lead.host, lead.guess) == ("/tmp", False)
