"""The rules: one module each, found by scan. See :mod:`dbops.lint.rule` for what a rule's module holds."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache

from dbops.lint.rule import MIGRATION, QUERY, Rule
from dbops.sql.lock_modes import Mode

NOT_ANALYSED = "not-analysed"
UNUSED_IGNORE = "unused-ignore"


@cache
def rules(group: str) -> tuple[Rule, ...]:
    """Return the rules of a group, by slug."""
    package = importlib.import_module(f"{__name__}.{group}")
    return tuple(_read(group, module.name) for module in pkgutil.iter_modules(package.__path__))


@cache
def slugs_of(group: str) -> frozenset[str]:
    """Return the slugs of a group, by the names of its files: its rules are not imported."""
    folders = [f"{folder}/{group}" for folder in __path__]
    return frozenset(module.name.replace("_", "-") for module in pkgutil.iter_modules(folders))


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
        needs_whole=getattr(module, "NEEDS_WHOLE", False),
        fixable=getattr(module, "FIXABLE", False),
        locks=_locks(getattr(module, "LOCK", None), len(module.BAD)),
        rewrites=getattr(module, "REWRITES", False),
        scans=getattr(module, "SCANS", False),
        fails=getattr(module, "FAILS", False),
    )


def _locks(lock: Mode | tuple[Mode | None, ...] | None, examples: int) -> tuple[Mode | None, ...]:
    return lock if isinstance(lock, tuple) else (lock,) * examples
