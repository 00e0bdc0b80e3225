"""What Patroni's REST API said, from JSON into values. Pure.

Nothing is taken for granted: another program may listen there, and versions differ. What is missing, or of another
type than Patroni 1.6 to 4.1 give, is unknown. Texts lose what could steer a terminal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dbops.ha.snapshot import Patroni, PatroniMember

_LONGEST_TEXT = 300
_LARGEST_POSITION = 2**64
_LSN = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")
_REPLICATES = {"streaming", "in archive recovery"}


@dataclass(frozen=True, slots=True)
class Status:
    """The answer of a member's own ``GET /patroni``, and its clock (seconds since 1970) when it gave it."""

    said: object
    clock: float | None


def members_of(said: object) -> tuple[PatroniMember, ...] | None:
    """Return the members that ``GET /cluster`` lists, None when that is not Patroni's answer."""
    members = _mapping(said).get("members")
    if not isinstance(members, list):
        return None
    return tuple(_member(_mapping(each)) for each in members if _text(_mapping(each).get("name")))


def with_cluster(patroni: Patroni, said: object) -> Patroni:
    """Return Patroni with what ``GET /cluster`` says of the whole; there, what is not mentioned is not so."""
    cluster = _mapping(said)
    return replace(
        patroni,
        scope=_text(cluster.get("scope")) or patroni.scope,
        position=_leaders_position(cluster.get("members")),
        paused=_boolean(cluster.get("pause", False)),
        scheduled_switchover=_switchover(cluster.get("scheduled_switchover")),
    )


def with_config(patroni: Patroni, said: object) -> Patroni:
    """Return Patroni with its dynamic configuration, as ``GET /config`` gives it."""
    return replace(patroni, config=said) if isinstance(said, dict) else patroni


def with_seed(patroni: Patroni, status: Status) -> Patroni:
    """Return Patroni with what the member that was asked says of itself.

    Where ``GET /cluster`` gave no members, it is the only one known; a Patroni older than 4 doesn't say which it is.
    """
    said = _mapping(_mapping(status.said).get("patroni"))
    known = {member.name: member for member in patroni.members}
    name = _text(said.get("name")) or patroni.url.rpartition("/")[2]
    if name in known or patroni.members_failure is not None:
        known[name] = with_status(known.get(name, PatroniMember(name)), status)
    return replace(
        patroni,
        scope=patroni.scope or _text(said.get("scope")),
        version=_text(said.get("version")),
        members=tuple(known.values()),
    )


def is_status(said: object) -> bool:
    """Whether it is an answer of ``GET /patroni``."""
    return isinstance(_mapping(said).get("patroni"), dict)


def with_status(member: PatroniMember, status: Status) -> PatroniMember:
    """Return the member with what its own ``GET /patroni`` says; tags and a pending restart are newer there."""
    said = _mapping(status.said)
    positions = _mapping(said.get("xlog"))
    own = _mapping(said.get("patroni"))
    if _text(own.get("name")) not in {None, member.name}:
        return member  # an address that leads to another member: nothing of that is this one's
    return replace(
        member,
        failure=None,
        state=_state(said, member.state),
        timeline=_timeline(said.get("timeline")) or member.timeline,
        tags=_tags(said.get("tags")),
        pending_restart=_boolean(said.get("pending_restart", False)),
        in_recovery=_in_recovery(said, positions),
        received=_received(positions),
        watchdog_failed=_boolean(said.get("watchdog_failed", False)),
        failsafe_active=_boolean(said.get("failsafe_mode_is_active", False)),
        dcs_last_seen=_instant(said.get("dcs_last_seen")),
        asked_at=status.clock,
    )


def _member(said: Mapping[str, object]) -> PatroniMember:
    return PatroniMember(
        name=_text(said.get("name")) or "",
        role=_text(said.get("role")),
        state=_state(said, None),
        host=_text(said.get("host")),
        port=_port(said.get("port")),
        timeline=_timeline(said.get("timeline")),
        lag_bytes=_number(said.get("lag")),
        tags=_tags(said.get("tags")),
        pending_restart=_boolean(said.get("pending_restart", False)),
        api_url=_text(said.get("api_url")),
    )


def _state(said: Mapping[str, object], before: str | None) -> str | None:
    """Return the state; a server that runs may have said elsewhere that it streams."""
    state = _text(said.get("state"))
    if state != "running":
        return None if state == "unknown" else state
    return _text(said.get("replication_state")) or (before if before in _REPLICATES else state)


def _in_recovery(said: Mapping[str, object], positions: Mapping[str, object]) -> bool | None:
    """A primary has a ``location``, a standby a ``replayed_location``; a server that is down has neither."""
    if "location" in positions:
        return False
    if "replayed_location" in positions or "received_location" in positions:
        return True
    return None


def _received(positions: Mapping[str, object]) -> int | None:
    found = [
        number
        for key in ("received_location", "replayed_location", "location")
        if (number := _number(positions.get(key))) is not None
    ]
    return max(found, default=None)


def _leaders_position(members: object) -> int | None:
    """Return the position that the members' lags are distances from, or where none has one, the least of theirs."""
    pairs = [
        (lsn, lag)
        for each in (members if isinstance(members, list) else ())
        if (lsn := _lsn(_mapping(each).get("lsn"))) is not None
        and (lag := _number(_mapping(each).get("lag"))) is not None
    ]
    behind = [lsn + lag for lsn, lag in pairs if lag > 0]
    return max(behind) if behind else min((lsn for lsn, _ in pairs), default=None)


def _lsn(said: object) -> int | None:
    """Return a position in bytes, from text like 0/5000000."""
    found = _LSN.fullmatch(said) if isinstance(said, str) else None
    return None if found is None else (int(found[1], 16) << 32) + int(found[2], 16)


def _switchover(said: object) -> str | None:
    """Return a switchover that is planned, in words."""
    planned = _mapping(said)
    when = _text(planned.get("at"))
    if when is None:
        return None
    leader, candidate = _text(planned.get("from")), _text(planned.get("to"))
    return f"{when}{f' from {leader}' if leader else ''}{f' to {candidate}' if candidate else ''}"


def _tags(said: object) -> Mapping[str, object]:
    return {_text(key) or "": value for key, value in _mapping(said).items()}


def _mapping(said: object) -> Mapping[str, object]:
    return said if isinstance(said, dict) else {}


def _text(said: object) -> str | None:
    if not isinstance(said, str) or not said:
        return None
    return "".join(each if each.isprintable() else "�" for each in said[:_LONGEST_TEXT])


def _boolean(said: object) -> bool | None:
    return said if isinstance(said, bool) else None


def _number(said: object) -> int | None:
    whole = isinstance(said, int) and not isinstance(said, bool)
    return said if whole and isinstance(said, int) and 0 <= said < _LARGEST_POSITION else None


def _timeline(said: object) -> int | None:
    return _number(said) or None


def _port(said: object) -> int | None:
    number = _number(said)
    return number if number is not None and 0 < number < 2**16 else None


def _instant(said: object) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float) or abs(said) > _LARGEST_POSITION:
        return None
    return float(said) if math.isfinite(said) else None
