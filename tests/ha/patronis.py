"""What Patroni's REST API says of the cluster n1, n2, n3, as Patroni 4.1.5 said it, and ways to change it."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from dbops.ha.cluster import Cluster
from dbops.ha.patroni_read import Status, members_of, with_cluster, with_config, with_seed, with_status
from dbops.ha.snapshot import Patroni, PatroniMember
from ha.clusters import healthy

URL = "http://10.0.0.1:8008"
CLOCK = 1_795_574_712.0

CLUSTER: dict[str, Any] = {
    "members": [
        {"name": "n1", "role": "leader", "state": "running", "api_url": "http://10.0.0.1:8008/patroni",
         "host": "n1", "port": 5432, "timeline": 7},
        {"name": "n2", "role": "replica", "state": "streaming", "api_url": "http://10.0.0.2:8008/patroni",
         "host": "n2", "port": 5432, "timeline": 7, "tags": {"failover_priority": 2}, "receive_lag": 0,
         "receive_lsn": "0/5000000", "replay_lag": 0, "replay_lsn": "0/5000000", "lag": 0, "lsn": "0/5000000"},
        {"name": "n3", "role": "replica", "state": "streaming", "api_url": "http://10.0.0.3:8008/patroni",
         "host": "n3", "port": 5432, "timeline": 7, "tags": {"failover_priority": 1}, "receive_lag": 0,
         "receive_lsn": "0/5000000", "replay_lag": 0, "replay_lsn": "0/5000000", "lag": 0, "lsn": "0/5000000"},
    ],
    "scope": "demo",
}  # fmt: skip

CONFIG: dict[str, Any] = {"ttl": 30, "loop_wait": 10, "retry_timeout": 10, "maximum_lag_on_failover": 1048576}


def own(name: str) -> dict[str, Any]:
    """Return what ``GET /patroni`` of a member says."""
    said: dict[str, Any] = {
        "state": "running",
        "postmaster_start_time": "2026-11-25 02:44:54.511115+00:00",
        "role": "primary" if name == "n1" else "replica",
        "server_version": 150020,
        "xlog": {"location": 83886080},
        "timeline": 7,
        "dcs_last_seen": 1795574711,
        "database_system_identifier": "7711934582572945832",
        "patroni": {"version": "4.1.5", "scope": "demo", "name": name},
    }
    if name != "n1":
        positions = {"received_location": 83886080, "replayed_location": 83886080, "replayed_timestamp": None}
        said |= {"xlog": {**positions, "paused": False}, "replication_state": "streaming"}
        said["tags"] = {"failover_priority": 2 if name == "n2" else 1}
    return said


def patroni() -> Patroni:
    """Return Patroni as it is when nothing is wrong: n1 leads, and n2 goes before n3."""
    members = members_of(CLUSTER)
    assert members is not None
    asked = tuple(with_status(member, Status(own(member.name), CLOCK)) for member in members)
    known = with_cluster(Patroni(URL, members=asked), copy.deepcopy(CLUSTER))
    return with_seed(with_config(known, copy.deepcopy(CONFIG)), Status(own("n1"), CLOCK))


def member(of: Patroni, name: str) -> PatroniMember:
    """Return a member."""
    return next(each for each in of.members if each.name == name)


def changed(before: Patroni, name: str, /, **facts: Any) -> Patroni:
    """Return Patroni with some facts of a member changed."""
    return replace(
        before, members=tuple(replace(each, **facts) if each.name == name else each for each in before.members)
    )


def configured(before: Patroni, **settings: Any) -> Patroni:
    """Return Patroni with some settings of its dynamic configuration changed."""
    return replace(before, config={**(before.config or {}), **settings})


def cluster(of: Patroni | None) -> Cluster:
    """Return the healthy cluster of n1, n2 and n3 under that Patroni."""
    nodes = healthy()
    return Cluster(nodes.nodes, nodes.limits, of)
