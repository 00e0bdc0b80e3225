"""From flags and settings to what is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from dbops.cli.context import Common
from dbops.config import Settings
from dbops.errors import UsageError
from dbops.ha.accept import Accepting, refuse_unacceptable
from dbops.ha.catalogue import essential, every
from dbops.ha.request import Address, Request
from dbops.ha.snapshot import Limits
from dbops.postgres.dsn import Dsn, resolve
from dbops.results.ha import Question
from dbops.values import parse_node

_EVERY = 0.2
"""Seconds between two positions; a long observation takes five hundred in all at most."""


def request(common: Common, flags: dict[str, Any]) -> Request:
    """Return the request; raises UsageError, ConfigError."""
    settings = common.settings
    _refuse_contradictions(flags)
    nodes = tuple(_addresses(settings, flags))
    _refuse_namesakes(nodes)
    observe = float(flags["sample"] or settings.value("ha.observe", flags["observe"]))
    return Request(
        nodes=nodes,
        patroni=settings.value("ha.patroni", flags["patroni"]),
        timeout=settings.value("ha.timeout", flags["timeout"]),
        observe=observe,
        every=max(_EVERY, observe / 500),
        probe=flags["probe"],
        history=bool(flags["sample"]) or flags["output"] == "html",
        discover=flags["discover"],
        candidate=flags["candidate"],
        limits=_limits(settings, flags),
        questions=tuple(Question) if flags["question"] is None else (Question(flags["question"]),),
        accept=_accepting(settings),
        environment=settings.value("environment"),
    )


def _addresses(settings: Settings, flags: dict[str, Any]) -> Iterator[Address]:
    if flags["nodes"]:
        for text in flags["nodes"]:
            name, dsn = parse_node(text)
            yield Address(Dsn(dsn, "--node" if name is None else f"--node {name}"), name)
        return
    configured = settings.get("ha.nodes") if flags["dsn"] is None else None
    if configured is not None and configured.value:
        for name, dsn in configured.value:
            yield Address(Dsn(dsn, configured.origin), name)
        return
    yield Address(resolve(settings, flags["dsn"], direct=True))


def _refuse_namesakes(addresses: Iterable[Address]) -> None:
    names = Counter(address.name for address in addresses if address.name is not None)
    for name, count in names.items():
        if count > 1:
            raise UsageError(
                f"{count} nodes are named {name}",
                hint="give each node a name of its own",
                details=[{"field": "--node", "error": "several of one name"}],
            )


def _limits(settings: Settings, flags: dict[str, Any]) -> Limits:
    warning = dict(settings.value("ha.warning_lag", flags["warning_lag"] or None))
    critical = dict(settings.value("ha.critical_lag", flags["critical_lag"] or None))
    default = Limits()
    limits = Limits(
        warning_lag=int(warning.get("bytes", default.warning_lag)),
        critical_lag=int(critical.get("bytes", default.critical_lag)),
        warning_delay=warning.get("seconds", default.warning_delay),
        critical_delay=critical.get("seconds", default.critical_delay),
        expect_standbys=settings.value("ha.expect_standbys", flags["expect_standbys"]),
    )
    if limits.warning_lag > limits.critical_lag or limits.warning_delay > limits.critical_delay:
        raise UsageError(
            "the lag that warns is above the one that blocks",
            hint="give --warning-lag and --critical-lag in the same unit, the second above the first",
            details=[{"field": "--warning-lag", "error": "above --critical-lag"}],
        )
    return limits


def _accepting(settings: Settings) -> tuple[Accepting, ...]:
    entries: Iterable[dict[str, Any]] = settings.value("ha.accept")
    accepting = tuple(Accepting(**entry) for entry in entries)
    refuse_unacceptable(accepting, (check.id for check in every()), essential())
    return accepting


def _refuse_contradictions(flags: dict[str, Any]) -> None:
    if flags["nodes"] and flags["dsn"] is not None:
        raise UsageError("--node and --dsn both name nodes", hint="give each node with --node")
    if flags["sample"] and flags["observe"] is not None:
        raise UsageError("--sample and --observe both say how long to watch", hint="give one of them")
    if flags["watch"] is not None and flags["output"] == "html" and flags["write"] is None:
        raise UsageError("--watch can't print one page after the other", hint="add --write FILE")
