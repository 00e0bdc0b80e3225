"""The checks there are, found by scan, and what they say of a cluster."""

from __future__ import annotations

import difflib
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
    if wanted in known:
        return known[wanted]
    near = [each for each in known if wanted and wanted in each][:3] or difflib.get_close_matches(wanted, known, n=3)
    raise UsageError(
        f"there is no check {name!r}",
        hint=f"did you mean {' or '.join(near)}?" if near else f"they are {', '.join(known)}",
    )


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
