"""Commits wait for synchronous standbys that there are, now and after a promotion.

Why: With too few of the standbys that synchronous_standby_names asks for, every commit waits without an end;
statement_timeout doesn't end it, and cancelling one leaves it committed here and nowhere else. `FIRST 2 (n2)` shows n2
as "sync" and still waits. The candidate has a setting of its own, which takes effect with its promotion, when it is no
standby any more and others follow it.

Instead: Start the standby that is missing, or correct the names: they are application_names, and compared without
regard to case. As long as it must be, `ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf()` lets
commits through, which then wait for nobody. Patroni in synchronous_mode sets it by itself.

Source: how PostgreSQL reads and counts (syncrep_gram.y, syncrep.c): whatever streams under such a name counts, also a
subscriber, which is no copy to fail over to (tried on 13 and 18). Whom the primary counts it says itself
(`pg_stat_replication.sync_priority`); a standby counts nobody before it is promoted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.ha.check import BOTH, EMERGENCY_ONLY, SWITCHOVER_ONLY, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.following import application_name, followers, surely_follows
from dbops.ha.listing import listed
from dbops.ha.snapshot import Node
from dbops.ha.sync_names import SyncNames, parse
from dbops.results.ha import FailureKind, Question, Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "downstreams"

_SETTING = "synchronous_standby_names"
_OPENED = f"ALTER SYSTEM SET {_SETTING} = '';\nSELECT pg_reload_conf();"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a node's setting asks for: its text, and that read (None for nobody)."""

    text: str
    names: SyncNames | None


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary as it is, and each standby as the primary it would be."""
    primary = cluster.primary
    if primary is not None:
        yield _now(primary)
    for candidate in cluster.standbys:
        yield from _promoted(cluster, candidate)


def _now(primary: Node) -> Outcome:
    asked = _asked(primary)
    if asked is None:
        return unknown(primary, "for whom commits wait is unknown", "settings")
    if asked.names is None:
        return skipped(primary, "commits wait for no standby")
    if primary.downstreams is None:
        return unknown(primary, f"whether enough of {asked.text} stream is unknown", "downstreams")
    counted = [row for row in primary.downstreams if row.state == "streaming" and row.sync_priority]
    need = asked.names.count
    if len(counted) < need:
        waiting = f"; waiting now: {primary.commits_waiting}" if primary.commits_waiting else ""
        return failed(
            primary,
            f"commits wait without an end: {len(counted)} of the {need} that {asked.text} asks for stream{waiting}",
            f"start what is missing, or, to wait for nobody:\n{_OPENED}",
        )
    subscribers = [f'"{row.application}"' for row in counted if row.logical and row.sync_state in {"sync", "quorum"}]
    if subscribers:
        return failed(
            primary,
            f"commits may return once {listed(subscribers)} has them, a subscriber and no standby ({asked.text})",
            f"name standbys alone in {_SETTING}",
            weight=Weight.WARNING,
            matters=EMERGENCY_ONLY,
        )
    return passed(primary, f"{len(counted)} stream, {need} must have it before a commit returns ({asked.text})")


def _promoted(cluster: Cluster, candidate: Node) -> Iterator[Outcome]:
    asked = _asked(candidate)
    if _patroni_sets_it(cluster):
        yield skipped(candidate, "Patroni, in synchronous_mode, sets it when it promotes")
    elif asked is None:
        yield unknown(candidate, "for whom commits would wait after its promotion is unknown", "settings")
    elif asked.names is None:
        yield _asynchronous(cluster, candidate)
    else:
        yield from _Following.of(cluster, candidate, asked.names).judged(candidate, asked)


def _asynchronous(cluster: Cluster, candidate: Node) -> Outcome:
    """Judge a standby that would wait for nobody, where its primary waits."""
    primary = cluster.primary
    if primary is None:
        return skipped(candidate, "commits would wait for no standby")
    now = _asked(primary)
    if now is None:
        return unknown(candidate, "whether commits must wait after its promotion is unknown: the primary's setting is")
    if now.names is None:
        return skipped(candidate, "commits wait for no standby")
    others = [node for node in followers(cluster, candidate) if node.is_standby]
    return failed(
        candidate,
        f"after its promotion commits wait for nobody; on {primary.name} they wait for {now.text}",
        f"on {candidate.name} set {_SETTING} to those that would follow it",
        weight=Weight.WARNING,
        matters=BOTH if others else SWITCHOVER_ONLY,
    )


@dataclass(frozen=True, slots=True)
class _Following:
    """How many of those that would follow a candidate count: for certain, perhaps, and once the old primary follows."""

    certain: int
    perhaps: int
    old_primary: Node | None

    @classmethod
    def of(cls, cluster: Cluster, candidate: Node, names: SyncNames) -> _Following:
        certain = perhaps = 0
        old = None
        for node in followers(cluster, candidate):
            name = application_name(cluster, node)
            if name is not None and not names.include(name):
                continue
            if node.is_primary:
                old = node
            elif name is not None and surely_follows(cluster, candidate, node):
                certain += 1
            elif node.failure is None or node.failure.kind is not FailureKind.REFUSED:
                perhaps += 1
        return cls(certain, perhaps, old)

    def judged(self, candidate: Node, asked: _Asked) -> Iterator[Outcome]:
        """Judge it for both questions; in an emergency the old primary doesn't follow."""
        assert asked.names is not None
        need = asked.names.count
        if self.certain >= need:
            yield passed(candidate, f"after its promotion {self.certain} would count, {need} must ({asked.text})")
        elif self.certain + self.perhaps >= need:
            yield unknown(candidate, f"whether enough of {asked.text} would follow it is unknown")
        elif self.old_primary is not None and self.certain + self.perhaps + 1 >= need:
            yield self._blocked(candidate, asked, EMERGENCY_ONLY)
            yield failed(
                candidate,
                f"after its promotion commits wait until {self.old_primary.name} follows it ({asked.text})",
                f"until then, to wait for nobody:\n{_OPENED}",
                weight=Weight.WARNING,
                matters=SWITCHOVER_ONLY,
            )
        else:
            yield self._blocked(candidate, asked, BOTH)

    def _blocked(self, candidate: Node, asked: _Asked, matters: tuple[Question, ...]) -> Outcome:
        assert asked.names is not None
        return failed(
            candidate,
            f"after its promotion commits would wait without an end: {self.certain} of the {asked.names.count} that "
            f"{asked.text} asks for would follow it",
            f"on {candidate.name} name those that would follow it, or nobody:\n{_OPENED}",
            matters=matters,
        )


def _asked(node: Node) -> _Asked | None:
    """Return what a node's setting asks for; the server takes none that can't be read."""
    setting = node.setting(_SETTING)
    if setting is None:
        return None
    try:
        return _Asked(f"'{setting.value}'", parse(setting.value))
    except ValueError:
        return None


def _patroni_sets_it(cluster: Cluster) -> bool:
    patroni = cluster.patroni
    if patroni is None or patroni.failure is not None or patroni.config is None:
        return False
    return str(patroni.config.get("synchronous_mode", "off")).lower() in {"on", "true", "quorum"}
