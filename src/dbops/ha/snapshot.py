"""What was seen of a cluster's nodes: values, as the servers gave them. None is unknown. Pure.

Positions in the WAL are bytes since 0/0, as ``pg_wal_lsn_diff`` counts them on the server; instants of a server are
seconds of its clock since 1970, instants of dbops's own are seconds of a monotonic clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dbops.results.ha import FailureKind


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a node gave no answer, and the words for it."""

    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class Position:
    """A node's place in the WAL at one moment between ``asked`` and ``answered`` (dbops's own clock).

    On a primary: ``written`` is all WAL there is, flushed or not, ``flushed`` what a crash would leave. On a standby:
    ``received`` is what promotion would have, ``replayed`` what queries see, ``replayed_commit`` the commit time of
    the last replayed transaction by the primary's clock, ``last_message`` when the upstream was last heard.
    ``receiving`` says whether a WAL receiver streams. ``replay_waits`` is what the process that replays waits for, as
    TYPE/EVENT of ``pg_stat_activity``, or running. ``clock`` is the server's.
    """

    asked: float
    answered: float
    in_recovery: bool
    clock: float
    written: int | None = None
    flushed: int | None = None
    received: int | None = None
    replayed: int | None = None
    replayed_commit: float | None = None
    replay_waits: str | None = None
    receiving: bool | None = None
    last_message: float | None = None


@dataclass(frozen=True, slots=True)
class Downstream:
    """A row of ``pg_stat_replication``: one that receives WAL from the node, as the node sees it.

    All but ``pid`` may be None: a role without pg_monitor sees rows of NULLs.
    """

    pid: int
    application: str | None = None
    user: str | None = None
    address: str | None = None
    state: str | None = None
    sync_state: str | None = None
    sync_priority: int | None = None
    flushed: int | None = None
    replayed: int | None = None
    replay_lag_s: float | None = None
    slot: str | None = None
    logical: bool | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """The row of ``pg_stat_wal_receiver``; all None for a role without pg_monitor."""

    status: str | None = None
    timeline: int | None = None
    slot: str | None = None
    sender_host: str | None = None
    sender_port: int | None = None
    last_message: float | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A row of ``pg_replication_slots``; what the version doesn't have is None (``failover``, ``synced``: 17)."""

    name: str
    logical: bool
    active: bool
    temporary: bool = False
    database: str | None = None
    wal_status: str | None = None
    safe_wal_size: int | None = None
    retained_bytes: int | None = None
    conflicting: bool | None = None
    failover: bool | None = None
    synced: bool | None = None
    inactive_since: float | None = None
    invalidation_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of ``pg_settings``: ``value`` in the setting's own ``unit`` (8kB, ms …), as text.

    ``source`` is where the value of dbops's own session comes from: configuration file, default, user, database …
    """

    value: str
    unit: str | None = None
    pending_restart: bool = False
    source: str | None = None

    @property
    def number(self) -> int | None:
        """The value as a whole number, None for one that isn't."""
        digits = self.value.removeprefix("-")
        return int(self.value) if digits.isdecimal() else None

    @property
    def on(self) -> bool:
        """Whether a boolean is on."""
        return self.value == "on"

    @property
    def is_sessions_own(self) -> bool:
        """Whether dbops's role, its database or its connection string has the value, which hides the node's."""
        return self.source in {"user", "database", "database user", "client", "session"}


@dataclass(frozen=True, slots=True)
class RoleSetting:
    """A setting of a role, a database, or a role in a database (ALTER ROLE … SET)."""

    name: str
    value: str
    role: str | None = None
    database: str | None = None


@dataclass(frozen=True, slots=True)
class Archiver:
    """``pg_stat_archiver``, and how many segments wait in ``archive_status`` (``ready``, None when not permitted)."""

    archived: int
    failed: int
    last_archived_at: float | None = None
    last_failed_at: float | None = None
    last_failed_wal: str | None = None
    ready: int | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """A database: ages of its oldest transaction and multixact ids, failed checksums, queries that replay cancelled.

    The shared catalogs are one more, without ages of their own.
    """

    name: str
    xid_age: int | None
    multixact_age: int | None
    checksum_failures: int | None = None
    conflicts: int | None = None


@dataclass(frozen=True, slots=True)
class Collation:
    """A collation's version as the node's library has it (``actual``) and as the database recorded it."""

    name: str
    recorded: str | None
    actual: str | None


@dataclass(frozen=True, slots=True)
class HbaRule:
    """A line of ``pg_hba_file_rules``.

    With an ``error`` and without a ``kind`` it can't be parsed, and the server keeps the rules it had; with both it
    never matches (hostssl where there is no TLS). ``file`` is known since 16, which may include other files.
    """

    line: int
    kind: str | None
    databases: tuple[str, ...]
    users: tuple[str, ...]
    address: str | None
    netmask: str | None
    method: str | None
    error: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class WalFolder:
    """``pg_wal``: its segments and their bytes, and the newest timeline whose history file is there (None: none)."""

    files: int
    bytes: int
    history: int | None = None


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where ``primary_conninfo`` points, without its password; a word that isn't given is None."""

    host: str | None = None
    port: int | None = None
    user: str | None = None
    application: str | None = None
    slot: str | None = None
    sslmode: str | None = None
    database: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node, and all that it said. Collections are None where they are unknown, empty where there is nothing.

    ``name`` is what people call it; ``origin`` says how dbops knows of it. With a ``failure`` nothing else of it is
    known. ``timeline`` is the one it writes or receives, ``version`` is ``server_version_num``. ``database`` is the one
    dbops is connected to: extensions, collations and unlogged tables are those of this one alone. ``denied`` maps a
    part of the facts (a query of ``queries/ha``) to the grant it needs, ``missing`` says why else one is unknown.
    """

    name: str
    host: str | None = None
    port: int | None = None
    origin: str = "--node"
    failure: Failure | None = None
    answered_s: float | None = None
    server: str | None = None
    """Equal for two connections to the same running server, and to no other."""
    system_identifier: str | None = None
    in_recovery: bool | None = None
    timeline: int | None = None
    checkpoint_timeline: int | None = None
    recovery_timeline: int | None = None
    """The one a standby had replayed into at its last restart point: any role may see it, and it may be too old."""
    version: int | None = None
    version_text: str | None = None
    uptime_s: float | None = None
    database: str | None = None
    user: str | None = None
    cluster_name: str | None = None
    address: str | None = None
    checksums: bool | None = None
    pause_state: str | None = None
    """not paused, pause requested, paused; on a primary None."""
    positions: tuple[Position, ...] = ()
    downstreams: tuple[Downstream, ...] | None = None
    receivers: tuple[Receiver, ...] | None = None
    upstream: Upstream | None = None
    slots: tuple[Slot, ...] | None = None
    settings: Mapping[str, Setting] | None = None
    role_settings: tuple[RoleSetting, ...] | None = None
    archiver: Archiver | None = None
    databases: tuple[Database, ...] | None = None
    installed_extensions: frozenset[str] | None = None
    available_extensions: frozenset[str] | None = None
    collations: tuple[Collation, ...] | None = None
    unlogged_tables: int | None = None
    prepared_transactions: int | None = None
    exclusive_backup: bool | None = None
    wal_folder: WalFolder | None = None
    hba: tuple[HbaRule, ...] | None = None
    commits_waiting: int | None = None
    """Sessions that wait for a synchronous standby (wait event SyncRep)."""
    applications: frozenset[str] | None = None
    """application_name of its sessions, dbops's own left out."""
    managing_roles: frozenset[str] | None = None
    """Roles that managed services and managers make: rds_superuser, cloudsqlsuperuser, streaming_replica …"""
    denied: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def answers(self) -> bool:
        """Whether it was asked and answered to the end."""
        return self.failure is None

    @property
    def is_primary(self) -> bool:
        """Whether it takes writes, as far as recovery decides that."""
        return self.answers and self.in_recovery is False

    @property
    def is_standby(self) -> bool:
        """Whether it is in recovery."""
        return self.answers and self.in_recovery is True

    @property
    def major(self) -> int | None:
        """The major version."""
        return None if self.version is None else self.version // 10000

    @property
    def last(self) -> Position | None:
        """The newest position."""
        return self.positions[-1] if self.positions else None

    def setting(self, name: str) -> Setting | None:
        """Return a setting, None where it is unknown, hidden from the role, or not of this version."""
        return None if self.settings is None else self.settings.get(name)


@dataclass(frozen=True, slots=True)
class PatroniMember:
    """A member as Patroni has it: what the member that was asked says of it, and what its own REST API says.

    ``role`` is leader, standby_leader, replica, sync_standby or quorum_standby; ``state`` running, streaming, in
    archive recovery, or what else Patroni calls it. ``lag_bytes`` is the distance between what the leader and the
    member last wrote to the DCS (etcd or its like): too much where the leader's turn came later.
    """

    name: str
    role: str | None = None
    state: str | None = None
    host: str | None = None
    port: int | None = None
    timeline: int | None = None
    lag_bytes: int | None = None
    tags: Mapping[str, object] = field(default_factory=dict)
    pending_restart: bool | None = None
    api_url: str | None = None
    failure: Failure | None = None
    """Why its own API gave no answer; what follows is then None."""
    in_recovery: bool | None = None
    received: int | None = None
    """What a promotion of it would have, in bytes since 0/0."""
    watchdog_failed: bool | None = None
    """Whether it requires a watchdog and has none that works; False also where there is no watchdog."""
    failsafe_active: bool | None = None
    dcs_last_seen: float | None = None
    """When it last read the DCS, by its own clock."""
    asked_at: float | None = None
    """The same clock when it was asked, so that the age of ``dcs_last_seen`` is known."""

    @property
    def dcs_age_s(self) -> float | None:
        """How long ago it last read the DCS, in seconds, to the second."""
        if self.dcs_last_seen is None or self.asked_at is None:
            return None
        return max(0.0, self.asked_at - self.dcs_last_seen)


@dataclass(frozen=True, slots=True)
class Patroni:
    """What Patroni's REST API says of the cluster; ``failure`` is why it says nothing.

    Where the API answers and can't say who its members are (``GET /cluster`` reads the DCS), ``members_failure`` says
    why, and ``members`` is the one that was asked. ``position`` is the leader's in the WAL as it last wrote it to the
    DCS, or a later one that all members had reached; Patroni tells it since 4.1. ``config`` is the dynamic
    configuration (``GET /config``), None when it is unknown. ``url`` holds no password.
    """

    url: str
    failure: Failure | None = None
    members_failure: Failure | None = None
    scope: str | None = None
    version: str | None = None
    members: tuple[PatroniMember, ...] = ()
    position: int | None = None
    paused: bool | None = None
    scheduled_switchover: str | None = None
    config: Mapping[str, object] | None = None

    @property
    def leader(self) -> PatroniMember | None:
        """The member that holds the leader lock."""
        return next((each for each in self.members if each.role in {"leader", "standby_leader"}), None)


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as too much: replay lag in bytes and seconds, and how many standbys there should be."""

    warning_lag: int = 16 * 1024**2
    critical_lag: int = 256 * 1024**2
    warning_delay: float = 30.0
    critical_delay: float = 300.0
    expect_standbys: int | None = None
