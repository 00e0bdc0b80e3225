"""The rules: one module each, found by scan. See :mod:`dbops.lint.rule` for what a rule's module holds."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache

from dbops.lint.rule import MIGRATION, QUERY, Rule

NOT_ANALYSED = "not-analysed"
UNUSED_IGNORE = "unused-ignore"


@cache
def rules(group: str) -> tuple[Rule, ...]:
    """Return the rules of a group, by slug."""
    package = importlib.import_module(f"{__name__}.{group}")
    return tuple(_read(group, module.name) for module in pkgutil.iter_modules(package.__path__))


def every() -> Iterator[Rule]:
    """Yield all rules, by group and slug."""
    yield from rules(QUERY)
    yield from rules(MIGRATION)


def _read(group: str, name: str) -> Rule:
    module = importlib.import_module(f"{__name__}.{group}.{name}")
    nodes = getattr(module, "NODES", None)
    return Rule(
        slug=name.replace("_", "-"),
        group=group,
        severity=module.SEVERITY,
        text=inspect.cleandoc(module.__doc__ or ""),
        bad=tuple(module.BAD),
        good=tuple(module.GOOD),
        check=module.check,
        nodes=None if nodes is None else frozenset(nodes),
        default=getattr(module, "DEFAULT", True),
        in_migrations=getattr(module, "IN_MIGRATIONS", True),
        fixable=getattr(module, "FIXABLE", False),
    )
