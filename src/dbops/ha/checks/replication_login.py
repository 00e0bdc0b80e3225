"""The other nodes may log in to replicate from each standby, once it is the primary.

Why: A standby has a pg_hba.conf and listen_addresses of its own. Where it doesn't let the others in, they stop
following at the promotion, and the new primary has no standby. A login that dbops tries itself would only tell about
the host dbops runs on, so the candidate's rules are read instead, for the users and addresses that the others replicate
with now. The old primary is judged by the user that the candidate comes with; that it gets in matters to a switchover
alone.

Instead: Put the same lines into every node's pg_hba.conf, such as
`host replication replicator 10.0.0.0/24 scram-sha-256`, then `SELECT pg_reload_conf()`. What is unknown can be tried on
the other node: `psql "host=CANDIDATE user=replicator replication=true" -c IDENTIFY_SYSTEM`.

Not seen: whether the others have the right password, whether a firewall stands between, and whether the file was
changed and not reloaded.

Source: pg_hba_file_rules, tried in the order in which the server tries them (src/backend/libpq/hba.c). A node that
streams from the candidate already is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dbops.ha.check import BOTH, SWITCHOVER_ONLY, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.hba import Decision
from dbops.ha.listing import listed
from dbops.ha.snapshot import Node
from dbops.ha.ways_in import Way, way_in, welcome
from dbops.results.ha import Question, Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "hba"


@dataclass(frozen=True, slots=True)
class _Follower:
    """A node that would have to follow, in an emergency too (``at_once``); whether it would get in, and which way."""

    name: str
    at_once: bool
    decision: Decision
    way: Way | None = None

    def __str__(self) -> str:
        """Return who it is, and why."""
        return ", ".join([self.name, *([str(self.way)] if self.way else []), self.decision.reason])


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby by those that would follow it."""
    for candidate in cluster.standbys:
        followers = [_follower(cluster, candidate, other) for other in cluster.siblings(candidate)]
        if not followers:
            yield skipped(candidate, "there is no other node that would follow it")
        elif all(follower.decision.admitted for follower in followers):
            yield passed(candidate, f"lets {_names(followers)} in to replicate")
        else:
            yield from _judged(candidate, followers)


def _follower(cluster: Cluster, candidate: Node, other: Node) -> _Follower:
    # What neither answers nor streams follows nobody, so that a promotion takes nothing from it.
    at_once = other.is_standby or cluster.link(other) is not None
    if cluster.upstream(other) is candidate:
        return _Follower(other.name, at_once, Decision(True, "streams from it"))
    way = way_in(cluster, candidate, other)
    if isinstance(way, str):
        return _Follower(other.name, at_once, Decision(None, way))
    return _Follower(other.name, at_once, welcome(candidate, way), way)


def _judged(candidate: Node, followers: Sequence[_Follower]) -> Iterator[Outcome]:
    kept_out = [follower for follower in followers if follower.decision.admitted is False]
    if kept_out:
        message = f"would not let in to replicate: {_reasons(kept_out)}"
        yield failed(candidate, message, _mended(candidate, kept_out[0]), matters=_matters(kept_out))
    unclear = [follower for follower in followers if follower.decision.admitted is None]
    if unclear:
        yield replace(_unclear(candidate, unclear), matters=_matters(unclear))


def _matters(followers: Sequence[_Follower]) -> tuple[Question, ...]:
    return BOTH if any(follower.at_once for follower in followers) else SWITCHOVER_ONLY


def _unclear(candidate: Node, followers: Sequence[_Follower]) -> Outcome:
    if candidate.hba is None:
        return unknown(candidate, f"whether it would let {_names(followers)} in to replicate is unknown", "hba")
    place = f"host={candidate.host or candidate.name} port={candidate.port or 5432}"
    remedy = f'on the other node, as its replication user:\npsql "{place} replication=true" -c IDENTIFY_SYSTEM'
    return unknown(candidate, f"can't be told whether it lets in to replicate: {_reasons(followers)}", remedy=remedy)


def _mended(candidate: Node, follower: _Follower) -> str:
    if follower.decision.remedy is not None:
        return follower.decision.remedy
    way = follower.way
    assert way is not None  # who is kept out came some way
    quoted = '"' + way.user.replace('"', '""') + '"'
    place = "local  replication  {}" if way.address is None else "host  replication  {}  " + _single(way.address)
    line = f"{place.format(quoted)}  scram-sha-256"
    return f"in {candidate.name}'s pg_hba.conf, above what rejects it: {line}; then SELECT pg_reload_conf()"


def _single(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"


def _names(followers: Sequence[_Follower]) -> str:
    return listed([follower.name for follower in followers])


def _reasons(followers: Sequence[_Follower]) -> str:
    return listed([str(follower) for follower in followers], "; ")
