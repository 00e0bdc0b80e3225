"""The primary as what standbys are held against, and who speaks for it where there is none. Pure."""

from __future__ import annotations

from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node


def absence(cluster: Cluster) -> str:
    """Return why there is no primary to hold a standby against."""
    return "there is more than one primary" if len(cluster.writers) > 1 else "no primary answers"


def witnesses(cluster: Cluster) -> tuple[Node, ...]:
    """Return the nodes to ask about what is replicated: the primaries, or without any each standby."""
    return cluster.writers or cluster.standbys
