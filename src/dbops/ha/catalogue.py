"""The checks there are, found by scan, and what they say of a cluster."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from dbops.errors import UsageError
from dbops.ha.check import Check, Outcome
from dbops.ha.cluster import Cluster
from dbops.postgres.query import source
from dbops.results.ha import HaCheck, HaCheckInfo, Status, Weight

_CHECKS = "dbops.ha.checks"


@cache
def every() -> tuple[Check, ...]:
    """Return the checks there are, by id."""
    package = importlib.import_module(_CHECKS)
    return tuple(_read(module.name) for module in pkgutil.iter_modules(package.__path__))


@cache
def essential() -> frozenset[str]:
    """Return the checks whose "unknown" leaves nothing to judge, and which nobody may accept."""
    return frozenset(check.id for check in every() if check.essential)


def examine(cluster: Cluster) -> tuple[HaCheck, ...]:
    """Return what all checks say: failing ones first, then by weight, check and node."""
    said = [_said(check, outcome) for check in every() for outcome in check.examine(cluster)]
    weights = list(Weight)
    return tuple(sorted(said, key=lambda c: (c.status.rank, weights.index(c.severity), c.id, c.node or "")))


def catalogue() -> tuple[HaCheckInfo, ...]:
    """Return the checks as people read them, by id."""
    return tuple(
        HaCheckInfo(check.id, check.weight, check.matters, check.summary, check.text, _query(check))
        for check in every()
    )


def explain(name: str) -> HaCheckInfo:
    """Return the check a person means; raises UsageError, with those spelt like it, when there is none."""
    wanted = name.strip().lower().replace("_", "-")
    known = {info.id: info for info in catalogue()}
    if wanted not in known:
        raise UsageError.unknown_name("check", name, known)
    return known[wanted]


def _query(check: Check) -> str:
    return check.query if check.query.startswith("GET /") else source(f"ha/{check.query}")


def _read(name: str) -> Check:
    module = importlib.import_module(f"{_CHECKS}.{name}")
    return Check(
        id=name.replace("_", "-"),
        weight=module.WEIGHT,
        matters=tuple(module.MATTERS),
        essential=getattr(module, "ESSENTIAL", False),
        query=module.QUERY,
        text=inspect.cleandoc(module.__doc__ or ""),
        examine=module.examine,
    )


def _said(check: Check, outcome: Outcome) -> HaCheck:
    weight = outcome.weight or check.weight
    status = outcome.status
    if status is Status.FAIL and weight is not Weight.BLOCKER:
        status = Status.WARN
    return HaCheck(
        id=check.id,
        severity=weight,
        status=status,
        node=outcome.node,
        message=outcome.message,
        remedy=outcome.remedy,
        matters=check.matters if outcome.matters is None else outcome.matters,
        essential=check.essential or outcome.essential,
    )
