"""pg_wal is about as large as its settings say.

Why: WAL that something holds back (a slot, a failing archive command, a standby's replay that waits) grows until the
disk is full, which stops the server. A candidate whose disk fills up during the failover is none.

Instead: End what holds it: see slot-status, archiver and replay-paused. Never delete files in pg_wal.

How much room the disk has left can't be seen by SQL: look with `df`.

Source: pg_ls_waldir(), against the larger of max_wal_size and wal_keep_size. max_wal_size is a goal, not a bound, so
that more than twice as much is too much (dbops's own threshold).
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
from dbops.ha.snapshot import Node
from dbops.results.figures import size
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "wal_folder"

_FACTOR = 2
_MEGABYTE = 1024**2
_DISK = "how full the disk is can't be seen by SQL"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each node that answers."""
    for node in cluster.nodes:
        if node.answers:
            yield _judged(node)


def _judged(node: Node) -> Outcome:
    if node.wal_folder is None:
        return unknown(node, "how large pg_wal is is unknown", "wal_folder")
    kept = [_megabytes(node, name) for name in ("max_wal_size", "wal_keep_size")]
    known = [each for each in kept if each is not None]
    if len(known) < len(kept):
        return unknown(node, "max_wal_size or wal_keep_size is unknown", "settings")
    allowed = max(known)
    message = f"pg_wal holds {size(node.wal_folder.bytes)}, its settings say {size(allowed)}"
    if node.wal_folder.bytes > _FACTOR * allowed:
        held = list(_holders(node, allowed))
        why = f"held by {listed(held)}" if held else "what holds it is not known"
        return failed(node, f"{message}: {why}; {_DISK}", f"df on {node.name}, then end what holds WAL back")
    return passed(node, f"{message}; {_DISK}")


def _holders(node: Node, allowed: int) -> Iterator[str]:
    for slot in node.slots or ():
        if slot.retained_bytes is not None and slot.retained_bytes > allowed:
            yield f'slot "{slot.name}" ({size(slot.retained_bytes)})'
    if node.archiver is not None and node.archiver.ready:
        yield f"the archiver ({node.archiver.ready} segments wait)"
    here = node.last
    if here is not None and here.received is not None and here.replayed is not None:
        backlog = here.received - here.replayed
        if backlog > allowed:
            yield f"replay ({size(backlog)} to go)"


def _megabytes(node: Node, name: str) -> int | None:
    """Return a setting whose unit is MB in all versions, in bytes."""
    setting = node.setting(name)
    return None if setting is None or setting.number is None else setting.number * _MEGABYTE
