"""A standby has room for at least as much as the primary may do at once.

Why: Replay needs as many connections, workers, WAL senders, prepared transactions and locks as the primary has. Where a
standby has fewer, 13 shuts it down as soon as it learns so. 14 and newer pause replay, at a point from which nothing is
replayed any more; a promotion then ends the server, and it starts again only with the setting raised. A standby that
has not yet received the primary's new value still works, until it does.

Instead: Raise the setting on the standby and restart it: standbys first when raising, the primary first when lowering.

Versions: 13 dies, 14 and newer pause.

Source: https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import absence, untold
from dbops.ha.room import LIMITS, limit, too_low
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "settings"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    for node in cluster.standbys:
        if cluster.primary is None:
            yield _without_primary(cluster, node)
        else:
            yield _judged(cluster.primary, node)


def _judged(primary: Node, node: Node) -> Outcome:
    lower = too_low(primary, node)
    if lower:
        shown = ", ".join(f"{name} is {own}, the primary's {wanted}" for name, (own, wanted) in lower.items())
        raised = "; ".join(f"ALTER SYSTEM SET {name} = {wanted}" for name, (_, wanted) in lower.items())
        return failed(node, f"{shown}: {_consequence(node)}", f"{raised}; -- then restart {node.name}")
    for of in (primary, node):
        unseen = [name for name in LIMITS if limit(of, name) is None]
        if unseen:
            whose = "its" if of is node else "the primary's"
            grant = of.denied.get("settings")
            return unknown(node, f"{whose} {', '.join(unseen)} can't be seen", remedy=grant)
    changing = [name for name in LIMITS if (setting := primary.setting(name)) and setting.pending_restart]
    if changing:
        return passed(node, f"as high as the primary's, until that restarts: {', '.join(changing)} will change")
    return passed(node, "as high as the primary's")


def _consequence(node: Node) -> str:
    if node.major is None:
        return "replay stops there"
    if node.major <= 13:
        return "13 shuts down when it replays that"
    return "replay pauses there, and a promotion ends the server"


def _without_primary(cluster: Cluster, node: Node) -> Outcome:
    """A standby that found a setting too low pauses by itself, and looks as one that a person has paused."""
    if node.pause_state in {None, "not paused"}:
        return untold(cluster, node)
    return unknown(
        node,
        f"{absence(cluster)}, and replay is paused: if a setting is too low, a promotion ends the server",
        remedy='see whether its log says "insufficient parameter settings"; if so raise them and restart it first',
        essential=True,
    )
