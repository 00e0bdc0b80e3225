"""`dbops ha-status` when something is wrong with a standby, or only looks wrong."""

from __future__ import annotations

import pytest

from dbops.ha.snapshot import Limits
from faults.failover import (
    DEGRADED,
    HEAR_NOTHING,
    LITTLE,
    NOT_READY,
    READY,
    STARTUP,
    UNKNOWN,
    execute,
    frozen,
    hung,
    killed,
    once_watched,
    replay_paused,
    sender,
    settings,
    stopped,
    value,
    writing,
)
from faults.network import Network
from faults.scene import eventually


def test_a_healthy_cluster_is_ready(watched):
    said = watched.ask()
    assert said.troubles == set(), said.explain()
    assert said.verdicts == (READY, READY, 0)
    assert said.loses_nothing
    assert said.result.candidate.node in {"standby1", "standby2"}


def test_the_command_says_so_as_json_and_by_its_exit_status(watched):
    ran = watched.run("-o", "json")
    assert ran.status == 0, ran.explain()
    assert ran.data["verdict"] == READY
    assert ran.data["candidate"]["loss_bytes"] <= LITTLE
    with replay_paused(watched.standbys[0]), replay_paused(watched.standbys[1]):
        ran = watched.run("-o", "json")
    assert (ran.status, ran.data["verdict"]) == (1, DEGRADED), ran.explain()


@pytest.mark.parametrize("fault", [stopped, pytest.param(killed, marks=pytest.mark.at_full_count)])
def test_a_standby_that_is_down_leaves_the_other(watched, fault):
    with fault(watched.standbys[0]):
        said = watched.ask()
        named = watched.ask(candidate="standby1", observe=0.1)
    assert said.verdicts == (DEGRADED, DEGRADED, 1), said.explain()
    assert said.check("node-answers", "standby1").status == "warn"
    assert said.result.candidate.node == "standby2"
    assert said.node("standby1").state == "down"
    assert named.verdicts == (NOT_READY, NOT_READY, 2), named.explain()


def test_with_every_standby_down_there_is_nobody_to_promote(watched):
    with stopped(*watched.standbys):
        said = watched.ask()
    assert said.verdicts == (NOT_READY, NOT_READY, 2), said.explain()
    assert said.result.candidate is None
    assert "node-answers" in said.result.emergency.blockers


def test_a_standby_that_hangs_leaves_the_other_and_is_no_second_writer(watched):
    with hung(watched.standbys[0]):
        said = watched.ask(timeout=3.0)
        named = watched.ask(candidate="standby1", observe=0.1, timeout=0.5)
    assert said.verdicts == (DEGRADED, DEGRADED, 1), said.explain()
    assert said.check("node-answers", "standby1").status == "unknown"
    assert said.check("single-writer").status == "pass"
    assert said.node("standby1").lag_bytes is None
    assert said.result.candidate.node == "standby2"
    assert named.verdicts == (UNKNOWN, UNKNOWN, 3), named.explain()


def test_paused_replay_is_a_warning_and_what_is_received_is_not_lost(watched):
    first, second = watched.standbys
    with replay_paused(first), stopped(second):
        execute(watched.primary, "CREATE TABLE unreplayed AS SELECT repeat('x', 100) FROM generate_series(1, 20000)")
        position = value(watched.primary, "SELECT pg_current_wal_flush_lsn()::text")
        eventually(lambda: value(first, f"SELECT pg_last_wal_receive_lsn() >= '{position}'"), "it does not receive")
        said = watched.ask()
    assert said.verdicts == (DEGRADED, DEGRADED, 1), said.explain()
    assert said.check("replay-paused", "standby1").status == "warn"
    assert said.loses_nothing
    assert said.node("standby1").lag_bytes > 1_000_000
    assert said.result.emergency.promote_seconds is None
    execute(watched.primary, "DROP TABLE unreplayed")


def test_a_standby_that_pg_hba_keeps_out_is_not_zero_bytes_behind(watched):
    """The false zero: what it has received it has also replayed."""
    first, primary = watched.standbys[0], watched.primary
    with primary.hba_first("local replication all reject\nhost replication all all reject"):
        execute(primary, f"SELECT pg_terminate_backend(({sender('standby1')}))")
        eventually(lambda: value(first, HEAR_NOTHING), "it still receives")
        execute(primary, "CREATE TABLE unreceived AS SELECT repeat('x', 100) FROM generate_series(1, 20000)")
        eventually(
            lambda: value(first, "SELECT pg_last_wal_replay_lsn() = pg_last_wal_receive_lsn()"), "it still replays"
        )
        said = watched.ask()
        named = watched.ask(candidate="standby1")
    assert said.check("receiver-streaming", "standby1").status == "fail", said.explain()
    assert said.node("standby1").state == "not streaming"
    assert said.node("standby1").lag_bytes > 1_000_000
    assert said.result.candidate.node == "standby2"
    assert said.verdicts == (DEGRADED, DEGRADED, 1)
    assert named.verdicts == (NOT_READY, NOT_READY, 2), named.explain()
    assert named.result.emergency.blockers == ("receiver-streaming",)
    assert named.result.emergency.loss_bytes > 1_000_000
    execute(primary, "DROP TABLE unreceived")


def test_a_primary_that_is_idle_for_a_while_makes_no_lag(watched):
    """The false lag: the age of the last transaction that was replayed grows without anything being behind."""
    age = "SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())"
    execute(watched.primary, "CREATE TABLE IF NOT EXISTS once ()")
    watched.wait_until_well()
    eventually(lambda: value(watched.standbys[0], age) > 1.1, "the clock stands still")
    said = watched.ask(limits=Limits(warning_delay=1.0, critical_delay=1.0))
    assert said.troubles == set(), said.explain()
    assert max(said.node(name).lag_seconds for name in ("standby1", "standby2")) < 1.0


def test_an_apply_delay_is_a_warning(watched):
    with settings(watched.standbys[0], recovery_min_apply_delay="1h"):
        said = watched.ask(candidate="standby1")
    assert said.verdicts == (DEGRADED, DEGRADED, 1), said.explain()
    assert said.check("apply-delay", "standby1").status == "warn"


def test_replay_that_does_not_keep_up_with_heavy_writing_is_lag_that_rises(watched):
    first, second = watched.standbys
    limits = Limits(warning_lag=1, critical_lag=2**40)
    with frozen(first, STARTUP), hung(second), writing(watched.primary):
        said = watched.ask(limits=limits, observe=0.6, history=True)
    lag = said.check("lag", "standby1")
    assert (lag.status, "rising by" in lag.message) == ("warn", True), said.explain()
    assert said.verdicts == (DEGRADED, DEGRADED, 1)
    samples = [sample.lag_bytes for sample in said.node("standby1").history]
    assert samples == sorted(samples)
    assert samples[-1] > samples[0]
    assert said.result.emergency.promote_seconds is None


def test_what_is_not_received_under_heavy_writing_blocks_from_the_limit_on(watched):
    second = watched.standbys[1]
    with frozen(watched.primary, sender("standby1")), hung(second), writing(watched.primary) as written:
        eventually(lambda: written() > 3, "nothing is written")
        said = watched.ask(limits=Limits(warning_lag=1, critical_lag=100_000))
    assert said.check("lag", "standby1").status == "fail", said.explain()
    assert said.verdicts == (NOT_READY, NOT_READY, 2)
    assert said.result.emergency.blockers == ("lag",)
    assert said.result.emergency.loss_bytes >= 100_000
    # A standby that has replayed no commit since its start leaves the time unknown, which is not 0 either.
    assert said.result.emergency.loss_seconds != 0


def test_a_cascading_standby_is_seen_below_the_one_that_feeds_it(watched):
    first = watched.standbys[0]
    with first.standby("standby3") as third:
        execute(watched.primary, "CREATE TABLE IF NOT EXISTS cascaded ()")
        eventually(
            lambda: value(first, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"), "no cascade"
        )
        said = watched.ask(dsns={"standby3": third.dsn()})
        assert said.node("standby3").upstream == "standby1", said.explain()
        assert said.check("receiver-streaming", "standby3").status == "pass"
        assert said.node("standby3").lag_bytes <= LITTLE
        assert said.verdicts[2] in {0, 1}
        with hung(first):
            blind = watched.ask(dsns={"standby3": third.dsn()}, candidate="standby3", timeout=3.0)
        assert READY not in blind.verdicts, blind.explain()
    eventually(lambda: value(first, "SELECT count(*) = 0 FROM pg_stat_replication"), "the cascade goes on")
    execute(first, "SELECT pg_drop_replication_slot('standby3')")


@pytest.mark.parametrize("way", ["silence", pytest.param("cut", marks=pytest.mark.at_full_count)])
def test_a_standby_that_the_network_takes_away_while_it_is_watched_is_unknown(watched, way):
    first = watched.standbys[0]
    with Network(first.dsn()) as network, once_watched(first, getattr(network, way)):
        said = watched.ask(dsns={"standby1": network.dsn}, observe=0.8, timeout=3.0)
    assert said.check("node-answers", "standby1").status == "unknown", said.explain()
    assert said.node("standby1").lag_bytes is None
    assert said.result.candidate.node == "standby2"
    assert said.verdicts == (DEGRADED, DEGRADED, 1)
