"""Clusters as values, for tests of what is pure: a healthy one, and ways to break it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import (
    Archiver,
    Collation,
    Database,
    Downstream,
    HbaRule,
    Node,
    Position,
    Receiver,
    Setting,
    Upstream,
    WalFolder,
)

SYSTEM = "7300000000000000001"
HEAD = 3 * 1024**3
NOW = 1_800_000_000.0

SETTINGS: Mapping[str, str] = {
    "archive_mode": "on",
    "archive_command": "(set)",
    "archive_library": "",
    "cluster_name": "",
    "data_checksums": "on",
    "default_transaction_read_only": "off",
    "full_page_writes": "on",
    "hot_standby": "on",
    "hot_standby_feedback": "on",
    "max_connections": "100",
    "max_locks_per_transaction": "64",
    "max_prepared_transactions": "0",
    "max_replication_slots": "10",
    "max_slot_wal_keep_size": "-1",
    "max_wal_senders": "10",
    "max_worker_processes": "8",
    "recovery_min_apply_delay": "0",
    "recovery_target": "",
    "recovery_target_lsn": "",
    "recovery_target_name": "",
    "recovery_target_time": "",
    "recovery_target_timeline": "latest",
    "recovery_target_xid": "",
    "restore_command": "",
    "shared_preload_libraries": "pg_stat_statements",
    "ssl": "off",
    "synchronized_standby_slots": "",
    "synchronous_commit": "on",
    "synchronous_standby_names": "",
    "sync_replication_slots": "off",
    "wal_keep_size": "1024",
    "wal_level": "replica",
    "wal_log_hints": "off",
    "wal_receiver_status_interval": "10",
    "wal_sender_timeout": "60000",
    "autovacuum_freeze_max_age": "200000000",
    "autovacuum_multixact_freeze_max_age": "400000000",
    "fsync": "on",
    "track_commit_timestamp": "off",
    "listen_addresses": "*",
    "shared_buffers": "16384",
    "work_mem": "4096",
    "maintenance_work_mem": "65536",
    "temp_file_limit": "-1",
    "max_wal_size": "1024",
    "min_wal_size": "80",
    "checkpoint_timeout": "300",
    "autovacuum": "on",
    "effective_cache_size": "524288",
    "random_page_cost": "4",
    "seq_page_cost": "1",
    "default_statistics_target": "100",
    "jit": "on",
    "max_parallel_workers": "8",
    "max_parallel_workers_per_gather": "2",
    "TimeZone": "Etc/UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "lc_messages": "C.UTF-8",
    "lc_monetary": "C.UTF-8",
    "lc_numeric": "C.UTF-8",
    "lc_time": "C.UTF-8",
    "default_text_search_config": "pg_catalog.english",
    "default_transaction_isolation": "read committed",
    "default_tablespace": "",
    "search_path": '"$user", public',
    "bytea_output": "hex",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "0",
    "password_encryption": "scram-sha-256",
    "row_security": "on",
    "session_preload_libraries": "",
}


def node(name: str, **facts: Any) -> Node:
    """Return a node of which everything is known, and nothing is wrong."""
    known: dict[str, Any] = {
        "host": name,
        "port": 5432,
        "answered_s": 0.1,
        "system_identifier": SYSTEM,
        "timeline": 7,
        "checkpoint_timeline": 7,
        "version": 180006,
        "version_text": "18.6",
        "uptime_s": 86400.0,
        "database": "app",
        "user": "monitor",
        "cluster_name": name,
        "address": f"10.0.0.{name[-1]}",
        "checksums": True,
        "slots": (),
        "settings": {key: Setting(value) for key, value in SETTINGS.items()},
        "role_settings": (),
        "archiver": Archiver(archived=10, failed=0, last_archived_at=NOW - 60, ready=0),
        "databases": (Database("app", 1000, 10, 0, 0),),
        "installed_extensions": frozenset({"plpgsql"}),
        "available_extensions": frozenset({"plpgsql", "pg_stat_statements"}),
        "collations": (Collation("database app", "2.36", "2.36"),),
        "unlogged_tables": 0,
        "prepared_transactions": 0,
        "exclusive_backup": None,
        "wal_folder": WalFolder(10, 160 * 1024**2),
        "hba": (HbaRule(1, "host", ("replication",), ("all",), "all", None, "scram-sha-256"),),
        "commits_waiting": 0,
        "applications": frozenset({"app"}),
        "managing_roles": frozenset(),
        "downstreams": (),
        "receivers": (),
    }
    return Node(name=name, **(known | facts))


def primary(name: str = "n1", standbys: tuple[str, ...] = ("n2", "n3"), **facts: Any) -> Node:
    """Return a primary to which the standbys stream, without a byte of lag."""
    positions = tuple(
        Position(at, at + 0.01, False, NOW + at, written=HEAD, flushed=HEAD) for at in (0.0, 0.2, 0.4, 0.6)
    )
    rows = tuple(
        Downstream(
            100 + number,
            each,
            "replicator",
            f"10.0.0.{each[-1]}",
            "streaming",
            "async",
            0,
            HEAD,
            HEAD,
            None,
            None,
            False,
        )
        for number, each in enumerate(standbys)
    )
    return node(name, **({"in_recovery": False, "positions": positions, "downstreams": rows} | facts))


def standby(name: str = "n2", of: str = "n1", **facts: Any) -> Node:
    """Return a standby that streams from ``of`` and has replayed everything."""
    positions = tuple(
        Position(
            at, at + 0.01, True, NOW + at, received=HEAD, replayed=HEAD, replayed_commit=NOW - 1, receiving=True,
            last_message=NOW + at,
        )
        for at in (0.1, 0.3, 0.5)
    )  # fmt: skip
    known: dict[str, Any] = {
        "in_recovery": True,
        "positions": positions,
        "pause_state": "not paused",
        "receivers": (Receiver("streaming", 7, None, of, 5432, NOW),),
        "upstream": Upstream(of, 5432, "replicator", name, None),
    }
    return node(name, **(known | facts))


def healthy() -> Cluster:
    """Return a primary n1 and its standbys n2 and n3, of which everything is known and nothing is wrong."""
    return Cluster((primary(), standby("n2"), standby("n3")))


def changed(cluster: Cluster, name: str, **facts: Any) -> Cluster:
    """Return the cluster with some facts of a node changed."""
    nodes = tuple(replace(each, **facts) if each.name == name else each for each in cluster.nodes)
    return Cluster(nodes, cluster.limits, cluster.patroni)


def with_settings(cluster: Cluster, name: str, **values: str) -> Cluster:
    """Return the cluster with some settings of a node changed."""
    before = cluster.node(name)
    assert before is not None
    settings = dict(before.settings or {}) | {key: Setting(value) for key, value in values.items()}
    return changed(cluster, name, settings=settings)
