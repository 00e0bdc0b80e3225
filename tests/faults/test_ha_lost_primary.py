"""`dbops ha-status` when the primary is gone, or can only not be seen from here."""

from __future__ import annotations

import pytest

from dbops.results.ha import Question
from faults.failover import (
    DEGRADED,
    HEAR_NOTHING,
    NOT_READY,
    UNKNOWN,
    execute,
    hung,
    killed,
    once_watched,
    sender,
    stopped,
    value,
    writing,
)
from faults.network import Network
from faults.scene import eventually
from servers.ports import free_port

NOBODY = "host=127.0.0.1 port={} user=postgres dbname=postgres password=test"


@pytest.mark.parametrize("fault", [killed, pytest.param(stopped, marks=pytest.mark.at_full_count)])
def test_a_primary_that_is_down_leaves_a_promotion_whose_loss_is_unknown(watched, fault):
    with fault(watched.primary):
        for standby in watched.standbys:
            eventually(lambda standby=standby: value(standby, HEAR_NOTHING), "it still receives")
        said = watched.ask()
        emergency = watched.ask(questions=(Question.EMERGENCY,), observe=0.1)
    assert said.verdicts == (NOT_READY, DEGRADED, 2), said.explain()
    assert said.result.switchover.blockers == ("single-writer",)
    assert said.check("single-writer").message == "no node takes writes"
    assert said.check("primary-alive").status == "warn"
    assert said.node("primary").state == "down"
    candidate = said.result.candidate
    assert candidate.node in {"standby1", "standby2"}
    assert (candidate.loss_bytes, candidate.loss_seconds) == (None, None)
    assert emergency.verdicts[2] == 1


def test_the_exit_status_and_json_of_a_lost_primary(watched):
    with killed(watched.primary):
        for standby in watched.standbys:
            eventually(lambda standby=standby: value(standby, HEAR_NOTHING), "it still receives")
        ran = watched.run("-o", "json")
        emergency = watched.run("--for", "emergency")
    assert (ran.status, ran.data["verdict"]) == (2, NOT_READY), ran.explain()
    assert ran.data["candidate"]["loss_bytes"] is None
    assert emergency.status == 1, emergency.explain()


def test_a_primary_that_hangs_may_be_alive(watched):
    with hung(watched.primary):
        said = watched.ask(timeout=3.0)
    assert said.verdicts == (UNKNOWN, UNKNOWN, 3), said.explain()
    assert said.check("primary-alive").status == "unknown"
    assert said.check("single-writer").status == "unknown"
    assert said.check("node-answers", "primary").status == "unknown"
    assert said.node("primary").lag_bytes is None


@pytest.mark.parametrize("way", ["refused", "silent"])
def test_a_primary_that_only_we_cannot_reach_is_alive_while_its_standbys_hear_it(watched, way):
    """Nothing answers at its address (a firewall, a wrong port, a proxy that is down), and it goes on writing."""
    with Network(watched.primary.dsn()) as network, writing(watched.primary):
        network.silence()
        said = watched.ask(
            dsns={"primary": network.dsn if way == "silent" else NOBODY.format(free_port())}, timeout=3.0
        )
    assert said.check("primary-alive").status == "fail", said.explain()
    assert "is alive" in said.check("primary-alive").message
    assert said.verdicts == (NOT_READY, NOT_READY, 2)
    assert "primary-alive" in said.result.emergency.blockers


def test_an_idle_primary_that_only_we_cannot_reach_is_not_taken_for_dead(watched):
    said = watched.ask(dsns={"primary": NOBODY.format(free_port())})
    # Whether they hear it depends on what it writes for itself in that moment.
    assert said.check("primary-alive").status in {"fail", "unknown"}, said.explain()
    assert said.result.emergency.verdict in {NOT_READY, UNKNOWN}


def test_a_primary_that_is_lost_while_it_is_watched(watched):
    with Network(watched.primary.dsn()) as network, once_watched(watched.primary, network.cut):
        said = watched.ask(dsns={"primary": network.dsn}, observe=0.8, timeout=3.0)
    assert said.check("node-answers", "primary").status == "unknown", said.explain()
    assert said.check("primary-alive").status in {"fail", "unknown"}
    assert {said.result.switchover.verdict, said.result.emergency.verdict} <= {NOT_READY, UNKNOWN}
    assert said.node("standby1").lag_bytes is None


def test_with_every_node_down_nobody_can_be_promoted(watched):
    with stopped(watched.primary, *watched.standbys):
        said = watched.ask()
    assert said.verdicts == (NOT_READY, NOT_READY, 2), said.explain()
    assert said.result.candidate is None


def test_with_the_primary_lost_the_standby_that_has_more_is_chosen(watched):
    """The other one was kept out of the primary, by whose death it can't be asked for what it has not sent."""
    primary, (first, second) = watched.primary, watched.standbys
    with primary.hba_first("local replication all reject\nhost replication all all reject"):
        execute(primary, f"SELECT pg_terminate_backend(({sender('standby1')}))")
        eventually(lambda: value(first, HEAR_NOTHING), "it still receives")
        execute(primary, "CREATE TABLE missed ()")
        watched_position = value(primary, "SELECT pg_current_wal_flush_lsn()::text")
        eventually(lambda: value(second, f"SELECT pg_last_wal_replay_lsn() >= '{watched_position}'"), "no replay")
        with killed(primary):
            eventually(lambda: value(second, HEAR_NOTHING), "it still receives")
            said = watched.ask()
    assert said.result.candidate.node == "standby2", said.explain()
    assert said.verdicts == (NOT_READY, DEGRADED, 2)
    execute(primary, "DROP TABLE missed")
