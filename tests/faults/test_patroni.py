"""A real cluster under Patroni and etcd: what automatic failover would do is told before, and then it does that."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest

from dbops.ha.patroni import ask, members_to_ask
from dbops.ha.patroni_rules import lag_of
from dbops.ha.request import Address, Request
from dbops.ha.status import ha_status
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.results.ha import HaCheck, HaStatus, Status, Verdict
from faults.scene import eventually, full_count
from servers import patroni
from servers.patroni import TTL, PatroniCluster, asked

pytestmark = pytest.mark.fault

PATIENCE = 60
MB = 1024**2
EVERYBODY = ("n1", "n2", "n3")


@pytest.fixture(scope="module")
def managed() -> Iterator[PatroniCluster]:
    """Three members, which each test leaves as it found them."""
    patroni.clean_leftovers()
    with PatroniCluster(3) as cluster:
        yield cluster


@pytest.fixture
def well(managed: PatroniCluster) -> PatroniCluster:
    """The cluster when all stream, and nobody is preferred."""
    eventually(managed.is_well, "not all stream", PATIENCE)
    for member in managed.members:
        if member.tags:
            managed.tag(member.name)
    return managed


def status(cluster: PatroniCluster, *nodes: str, through: str | None = None, **options: Any) -> HaStatus:
    """Ask dbops about the nodes (or one, from which Patroni leads to the others), and the Patroni of one member."""
    addresses = tuple(Address(Dsn(cluster.dsn(name), "a test"), None) for name in nodes or ("n1",))
    url = cluster.member(through or cluster.leader() or "n1").url
    wanted = {"timeout": 10.0, "observe": 0.3, "every": 0.05, "patroni": url, **options}
    with Interrupt() as interrupt:
        return ha_status(Request(addresses, **wanted), interrupt)


def found(result: HaStatus, check: str, node: str | None = None) -> HaCheck:
    """Return what a check says of a node."""
    return next(each for each in result.checks if each.id == check and each.node == node)


def automatic(result: HaStatus) -> tuple[bool | None, str | None, str | None]:
    """Return whether it is armed, who leads, and who would be promoted."""
    assert result.automatic is not None
    return (result.automatic.armed, result.automatic.leader, result.automatic.chooses)


def writers(cluster: PatroniCluster, through: str) -> list[str]:
    """Return who takes writes, as dbops sees it."""
    nodes = status(cluster, *EVERYBODY, through=through).nodes
    return [node.name for node in nodes if node.role == "primary"]


def leader_of(cluster: PatroniCluster) -> str:
    leader = cluster.leader()
    assert leader is not None
    return leader


def execute(cluster: PatroniCluster, name: str, statement: str) -> None:
    with closing(psycopg.connect(cluster.dsn(name), autocommit=True, connect_timeout=10)) as connection:
        connection.execute(statement)


def post(cluster: PatroniCluster, path: str, **body: str) -> int:
    """Ask Patroni to act; return the HTTP status."""
    try:
        asked(f"{cluster.member(leader_of(cluster)).url}{path}", "POST", body)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    return 200


@contextmanager
def frozen_etcd(cluster: PatroniCluster) -> Iterator[None]:
    cluster.freeze_etcd()
    try:
        yield
    finally:
        cluster.thaw_etcd()


@contextmanager
def frozen(cluster: PatroniCluster, name: str) -> Iterator[None]:
    cluster.freeze(name)
    try:
        yield
    finally:
        cluster.thaw(name)


def test_a_healthy_cluster_is_armed_and_every_member_is_found(well: PatroniCluster) -> None:
    leader, standbys = leader_of(well), well.standbys()
    well.tag(standbys[1], failover_priority=2)
    result = status(well, leader)
    assert automatic(result) == (True, leader, standbys[1])
    assert [node.name for node in sorted(result.nodes, key=lambda node: node.name)] == list(EVERYBODY)
    assert found(result, "patroni-candidate", standbys[1]).message == "Patroni would choose it"
    patronis = [check for check in result.checks if check.id.startswith("patroni-")]
    assert {check.status for check in patronis if check.id != "patroni-watchdog"} == {Status.PASS}
    assert found(result, "patroni-watchdog").status is Status.UNKNOWN
    assert result.verdict is Verdict.READY, [check for check in result.checks if check.status is not Status.PASS]


def test_any_member_knows_where_all_are(well: PatroniCluster) -> None:
    expected = {("127.0.0.1", member.port, member.name) for member in well.members}
    for member in well.members:
        assert set(members_to_ask(ask(member.url, 5))) == expected


def test_a_paused_cluster_is_not_armed_and_can_still_be_switched_over(well: PatroniCluster) -> None:
    leader, candidate = leader_of(well), well.standbys()[0]
    well.configure(pause=True)
    try:
        eventually(lambda: ask(well.member(leader).url, 5).paused, "it is not paused")
        result = status(well, leader)
        assert automatic(result) == (False, leader, None)
        assert found(result, "patroni-paused").status is Status.FAIL
        assert result.emergency.verdict is Verdict.NOT_READY
        assert result.emergency.blockers == ("patroni-paused",)
        assert result.switchover.verdict is Verdict.READY
        assert post(well, "/switchover", leader=leader, candidate=candidate) == 200
        assert leader_of(well) == candidate
    finally:
        well.configure(pause=None)
    eventually(lambda: ask(well.member(leader).url, 5).paused is False, "it is still paused")


def test_a_standby_tagged_nofailover_is_no_candidate_and_patroni_refuses_it_too(well: PatroniCluster) -> None:
    leader, standbys = leader_of(well), well.standbys()
    well.tag(standbys[0], nofailover=True)
    result = status(well, leader)
    assert automatic(result) == (True, leader, standbys[1])
    assert found(result, "patroni-candidate", standbys[0]).status is Status.FAIL
    assert result.switchover.candidate == result.emergency.candidate == standbys[1]
    assert post(well, "/switchover", leader=leader, candidate=standbys[0]) == 412
    assert post(well, "/failover", candidate=standbys[0]) == 412
    well.tag(standbys[1], failover_priority=0)
    result = status(well, leader)
    assert automatic(result) == (False, leader, None)
    assert (result.switchover.verdict, result.emergency.verdict) == (Verdict.NOT_READY, Verdict.NOT_READY)


def test_a_standby_that_lags_too_far_is_no_candidate(well: PatroniCluster) -> None:
    leader, standbys = leader_of(well), well.standbys()

    def lags() -> bool:
        said = ask(well.member(leader).url, 5)
        return (lag_of(said, next(each for each in said.members if each.name == standbys[0])) or 0) > MB

    with well.frozen_receiver(standbys[0]):
        execute(well, leader, "SELECT pg_logical_emit_message(false, 'dbops', repeat('x', 4194304))")
        eventually(lags, "Patroni sees no lag")
        result = status(well, leader)
    assert automatic(result) == (True, leader, standbys[1])
    assert "over maximum_lag_on_failover (1.0 MB)" in found(result, "patroni-candidate", standbys[0]).message
    assert result.emergency.candidate == standbys[1]


def test_a_frozen_patroni_of_the_leader_is_told_with_what_comes_of_it(well: PatroniCluster) -> None:
    leader, standbys = leader_of(well), well.standbys()
    with frozen(well, leader):
        result = status(well, leader, through=standbys[0], timeout=4.0)
        itself = status(well, *EVERYBODY, through=leader, timeout=4.0)
    check = found(result, "patroni-leader")
    assert check.status is Status.UNKNOWN
    assert f"another is promoted, within {TTL} s, beside it" in check.message
    assert result.verdict is Verdict.DEGRADED
    assert automatic(itself) == (None, None, None)
    assert found(itself, "patroni-answers").status is Status.UNKNOWN
    assert itself.verdict is Verdict.DEGRADED


def test_once_its_lock_is_over_there_are_two_writers_and_that_is_told(well: PatroniCluster) -> None:
    leader = leader_of(well)
    with frozen(well, leader):
        well.expire_lock()
        other = eventually(lambda: next(iter({well.leader()} - {None, leader}), None), "nobody took over", PATIENCE)
        eventually(lambda: len(writers(well, other)) == 2, "there are no two writers")
        result = status(well, *EVERYBODY, through=other)
    # Its lease was also what made it a member, so it has no name any more.
    old = f"127.0.0.1:{well.member(leader).port}"
    assert found(result, "patroni-leader").message == f"{old} takes writes, and Patroni's leader is {other}"
    assert found(result, "single-writer").status is Status.FAIL
    assert (result.switchover.verdict, result.emergency.verdict) == (Verdict.NOT_READY, Verdict.NOT_READY)


def test_a_frozen_etcd_arms_nothing(well: PatroniCluster) -> None:
    """Patroni answers for some seconds from what it has seen last; then the leader makes itself a standby."""
    leader = leader_of(well)

    def without_etcd() -> HaStatus | None:
        result = status(well, *EVERYBODY, through=leader, timeout=4.0)
        return result if automatic(result)[0] is None else None

    def demoted() -> bool:
        result = status(well, *EVERYBODY, through=leader, timeout=4.0)
        return result.verdict is Verdict.NOT_READY and all(node.role != "primary" for node in result.nodes)

    def lost() -> bool:
        result = status(well, *EVERYBODY, through=leader, timeout=4.0)
        return found(result, "patroni-dcs").status is Status.FAIL

    with frozen_etcd(well):
        result = eventually(without_etcd, "it is still armed without etcd", PATIENCE)
        assert automatic(result) == (None, None, None)
        assert found(result, "patroni-dcs").status is Status.UNKNOWN
        assert result.verdict is not Verdict.READY
        eventually(demoted, "the leader still writes", PATIENCE)
        if full_count(0, 1):
            eventually(lost, "the DCS is not called lost", PATIENCE)


@pytest.mark.parametrize(
    "wait", [False, pytest.param(True, marks=pytest.mark.at_full_count)], ids=["expired", "waited"]
)
def test_the_member_that_was_said_to_be_chosen_is_chosen(well: PatroniCluster, wait: bool) -> None:
    leader, standbys = leader_of(well), well.standbys()
    well.tag(standbys[0], failover_priority=1)
    well.tag(standbys[1], failover_priority=2)
    before = status(well, leader)
    armed, _, chosen = automatic(before)
    assert (armed, chosen) == (True, standbys[1])
    execute(well, leader, "CREATE TABLE IF NOT EXISTS kept (entry int)")
    execute(well, leader, "INSERT INTO kept VALUES (1)")
    well.kill(leader)
    try:
        if not wait:
            well.expire_lock()
        eventually(lambda: well.leader() not in {None, leader}, "nobody took over", PATIENCE)
        assert well.leader() == chosen
        after = status(well, *standbys, through=chosen)
        assert found(after, "patroni-leader").status is Status.PASS
        execute(well, standbys[1], "INSERT INTO kept SELECT entry + 1 FROM kept")
    finally:
        well.start(leader)
