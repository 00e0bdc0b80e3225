"""A node's facts as short texts; what is unknown is ``?`` or says so, and is never blank or 0."""

from __future__ import annotations

from dbops.output.ha.sentences import span
from dbops.results.figures import size
from dbops.results.ha import HaNode

UNKNOWN = "?"
NONE = "–"
"""What a primary can't have: a lag, a slot it is fed by."""
_BAD = frozenset({"down", "not streaming"})
_FINE = frozenset({"running", "streaming"})


def is_primary(node: HaNode) -> bool:
    """Whether it is known to be one."""
    return node.role == "primary"


def is_silent(node: HaNode) -> bool:
    """Whether it gave no answer."""
    return node.error is not None and node.seen_s is None


def answered(node: HaNode) -> bool | None:
    """Return whether the node answered to the end; None is unknown."""
    if node.error is not None:
        return False
    return None if node.seen_s is None else True


def trouble(node: HaNode) -> int:
    """Return 0 for a node that does what it should, 1 for one of which that can't be told, 2 for one that doesn't."""
    return 2 if node.state in _BAD else 0 if node.state in _FINE and node.error is None else 1


def role(node: HaNode) -> str:
    """Return primary, standby or ``?``."""
    return node.role or UNKNOWN


def state(node: HaNode) -> str:
    """Return the state in its own words."""
    return node.state or UNKNOWN


def timeline(node: HaNode) -> str:
    """Return the timeline."""
    return UNKNOWN if node.timeline is None else str(node.timeline)


def lag(node: HaNode) -> str:
    """Return how many bytes are not replayed: ``64 kB``, ``unknown``."""
    if is_primary(node):
        return NONE
    return "unknown" if node.lag_bytes is None else size(node.lag_bytes)


def delay(node: HaNode) -> str:
    """Return for how long they have not been."""
    if is_primary(node):
        return NONE
    return UNKNOWN if node.lag_seconds is None else span(node.lag_seconds)


def seen(node: HaNode) -> str:
    """Return how long the node took to answer."""
    if node.seen_s is not None:
        return span(node.seen_s)
    return "no answer" if node.error is not None else UNKNOWN


def sync(node: HaNode) -> str:
    """Return how its upstream waits for it: ``async``, ``sync`` …"""
    return NONE if is_primary(node) else node.sync_state or UNKNOWN


def slot(node: HaNode) -> str:
    """Return the slot it is fed by; an empty name is that of no slot."""
    if is_primary(node):
        return NONE
    return UNKNOWN if node.slot is None else node.slot or "none"


def version(node: HaNode) -> str:
    """Return the server's version."""
    return node.version or UNKNOWN


def uptime(node: HaNode) -> str:
    """Return for how long it has run."""
    return UNKNOWN if node.uptime_seconds is None else span(node.uptime_seconds)


def place(node: HaNode) -> str:
    """Return host and port."""
    if node.host is None:
        return UNKNOWN
    return node.host if node.port is None else f"{node.host}:{node.port}"
