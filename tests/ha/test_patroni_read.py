"""Patroni's answers as values: real ones of 4.1.5, ones of older versions, and whatever else may listen there."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.ha.patroni_read import Status, is_status, members_of, with_cluster, with_config, with_seed, with_status
from dbops.ha.snapshot import Failure, Patroni, PatroniMember
from dbops.results.ha import FailureKind
from ha.patronis import CLOCK, CLUSTER, URL, member, own, patroni

FAILURE = Failure(FailureKind.TIMEOUT, "no answer within 2 s")


def test_a_healthy_cluster_is_read_whole() -> None:
    said = patroni()
    assert (said.scope, said.version, said.paused, said.failure) == ("demo", "4.1.5", False, None)
    assert said.leader is not None
    assert said.leader.name == "n1"
    n2 = member(said, "n2")
    assert (n2.role, n2.state, n2.host, n2.port, n2.timeline) == ("replica", "streaming", "n2", 5432, 7)
    assert (n2.lag_bytes, n2.received, n2.in_recovery, n2.dcs_age_s) == (0, 83886080, True, 1.0)
    assert (n2.pending_restart, n2.watchdog_failed, n2.failsafe_active) == (False, False, False)
    assert n2.tags == {"failover_priority": 2}
    assert said.leader.in_recovery is False


def test_a_pause_and_a_planned_switchover_are_seen() -> None:
    planned = {"at": "2027-04-14T20:27:00+00:00", "from": "n3", "to": "n1"}
    said = with_cluster(patroni(), {**CLUSTER, "pause": True, "scheduled_switchover": planned})
    assert said.paused is True
    assert said.scheduled_switchover == "2027-04-14T20:27:00+00:00 from n3 to n1"


def test_an_unknown_lag_is_none_and_never_zero() -> None:
    said = copy.deepcopy(CLUSTER)
    said["members"][1]["lag"] = "unknown"
    del said["members"][2]["lag"]
    assert [each.lag_bytes for each in members_of(said) or ()] == [None, None, None]


@pytest.mark.parametrize(
    ("lsns", "position"),
    [
        ([("0/5000000", 0), ("0/5000100", 0)], 0x5000000),
        ([("0/5000000", 0x100), ("0/5000100", 0)], 0x5000100),
        ([("2/10", 0x10), ("unknown", "unknown")], (2 << 32) + 0x20),
        ([("unknown", "unknown")], None),
        ([("0x5/1", 0), (None, 5)], None),
    ],
)
def test_the_leaders_position_is_what_lags_are_distances_from(lsns: list[Any], position: int | None) -> None:
    members = [{"name": f"n{number}", "lsn": lsn, "lag": lag} for number, (lsn, lag) in enumerate(lsns)]
    assert with_cluster(Patroni(URL), {"members": members}).position == position


def test_a_server_that_is_down_is_neither_primary_nor_standby() -> None:
    said = {"state": "stopped", "role": "uninitialized", "dcs_last_seen": 1795574711, "patroni": {"version": "4.1.5"}}
    read = with_status(PatroniMember("n2"), Status(said, CLOCK))
    assert (read.state, read.in_recovery, read.received) == ("stopped", None, None)


def test_what_a_member_says_of_itself_is_newer_than_what_the_cluster_says() -> None:
    said = {**own("n2"), "tags": {"nofailover": True}, "pending_restart": True, "watchdog_failed": True}
    del said["replication_state"]
    read = with_status(PatroniMember("n2", state="streaming", tags={}), Status(said, CLOCK))
    assert (read.tags, read.pending_restart, read.watchdog_failed) == ({"nofailover": True}, True, True)
    assert read.state == "streaming"  # before 3.3 it says nothing of replication there


def test_a_state_that_patroni_itself_does_not_know_is_unknown() -> None:
    assert with_status(PatroniMember("n2"), Status({**own("n2"), "state": "unknown"}, CLOCK)).state is None


def test_an_address_that_leads_to_another_member_says_nothing_of_this_one() -> None:
    before = PatroniMember("n2", failure=FAILURE)
    assert with_status(before, Status(own("n3"), CLOCK)) is before


def test_where_the_cluster_is_unknown_the_member_that_was_asked_is_known() -> None:
    said = with_seed(Patroni(URL, members_failure=FAILURE), Status(own("n3"), CLOCK))
    assert [(each.name, each.dcs_age_s, each.role) for each in said.members] == [("n3", 1.0, None)]
    assert (said.scope, said.leader, said.paused) == ("demo", None, None)


def test_one_that_does_not_say_its_name_goes_by_its_address() -> None:
    said = {**own("n3"), "patroni": {"version": "2.1.4", "scope": "demo"}}
    read = with_seed(Patroni(URL, members_failure=FAILURE), Status(said, CLOCK))
    assert [each.name for each in read.members] == ["10.0.0.1:8008"]


def test_the_member_that_was_asked_counts_also_where_its_own_address_is_out_of_reach() -> None:
    known = Patroni(URL, members=(PatroniMember("n3", role="replica", failure=FAILURE),))
    read = member(with_seed(known, Status(own("n3"), CLOCK)), "n3")
    assert (read.failure, read.role, read.dcs_age_s) == (None, "replica", 1.0)


def test_without_the_servers_clock_an_age_is_unknown() -> None:
    assert with_status(PatroniMember("n2"), Status(own("n2"), None)).dcs_age_s is None


def test_what_another_program_answers_is_no_cluster() -> None:
    assert members_of({"health": "true"}) is None
    assert members_of([]) is None
    assert not is_status({"state": "running"})


def test_names_can_not_steer_a_terminal() -> None:
    read = members_of({"members": [{"name": "n1\x1b[2J\n", "state": "\x07"}]})
    assert read is not None
    assert (read[0].name, read[0].state) == ("n1�[2J�", "�")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["members", "name", "role", "state", "api_url", "host", "port", "timeline", "lag", "tags", "pending_restart",
        "pause", "scheduled_switchover", "at", "scope", "xlog", "lsn", "received_location", "location", "dcs_last_seen",
        "patroni", "version", "watchdog_failed", "replication_state"]  # fmt: skip
SHAPED = st.recursive(
    JSON,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8),
    max_leaves=20,
)


@given(SHAPED, SHAPED, SHAPED)
def test_whatever_is_answered_is_read(cluster: object, config: object, status: object) -> None:
    members = members_of(cluster) or ()
    known = with_config(with_cluster(Patroni(URL, members=members), cluster), config)
    read = with_seed(known, Status(status, CLOCK))
    for each in (*members, *read.members):
        assert each.port is None or 0 < each.port < 65536
        assert each.lag_bytes is None or each.lag_bytes >= 0
        assert each.name.isprintable()
    assert read.paused in {True, False, None}
