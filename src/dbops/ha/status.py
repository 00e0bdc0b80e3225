"""``ha_status``: asks the nodes, lets the checks judge them, and answers both questions."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from dbops.errors import UsageError
from dbops.ha import accept, discover, verdict
from dbops.ha.automatic import automatic
from dbops.ha.catalogue import examine
from dbops.ha.cluster import Cluster
from dbops.ha.collect import Asked, Bounds, collect
from dbops.ha.names import named
from dbops.ha.patroni_rules import node_of
from dbops.ha.request import Address, Request
from dbops.ha.shown import shown
from dbops.ha.snapshot import Failure, Node, Patroni
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.login import places
from dbops.postgres.reach import reachable
from dbops.results.ha import Automatic, FailureKind, HaCheck, HaStatus, Question
from dbops.results.progress import Warned
from dbops.sql.redact import dsn as redacted

APPLICATION = "dbops ha-status"


def ha_status(request: Request, interrupt: Interrupt) -> HaStatus:
    """Say whether a failover would work right now.

    Nothing is changed anywhere. A node that does not answer is part of the result, never an error. Raises ConfigError
    for a DSN that can't be read, UsageError for a candidate that isn't there, Interrupted.
    """
    patroni = _AskingPatroni(request)
    with ExitStack() as stack:
        asked = tuple(_asked(request.nodes, interrupt, stack))
        finding = _Discovery(asked, patroni, everybody=request.discover or len(asked) == 1)
        bounds = Bounds(request.timeout, request.observe, request.every)
        collected = collect(asked, bounds, interrupt, finding, request.report)
    said = patroni.answer()
    nodes = discover.without_twins(discover.without_strays(collected.nodes, finding.guesses))
    cluster = Cluster(discover.with_unseen(named(nodes, said)), request.limits, said)
    checks = accept.apply(examine(cluster), request.accept, datetime.now(UTC).date())
    _warn(request, cluster)
    return _status(request, cluster, checks, collected.observed_s)


def _warn(request: Request, cluster: Cluster) -> None:
    """Say what of the configuration is about nodes that aren't there."""
    names = {node.name for node in cluster.nodes}
    for entry in request.accept:
        if entry.node is not None and entry.node not in names:
            known = ", ".join(sorted(names))
            request.report(Warned(f"ha.accept: {entry.check} names the node {entry.node!r}; the nodes are {known}"))


def _status(request: Request, cluster: Cluster, checks: tuple[HaCheck, ...], observed_s: float) -> HaStatus:
    wanted = _wanted(cluster, request.candidate)
    by_itself = _in_our_words(cluster, automatic(cluster))
    chosen = {Question.EMERGENCY: by_itself.chooses if by_itself is not None else None}
    answers = {each: verdict.failover(cluster, checks, each, wanted, chosen.get(each)) for each in Question}
    return HaStatus(
        verdict=verdict.overall(answers[each] for each in request.questions),
        switchover=answers[Question.SWITCHOVER],
        emergency=answers[Question.EMERGENCY],
        candidate=verdict.candidate(answers[Question.EMERGENCY]),
        nodes=shown(cluster, history=request.history, probe=request.probe),
        checks=checks,
        automatic=by_itself,
        observed_s=round(observed_s, 3),
        asked=request.questions,
        environment=request.environment,
    )


def _in_our_words(cluster: Cluster, by_itself: Automatic | None) -> Automatic | None:
    """Return what Patroni would do with the names that its members have here, which may be others than its own."""
    if by_itself is None or cluster.patroni is None:
        return by_itself
    nodes = {member.name: node_of(cluster, member) for member in cluster.patroni.members}
    names = {name: node.name for name, node in nodes.items() if node is not None}
    leader, chooses = (
        None if name is None else names.get(name, name) for name in (by_itself.leader, by_itself.chooses)
    )
    return replace(by_itself, leader=leader, chooses=chooses)


def _wanted(cluster: Cluster, name: str | None) -> str | None:
    """Return the node that a person named as the candidate, by its name, or else its host, or host:port."""
    if name is None:
        return None
    nodes = [node for node in cluster.nodes if name == node.name] or [
        node for node in cluster.nodes if name in {node.host, f"{node.host}:{node.port}"}
    ]
    if len(nodes) > 1:
        names = ", ".join(node.name for node in nodes)
        raise UsageError(f"--candidate {name}: {names} are all there", hint="name one of them")
    if nodes:
        return nodes[0].name
    known = ", ".join(node.name for node in cluster.nodes)
    raise UsageError(f"--candidate {name}: there is no such node", hint=f"the nodes are {known}")


def _asked(addresses: Iterable[Address], interrupt: Interrupt, stack: ExitStack) -> Iterator[Asked]:
    for address in addresses:
        dsn = stack.enter_context(reachable(address.dsn, interrupt))
        found = places(dsn, APPLICATION)
        for place in found:
            yield Asked(place, address.name if len(found) == 1 else None, dsn.origin)


class _AskingPatroni:
    """Patroni's API, asked while the nodes are. Raises ConfigError for a URL that can't be used."""

    def __init__(self, request: Request) -> None:
        self._answer: Patroni | None = None
        self._thread: threading.Thread | None = None
        if request.patroni is not None:
            from dbops.ha.patroni import read_url

            read_url(request.patroni)
            asked = (request.patroni, request.timeout)
            self._thread = threading.Thread(target=self._ask, args=asked, name="ha patroni", daemon=True)
            self._thread.start()

    def _ask(self, url: str, timeout: float) -> None:
        from dbops.ha.patroni import ask

        try:
            self._answer = ask(url, timeout)
        except Exception as error:  # that Patroni was asked, and what it says is not known, must not be lost
            failure = Failure(FailureKind.OTHER, f"a defect in dbops: {type(error).__name__}")
            self._answer = Patroni(redacted(url), failure)

    @property
    def pending(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def answer(self) -> Patroni | None:
        return self._answer


class _Discovery:
    """Finds the nodes that those that answer know of, and Patroni's members."""

    def __init__(self, asked: Sequence[Asked], patroni: _AskingPatroni, *, everybody: bool) -> None:
        self._asked = asked
        self._patroni = patroni
        self._everybody = everybody
        self._known = {(each.place.host, each.place.port) for each in asked}
        self.guesses: set[tuple[str, int]] = set()

    @property
    def pending(self) -> bool:
        return self._patroni.pending

    def found(self, nodes: Sequence[Node]) -> Iterator[Asked]:
        said = self._patroni.answer()
        if said is not None:
            from dbops.ha.patroni import members_to_ask

            for host, port, name in members_to_ask(said):
                yield from self._new(host, port, f"Patroni's member {name}", guess=False)
        for lead in discover.leads(nodes) if self._everybody else ():
            yield from self._new(lead.host, lead.port, lead.origin, guess=lead.guess)

    def _new(self, host: str, port: int, origin: str, *, guess: bool) -> Iterator[Asked]:
        if (host, port) in self._known:
            return
        self._known.add((host, port))
        if guess:
            self.guesses.add((host, port))
        yield Asked(self._asked[0].place.at(host, port), None, origin)
