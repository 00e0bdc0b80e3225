"""Replay that stands still: what a promotion would wait for, and what it would never reach."""

from __future__ import annotations

import pytest

from dbops.ha.checks.replay_stuck import examine
from dbops.ha.cluster import Cluster
from dbops.ha.lag import lag_of
from dbops.ha.replay import Cause, standstill
from dbops.ha.snapshot import Position
from dbops.results.ha import Status, Weight
from ha.clusters import HEAD, NOW, changed, healthy, primary, standby, with_settings
from ha.outcomes import only

FOR_WAL = "Activity/RecoveryWalStream"
QUERY = "IPC/RecoveryConflictSnapshot"


def at(moment: float, *, received: int = HEAD, replayed: int = HEAD, waits: str | None = FOR_WAL) -> Position:
    return Position(moment, moment + 0.01, True, NOW + moment, received=received, replayed=replayed, replay_waits=waits)


def still(waits: str | None, *, count: int = 3, left: int = 100) -> tuple[Position, ...]:
    return tuple(at(0.1 + number * 0.2, replayed=HEAD - left, waits=waits) for number in range(count))


def with_positions(positions: tuple[Position, ...], **settings: str) -> Cluster:
    return with_settings(changed(healthy(), "n2", positions=positions), "n2", **settings)


def judged(cluster: Cluster) -> tuple[Status, Weight | None, str]:
    outcome = only(examine, cluster, "n2")
    return outcome.status, outcome.weight, outcome.message


@pytest.mark.parametrize("waits", [QUERY, "Lock/relation", "BufferPin/BufferPin"])
def test_a_query_in_the_way_without_a_limit_blocks(waits: str) -> None:
    status, weight, message = judged(with_positions(still(waits), max_standby_streaming_delay="-1"))
    assert (status, weight) == (Status.FAIL, None)
    assert "a promotion waits until that ends" in message


def test_a_query_in_the_way_until_a_limit_is_a_warning_and_an_unknown_limit_is_none() -> None:
    status, weight, message = judged(with_positions(still(QUERY), max_standby_streaming_delay="30000"))
    assert (status, weight) == (Status.FAIL, Weight.WARNING)
    assert "30 s at most" in message
    assert judged(with_positions(still(QUERY)))[:2] == (Status.FAIL, None)


def test_half_a_record_is_a_warning_and_what_was_received_of_it_is_lost() -> None:
    cluster = with_positions(still(FOR_WAL))
    status, weight, message = judged(cluster)
    assert (status, weight, "a promotion would end there" in message) == (Status.FAIL, Weight.WARNING, True)
    node = cluster.node("n2")
    assert node is not None
    assert cluster.lag(node).loss_bytes == 100
    assert not cluster.lag(node).ahead


def test_what_a_query_holds_up_is_not_lost() -> None:
    lag = lag_of(primary(), standby(positions=still(QUERY)))
    assert (lag.loss_bytes, lag.bytes) == (0, 100)


def test_where_the_reason_is_hidden_it_is_unknown_and_counts_as_lost() -> None:
    cluster = changed(with_positions(still(None)), "n2", denied={"activity": "GRANT pg_monitor TO m"})
    outcome = only(examine, cluster, "n2")
    assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, "GRANT pg_monitor TO m")
    assert lag_of(primary(), standby(positions=still(None))).loss_bytes == 100


@pytest.mark.parametrize(
    "positions",
    [
        still(FOR_WAL, left=0),
        (at(0.1, replayed=HEAD - 9), at(0.3), at(0.5, received=HEAD + 50)),
        (at(0.1, replayed=HEAD - 300), at(0.3, replayed=HEAD - 200), at(0.5, replayed=HEAD - 100)),
        still("running"),
        still("IO/WALRead"),
    ],
)
def test_replay_that_moves_has_nothing_left_or_works_for_a_moment_passes(positions: tuple[Position, ...]) -> None:
    cluster = with_positions(positions)
    assert judged(cluster)[0] is Status.PASS
    node = cluster.node("n2")
    assert node is not None
    assert cluster.lag(node).loss_bytes == 0


def test_replay_that_works_at_one_thing_for_long_is_a_warning() -> None:
    assert judged(with_positions(still("IO/DataFileRead", count=7)))[:2] == (Status.FAIL, Weight.WARNING)


@pytest.mark.parametrize(("waits", "state"), [("IPC/RecoveryPause", "paused"), ("Timeout/RecoveryApplyDelay", None)])
def test_replay_that_waits_on_purpose_is_judged_elsewhere(waits: str, state: str | None) -> None:
    cluster = changed(with_positions(still(waits)), "n2", pause_state=state or "not paused")
    assert judged(cluster)[0] is Status.SKIPPED
    node = cluster.node("n2")
    assert node is not None
    assert cluster.lag(node).loss_bytes == 0


def test_one_position_shows_no_standstill_but_that_nothing_is_left() -> None:
    assert judged(with_positions(still(FOR_WAL, count=1)))[0] is Status.UNKNOWN
    assert judged(with_positions(still(FOR_WAL, count=1, left=0)))[0] is Status.PASS
    assert judged(with_positions(()))[0] is Status.UNKNOWN


def test_a_standstill_is_as_old_as_the_first_position_of_it() -> None:
    found = standstill(standby(positions=(at(0.1, replayed=HEAD - 500), *still(QUERY)[1:])))
    assert found is not None
    assert (found.bytes, found.cause) == (100, Cause.HELD)
    assert found.seconds == pytest.approx(0.21)
