"""What a node said, from JSON into values. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from dbops.ha.snapshot import (
    Archiver,
    Collation,
    Database,
    Downstream,
    HbaRule,
    Node,
    Position,
    Receiver,
    RoleSetting,
    Setting,
    Slot,
    Upstream,
    WalFolder,
)

Json = Mapping[str, Any]
Item = TypeVar("Item")

HIDDEN = "columns are hidden from this role"


def node(
    name: str, identity: Json, parts: Json, denied: Mapping[str, str], missing: Mapping[str, str], **known: Any
) -> Node:
    """Return a node from its answers; ``known`` are the fields that dbops itself knows of it."""
    transactions: Json = parts.get("transactions") or {}
    return Node(
        name=name,
        server=identity["server"],
        system_identifier=identity["system_identifier"],
        in_recovery=identity["in_recovery"],
        timeline=_timeline(parts),
        checkpoint_timeline=_of(parts, "timeline", "checkpoint"),
        recovery_timeline=_of(parts, "timeline", "recovery"),
        version=identity["version"],
        version_text=identity["version_text"].split()[0],
        uptime_s=identity["uptime_s"],
        database=identity["database"],
        user=identity["user"],
        cluster_name=identity["cluster_name"],
        address=identity["address"],
        checksums=_of(parts, "checksums", "on"),
        pause_state=_of(parts, "replay", "state"),
        downstreams=_downstreams(parts),
        receivers=_receivers(parts),
        upstream=_upstream(parts),
        slots=_list(parts, "slots", _slot),
        settings=_settings(parts),
        role_settings=_role_settings(parts),
        archiver=_archiver(parts),
        databases=_list(parts, "databases", lambda each: Database(**each)),
        installed_extensions=_names(_of(parts, "extensions", "installed")),
        available_extensions=_names(_of(parts, "extensions", "available")),
        collations=_list(parts, "collations", lambda each: Collation(**each)),
        unlogged_tables=transactions.get("unlogged"),
        prepared_transactions=transactions.get("prepared"),
        exclusive_backup=_of(parts, "backup", "exclusive"),
        wal_folder=WalFolder(**parts["wal_folder"]) if parts.get("wal_folder") else None,
        hba=_list(parts, "hba", _hba),
        commits_waiting=_of(parts, "activity", "waiting") if _sees_sessions(parts) else None,
        applications=_names(_of(parts, "activity", "applications")) if _sees_sessions(parts) else None,
        managing_roles=_names(parts.get("managers")),
        denied={**denied, **_hidden(identity, parts)},
        missing=missing,
        **known,
    )


def position(said: Json, asked: float, answered: float) -> Position:
    """Return a position; ``asked`` and ``answered`` are dbops's own clock."""
    receivers = said["receivers"]
    status = None if not receivers else receivers[0]["status"]
    return Position(
        asked=asked,
        answered=answered,
        in_recovery=said["in_recovery"],
        clock=said["clock"],
        written=said["written"],
        flushed=said["flushed"],
        received=said["received"],
        replayed=said["replayed"],
        replayed_commit=said["replayed_commit"],
        replay_waits=said["replay_waits"],
        receiving=None if receivers and status is None else bool(receivers) and status == "streaming",
        last_message=receivers[0]["last_message"] if receivers else None,
    )


def _downstreams(parts: Json) -> tuple[Downstream, ...] | None:
    """A role that may not see them gets rows of NULLs: then who they are is unknown, and that there are some is not."""
    rows = _list(parts, "downstreams", lambda each: Downstream(**each))
    return None if rows is not None and any(row.state is None for row in rows) else rows


def _receivers(parts: Json) -> tuple[Receiver, ...] | None:
    rows = _list(parts, "receiver", lambda each: Receiver(**each))
    return None if rows is not None and any(row.status is None for row in rows) else rows


def _sees_sessions(parts: Json) -> bool:
    activity = parts.get("activity")
    return activity is not None and not activity["hidden"]


def _hidden(identity: Json, parts: Json) -> dict[str, str]:
    """Return the grant for each part that gave rows without their columns, or nothing where there is a setting."""
    grant = f"GRANT pg_monitor TO {identity['user_quoted']}"
    hidden = {
        "downstreams": "downstreams" in parts and _downstreams(parts) is None,
        "receiver": "receiver" in parts and _receivers(parts) is None,
        "activity": "activity" in parts and not _sees_sessions(parts),
        "upstream": "upstream" in parts and parts["upstream"] is None,
        # Shown to those alone who may read all settings.
        "settings": bool(parts.get("settings")) and "shared_preload_libraries" not in parts["settings"],
    }
    return {part: grant for part, is_hidden in hidden.items() if is_hidden}


def _upstream(parts: Json) -> Upstream | None:
    said = parts.get("upstream")
    if said is None:
        return None
    words: Json = said["words"]
    port = str(words.get("port") or "5432")
    return Upstream(
        host=words.get("host") or words.get("hostaddr"),
        port=int(port) if port.isdigit() else None,
        user=words.get("user"),
        application=words.get("application_name"),
        slot=_of_settings(parts, "primary_slot_name"),
        sslmode=words.get("sslmode"),
        database=words.get("dbname"),
    )


def _slot(row: Json) -> Slot:
    return Slot(
        name=row["slot_name"],
        logical=row["slot_type"] == "logical",
        active=row["active"],
        temporary=row["temporary"],
        database=row["database"],
        wal_status=row.get("wal_status"),
        safe_wal_size=row.get("safe_wal_size"),
        retained_bytes=row.get("retained_bytes"),
        conflicting=row.get("conflicting"),
        failover=row.get("failover"),
        synced=row.get("synced"),
        inactive_since=row.get("inactive_since_s"),
        invalidation_reason=row.get("invalidation_reason"),
    )


def _settings(parts: Json) -> Mapping[str, Setting] | None:
    rows = parts.get("settings")
    if rows is None:
        return None
    return {
        name: Setting(value or "", unit, bool(pending), source) for name, (value, unit, pending, source) in rows.items()
    }


def _of_settings(parts: Json, name: str) -> str | None:
    rows = parts.get("settings") or {}
    return (rows[name][0] or None) if name in rows else None


def _role_settings(parts: Json) -> tuple[RoleSetting, ...] | None:
    if "role_settings" not in parts:
        return None
    return tuple(
        RoleSetting(name, value, row["role"], row["database"])
        for row in parts["role_settings"] or ()
        for name, _, value in (line.partition("=") for line in row["settings"] or ())
    )


def _archiver(parts: Json) -> Archiver | None:
    said = parts.get("archiver")
    return None if said is None else Archiver(**said, ready=_of(parts, "archive_status", "ready"))


def _hba(row: Json) -> HbaRule:
    lists = {"databases": tuple(row["databases"] or ()), "users": tuple(row["users"] or ())}
    return HbaRule(**{**row, **lists})


def _of(parts: Json, part: str, key: str) -> Any:
    said = parts.get(part)
    return None if said is None else said.get(key)


def _list(parts: Json, part: str, make: Callable[[Json], Item]) -> tuple[Item, ...] | None:
    """Return a part's rows: None when it was not answered, nothing for no rows (which json_agg gives as NULL)."""
    return tuple(make(each) for each in parts[part] or ()) if part in parts else None


def _names(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _timeline(parts: Json) -> int | None:
    """Return the timeline that is written or received; that of the recovery only where nothing is received."""
    said: Json = parts.get("timeline") or {}
    known = [said.get("written"), said.get("received")]
    if _receivers(parts) is not None and said.get("recovery") is not None:
        # Either is as old as the last restart point, so that the newer one is nearer.
        known += [max(said["recovery"], said["checkpoint"] or 0)]
    return next((each for each in known if each is not None), None)
