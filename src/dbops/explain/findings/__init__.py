"""What hurts in a plan. See :mod:`dbops.explain.findings.finding` for what a finding's module holds. Pure."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from dbops.errors import UsageError
from dbops.explain.findings import example
from dbops.explain.findings.finding import Check, Found, Subject
from dbops.results.explain import FindingInfo, PlanFinding
from dbops.results.lint import Severity

_CHECKS = f"{__name__}.checks"


@cache
def every() -> tuple[Check, ...]:
    """Return the findings there are, by slug."""
    package = importlib.import_module(_CHECKS)
    return tuple(_read(module.name) for module in pkgutil.iter_modules(package.__path__))


def examine(subject: Subject) -> tuple[PlanFinding, ...]:
    """Return what hurts, ranked by the time it could save, then by severity and place."""
    found = [_finding(check, each, subject) for check in every() for each in check.find(subject)]
    return tuple(sorted(found, key=lambda each: (-(each.saving_ms or 0.0), -each.severity.rank, each.node or 0)))


def catalogue() -> tuple[FindingInfo, ...]:
    """Return the findings there are as people read them, by slug."""
    return tuple(
        FindingInfo(
            finding=check.slug,
            severity=check.severity,
            summary=check.summary,
            text=check.text,
            bad=tuple(example.read(text).sql for text in check.bad),
            good=tuple(example.read(text).sql for text in check.good),
        )
        for check in every()
    )


def explain(slug: str) -> FindingInfo:
    """Return the finding a person means; raises UsageError, with those spelt like it, when there is none."""
    wanted = slug.strip().lower().replace("_", "-")
    known = {info.finding: info for info in catalogue()}
    if wanted not in known:
        raise UsageError.unknown_name("finding", slug, known)
    return known[wanted]


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


def _finding(check: Check, found: Found, subject: Subject) -> PlanFinding:
    return PlanFinding(
        finding=check.slug,
        severity=Severity.INFO if subject.quick else found.severity or check.severity,
        node=None if found.node is None else found.node.id,
        label=None if found.node is None else found.node.label,
        message=found.message,
        evidence=found.evidence,
        remedy=found.remedy,
        saving_ms=None if found.saving_ms is None else max(0.0, found.saving_ms),
    )
