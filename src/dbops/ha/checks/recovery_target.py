"""No node has a recovery target left over, and each would follow a new timeline.

Why: A target that an old restore left in the configuration also ends a standby's recovery. Before it is reached, a
promotion crashes the server ("recovery ended before configured recovery target was reached"). Once it is reached,
replay stands still and a promotion throws away all that was received since; with recovery_target_action `promote` the
standby becomes a second primary by itself, with `shutdown` it stops, at every start. A primary doesn't heed it until it
is made a standby: then it stops at the first commit. A recovery_target_timeline other than `latest` keeps a node from
following whoever is promoted.

Instead: Empty it with ALTER SYSTEM, which goes before postgresql.conf, and restart: none of these settings changes
without that.

Source: tried on 13, 15, 17 and 18, with every recovery_target_action.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, SWITCHOVER_ONLY, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node
from dbops.ha.targets import TARGETS
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "settings"

_BECOMES = {
    "promote": "it promotes itself once that is reached; a promotion before crashes the server",
    "shutdown": "it stops once that is reached; a promotion before crashes the server",
}
_PAUSES = "a promotion before that is reached crashes the server, one after it throws away what came later"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each node that answers."""
    for node in cluster.nodes:
        if node.answers:
            yield from list(_judged(node)) or [passed(node, "no recovery target, and it follows new timelines")]


def _judged(node: Node) -> Iterator[Outcome]:
    settings = {name: node.setting(name) for name in (*TARGETS, "recovery_target_timeline")}
    values = {name: None if setting is None else setting.value for name, setting in settings.items()}
    if None in values.values():
        yield unknown(node, "whether it has a recovery target is unknown", "settings")
        return
    for name in TARGETS:
        if values[name]:
            yield _leftover(node, name, f"{name} = '{values[name]}'")
    timeline = values["recovery_target_timeline"]
    if timeline != "latest":
        yield failed(
            node,
            f"recovery_target_timeline = '{timeline}': it won't follow another node that is promoted",
            _emptied("recovery_target_timeline", "latest"),
            weight=Weight.WARNING,
            matters=BOTH if node.is_standby else SWITCHOVER_ONLY,
        )


def _leftover(node: Node, name: str, what: str) -> Outcome:
    if not node.is_standby:
        message = f"{what} is left over: once it is a standby it stops there, and follows nobody"
        return failed(node, message, _emptied(name), weight=Weight.WARNING, matters=SWITCHOVER_ONLY)
    action = node.setting("recovery_target_action")
    becomes = _PAUSES if action is None else _BECOMES.get(action.value, _PAUSES)
    return failed(node, f"{what} is left over: {becomes}", _emptied(name))


def _emptied(name: str, value: str = "") -> str:
    return f"ALTER SYSTEM SET {name} = '{value}';\nthen restart it"
