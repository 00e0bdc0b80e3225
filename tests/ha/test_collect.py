"""Nodes that are asked at once, on real servers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from dbops.errors import Interrupted
from dbops.ha.cluster import Cluster as Seen
from dbops.ha.collect import Asked, Bounds, Collected, _as_of, collect
from dbops.ha.discover import without_twins
from dbops.ha.names import named
from dbops.ha.snapshot import Node
from dbops.postgres import replication
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.login import log_in, places
from dbops.results.ha import FailureKind
from faults.network import Network
from faults.scene import eventually
from ha.clusters import primary, standby
from servers import embedded
from servers.server import Cluster, Server

BOUNDS = Bounds(timeout=5.0, observe=0.5, every=0.1)


class Nothing:
    """Discovers nothing."""

    pending = False

    def found(self, _nodes: Sequence[Node]) -> Iterable[Asked]:
        return ()


@pytest.fixture
def interrupt() -> Iterator[Interrupt]:
    with Interrupt() as made:
        yield made


def asked(dsn: str, name: str | None = None) -> Asked:
    return Asked(places(Dsn(dsn, "a test"), "dbops test")[0], name, "a test")


def ask(interrupt: Interrupt, *dsns: str, bounds: Bounds = BOUNDS) -> Collected:
    return collect(map(asked, dsns), bounds, interrupt, Nothing())


def all_of(cluster: Cluster) -> list[str]:
    return [server.dsn() for server in (cluster.primary, *cluster.standbys)]


def test_every_fact_of_a_node_is_known_to_a_superuser(cluster: Cluster, interrupt: Interrupt) -> None:
    node, other, _ = ask(interrupt, *all_of(cluster)).nodes
    assert (node.is_primary, other.is_standby, node.timeline, other.timeline) == (True, True, 1, 1)
    assert node.system_identifier == other.system_identifier
    assert node.version_text is not None
    assert other.pause_state == "not paused"
    assert other.receivers is not None
    assert other.receivers[0].status == "streaming"
    assert {row.state for row in node.downstreams or ()} == {"streaming"}
    assert node.slots is not None
    assert {slot.name for slot in node.slots} >= {"standby1", "standby2"}
    assert other.upstream is not None
    assert other.upstream.application == "standby1"
    for each in (node, other):
        unknown = {name for name in Node.__slots__ if getattr(each, name) is None}
        assert unknown <= {"failure", "cluster_name", "pause_state", "recovery_timeline", "exclusive_backup"}
        assert (dict(each.denied), dict(each.missing)) == ({}, {})


def test_each_position_of_a_standby_has_a_later_one_of_the_primary(cluster: Cluster, interrupt: Interrupt) -> None:
    collected = ask(interrupt, *all_of(cluster))
    node, *standbys = collected.nodes
    assert len(node.positions) >= 3
    last = node.positions[-1].asked
    assert all(position.answered <= last for each in standbys for position in each.positions)
    assert collected.observed_s >= 0.3


def test_what_changes_while_it_is_watched_is_judged_as_it_is_at_the_end(cluster: Cluster, interrupt: Interrupt) -> None:
    dsn = cluster.standbys[1].dsn()
    with closing(psycopg.connect(dsn, autocommit=True)) as connection:
        pausing = threading.Timer(0.5, connection.execute, ["SELECT pg_wal_replay_pause()"])
        pausing.start()
        try:
            (node,) = ask(interrupt, dsn, bounds=Bounds(5.0, 1.5, 0.1)).nodes
        finally:
            pausing.join()
            connection.execute("SELECT pg_wal_replay_resume()")
    assert node.pause_state in {"paused", "pause requested"}


def test_without_an_observation_there_is_still_a_pair(cluster: Cluster, interrupt: Interrupt) -> None:
    nodes = ask(interrupt, *all_of(cluster), bounds=Bounds(5.0, 0.0, 0.1)).nodes
    assert Seen(named(nodes, None)).lag(named(nodes, None)[1]).bytes is not None


def test_one_that_hangs_costs_no_other_its_answer(cluster: Cluster, interrupt: Interrupt) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hung = f"host=127.0.0.1 port={silent.getsockname()[1]} user=postgres"
        nodes = ask(interrupt, hung, *all_of(cluster), bounds=Bounds(1.0, 0.2, 0.1)).nodes
    assert nodes[0].failure is not None
    assert nodes[0].failure.kind is FailureKind.TIMEOUT
    assert [node.answers for node in nodes[1:]] == [True, True, True]


def test_one_that_falls_silent_while_it_is_watched_is_lost_with_all_it_said(
    cluster: Cluster, interrupt: Interrupt
) -> None:
    network = Network(cluster.standbys[0].dsn())
    threading.Timer(0.6, network.silence).start()
    nodes = ask(interrupt, cluster.primary.dsn(), network.dsn, bounds=Bounds(1.5, 1.5, 0.1)).nodes
    assert nodes[0].answers
    assert nodes[1].failure is not None
    assert nodes[1].failure.kind is FailureKind.LOST
    assert (nodes[1].positions, nodes[1].timeline) == ((), None)


def test_one_whose_connection_breaks_while_it_is_watched_is_lost(cluster: Cluster, interrupt: Interrupt) -> None:
    network = Network(cluster.standbys[0].dsn())
    threading.Timer(0.5, network.cut).start()
    (node,) = ask(interrupt, network.dsn, bounds=Bounds(2.0, 1.5, 0.1)).nodes
    assert node.failure is not None
    assert node.failure.kind is FailureKind.LOST


def test_the_same_server_behind_two_addresses_is_one(cluster: Cluster, interrupt: Interrupt) -> None:
    dsn = cluster.primary.dsn()
    nodes = ask(interrupt, dsn, Network(dsn).dsn, cluster.standbys[0].dsn()).nodes
    assert len(without_twins(nodes)) == 2


def test_the_same_server_is_one_also_with_another_time_zone(cluster: Cluster, interrupt: Interrupt) -> None:
    dsn = cluster.standbys[0].dsn()
    nodes = ask(interrupt, dsn, f"{dsn} options='-c TimeZone=Asia/Tokyo'").nodes
    assert len(without_twins(nodes)) == 1


def test_the_same_server_is_one_by_its_unix_socket_too(interrupt: Interrupt) -> None:
    with embedded.create() as server:  # a container's socket can't be reached
        nodes = ask(interrupt, server.dsn(), server.server.dsn()).nodes
    assert [node.answers for node in nodes] == [True, True]
    assert len(without_twins(nodes)) == 1


def test_positions_of_another_server_behind_the_same_address_are_not_taken_for_the_nodes(
    cluster: Cluster, interrupt: Interrupt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pooler may spread the transactions of a session over several servers."""
    servers = (cluster.primary, cluster.standbys[0])
    one, other = (log_in(asked(server.dsn()).place, interrupt, bound=5.0) for server in servers)
    turns = iter([one, one, *[other] * 1000])
    truly = replication.position
    monkeypatch.setattr(replication, "position", lambda _session, bound: truly(next(turns), bound=bound))
    with closing(one), closing(other):
        (node,) = ask(interrupt, cluster.primary.dsn()).nodes
    assert node.failure is not None
    assert "another server answers" in node.failure.message


def test_a_role_whose_name_is_no_utf8_takes_no_other_fact_with_it(private_server: Server, interrupt: Interrupt) -> None:
    """A database with SQL_ASCII lets any bytes into the roles, which all databases share."""
    with closing(psycopg.connect(private_server.dsn(), autocommit=True)) as connection:
        provider = "LOCALE_PROVIDER libc" if connection.info.server_version >= 150000 else ""
        ascii_of_c = f"TEMPLATE template0 ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C' {provider}"
        connection.execute(f"CREATE DATABASE bytes {ascii_of_c}")
    with closing(psycopg.connect(private_server.dsn("bytes"), autocommit=True)) as connection:
        connection.pgconn.exec_(b"SET client_encoding = sql_ascii")
        connection.pgconn.exec_(b"CREATE ROLE caf\xe9; ALTER ROLE caf\xe9 SET synchronous_commit = off")
    (node,) = ask(interrupt, private_server.dsn()).nodes
    assert node.answers, node.failure
    assert [each.role for each in node.role_settings or ()] == ["caf\ufffd"]


def test_a_standby_that_would_be_serializable_by_default_answers(cluster: Cluster, interrupt: Interrupt) -> None:
    """PostgreSQL refuses serializable transactions on a standby, whatever they read."""
    dsn = cluster.standbys[0].dsn() + " options='-c default_transaction_isolation=serializable'"
    (node,) = ask(interrupt, dsn).nodes
    assert (node.answers, node.pause_state) == (True, "not paused")


def test_our_sessions_end_with_us(cluster: Cluster, interrupt: Interrupt) -> None:
    ask(interrupt, *all_of(cluster))
    ours = "SELECT FROM pg_stat_activity WHERE application_name = 'dbops test'"
    with closing(psycopg.connect(cluster.primary.dsn(), autocommit=True)) as connection:
        eventually(lambda: not connection.execute(ours).fetchall(), "a session of ours is still there")


def test_a_request_to_stop_ends_the_waiting(interrupt: Interrupt) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hung = f"host=127.0.0.1 port={silent.getsockname()[1]} user=postgres"
        threading.Timer(0.2, interrupt.request, ["SIGINT"]).start()
        with pytest.raises(Interrupted):
            ask(interrupt, hung, bounds=Bounds(600.0, 1.0, 0.1))


def test_one_that_was_promoted_meanwhile_is_a_primary_on_an_unknown_timeline() -> None:
    promoted = replace(standby(), positions=(*standby().positions, primary().positions[-1]))
    assert (_as_of(promoted).is_primary, _as_of(promoted).timeline) == (True, None)
    assert _as_of(standby()) == standby()
