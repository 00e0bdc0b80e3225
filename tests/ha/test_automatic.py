"""What Patroni would do by itself: whether it is armed, and whom it would choose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.ha.automatic import automatic
from dbops.ha.patroni_rules import nofailover, priority
from dbops.ha.snapshot import Failure, Patroni, PatroniMember
from dbops.results.ha import Automatic, FailureKind
from ha.patronis import changed, cluster, configured, patroni

SILENT = Failure(FailureKind.TIMEOUT, "no answer within 2 s")
POSITION = 83886080
OTHER_N3 = {"tags": {"failover_priority": 2}}


def judged(of: Patroni) -> Automatic:
    said = automatic(cluster(of))
    assert said is not None
    return said


def answer(of: Patroni) -> tuple[bool | None, str | None]:
    said = judged(of)
    return said.armed, said.chooses


def test_without_patroni_nothing_is_said() -> None:
    assert automatic(cluster(None)) is None


def test_a_healthy_cluster_is_armed_and_the_higher_priority_is_chosen() -> None:
    said = judged(patroni())
    assert (said.manager, said.armed, said.leader, said.chooses) == ("Patroni", True, "n1", "n2")
    assert "failover_priority (2)" in said.reason
    assert "30 s" in said.reason


def test_when_paused_nobody_is_chosen() -> None:
    assert answer(replace(patroni(), paused=True)) == (False, None)


@pytest.mark.parametrize(
    "unknown",
    [
        replace(patroni(), failure=SILENT),
        replace(patroni(), members_failure=SILENT),
        replace(patroni(), paused=None),
        replace(patroni(), members=()),
        changed(patroni(), "n1", dcs_last_seen=1.0),
    ],
    ids=["api silent", "cluster silent", "pause unknown", "no leader", "leader without DCS"],
)
def test_what_can_not_be_told_is_unknown(unknown: Patroni) -> None:
    assert answer(unknown) == (None, None)


def test_a_dcs_that_is_out_of_reach_is_dated() -> None:
    dark = replace(patroni(), members_failure=SILENT, members=(PatroniMember("n1", dcs_last_seen=5.0, asked_at=17.0),))
    assert "the DCS was last seen 12 s ago by n1" in judged(dark).reason


@pytest.mark.parametrize(
    "against",
    [
        {"tags": {"nofailover": True}},
        {"tags": {"nofailover": True, "failover_priority": 5}},
        {"tags": {"failover_priority": 0}},
        {"state": "crashed"},
        {"state": "starting"},
        {"received": POSITION - 1048577},
        {"watchdog_failed": True},
        {"dcs_last_seen": 1795574000.0},
    ],
    ids=str,
)
def test_one_that_may_not_lead_is_not_chosen(against: dict[str, object]) -> None:
    assert answer(changed(patroni(), "n2", **against)) == (True, "n3")


def test_a_lag_that_is_only_that_of_a_turn_that_came_earlier_is_none() -> None:
    assert answer(changed(patroni(), "n2", lag_bytes=500 * 1024**2)) == (True, "n2")


def test_a_patroni_that_does_not_tell_the_leaders_position_tells_bounds() -> None:
    older = replace(patroni(), position=None)
    late = changed(older, "n2", lag_bytes=500 * 1024**2)
    assert answer(late) == (True, "n2")  # level with the leader's own position
    assert answer(changed(late, "n2", received=POSITION - 2 * 1024**2)) == (True, "n3")
    assert answer(changed(late, "n1", received=None)) == (True, "n3")


def test_when_none_may_lead_it_is_not_armed() -> None:
    none = changed(changed(patroni(), "n2", tags={"nofailover": True}), "n3", received=POSITION - 2 * 1024**2)
    said = judged(none)
    assert (said.armed, said.chooses) == (False, None)
    assert "n2: it is tagged nofailover" in said.reason
    assert "n3: its lag of 2.0 MB is over maximum_lag_on_failover (1.0 MB)" in said.reason


def test_a_leader_alone_is_not_armed() -> None:
    alone = replace(patroni(), members=patroni().members[:1])
    assert answer(alone) == (False, None)


@pytest.mark.parametrize(
    "unknown",
    [{"failure": SILENT}, {"state": None}, {"received": None, "lag_bytes": None}, {"dcs_last_seen": None}],
    ids=str,
)
def test_one_of_which_something_is_unknown_makes_the_choice_unknown(unknown: dict[str, object]) -> None:
    assert answer(changed(patroni(), "n3", **unknown)) == (True, None)
    assert answer(changed(changed(patroni(), "n3", **unknown), "n2", tags={"nofailover": True})) == (None, None)


def test_one_that_may_not_lead_anyway_leaves_the_choice_known() -> None:
    assert answer(changed(patroni(), "n3", failure=SILENT, tags={"nofailover": True})) == (True, "n2")


def test_without_the_configuration_the_rules_are_unknown() -> None:
    assert answer(replace(patroni(), config=None)) == (None, None)


def test_equal_members_race() -> None:
    said = judged(changed(patroni(), "n3", **OTHER_N3))
    assert said.chooses is None
    assert said.armed is True
    assert "n2 or n3" in said.reason


def test_of_two_that_stream_the_one_with_more_wal_then_is_not_known_now() -> None:
    assert answer(changed(patroni(), "n3", received=POSITION + 100)) == (True, None)


def test_one_that_does_not_stream_stays_behind() -> None:
    assert answer(changed(patroni(), "n2", received=POSITION - 100, state="running")) == (True, "n3")
    assert answer(changed(patroni(), "n2", received=None)) == (True, None)


def test_in_synchronous_mode_synchronous_standbys_alone_are_chosen() -> None:
    synchronous = configured(patroni(), synchronous_mode=True)
    assert answer(synchronous) == (False, None)
    assert answer(changed(synchronous, "n3", role="sync_standby")) == (True, "n3")


def test_under_quorum_commit_others_may_win_too() -> None:
    assert answer(configured(patroni(), synchronous_mode="quorum")) == (True, "n2")


def test_timelines_count_where_patroni_checks_them() -> None:
    behind = changed(patroni(), "n2", timeline=6)
    assert answer(behind) == (True, "n2")
    assert answer(configured(behind, check_timeline=True)) == (True, "n3")
    unknown = changed(configured(patroni(), check_timeline=True), "n2", timeline=None)
    assert answer(unknown) == (True, None)


@pytest.mark.parametrize(
    ("tags", "never", "first"),
    [
        ({}, False, 1),
        ({"nofailover": False, "failover_priority": 0}, False, 0),
        ({"nofailover": True, "failover_priority": 3}, True, 0),
        ({"failover_priority": "3"}, False, 3),
        ({"failover_priority": -1}, True, -1),
        ({"failover_priority": "often"}, False, 1),
    ],
)
def test_tags_are_read_as_patroni_reads_them(tags: dict[str, object], never: bool, first: int) -> None:
    member = PatroniMember("n2", tags=tags)
    assert (nofailover(member) is not None, priority(member)) == (never, first)
