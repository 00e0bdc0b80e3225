"""What hurts in a plan. See :mod:`dbops.explain.findings.finding` for what a finding's module holds. Pure."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from dbops.explain.findings.finding import Check, Found, Subject
from dbops.results.explain import PlanFinding

_CHECKS = f"{__name__}.checks"


@cache
def checks() -> tuple[Check, ...]:
    """Return the findings there are, by slug."""
    package = importlib.import_module(_CHECKS)
    return tuple(_read(module.name) for module in pkgutil.iter_modules(package.__path__))


def examine(subject: Subject) -> tuple[PlanFinding, ...]:
    """Return what hurts, ranked by the time it could save, then by severity and place."""
    found = [_finding(check, each) for check in checks() for each in check.find(subject)]
    return tuple(sorted(found, key=lambda each: (-(each.saving_ms or 0.0), -each.severity.rank, each.node or 0)))


def _read(name: str) -> Check:
    module = importlib.import_module(f"{_CHECKS}.{name}")
    return Check(
        slug=name.replace("_", "-"),
        severity=module.SEVERITY,
        text=inspect.cleandoc(module.__doc__ or ""),
        bad=tuple(module.BAD),
        good=tuple(module.GOOD),
        find=module.find,
    )


def _finding(check: Check, found: Found) -> PlanFinding:
    return PlanFinding(
        finding=check.slug,
        severity=found.severity or check.severity,
        node=None if found.node is None else found.node.id,
        label=None if found.node is None else found.node.label,
        message=found.message,
        evidence=found.evidence,
        remedy=found.remedy,
        saving_ms=found.saving_ms,
    )
