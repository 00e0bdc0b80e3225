"""Loops that ask once for each row. See :mod:`dbops.workload.source.pattern` for what a module here holds. Pure."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from dbops.results.nplusone_source import PatternInfo
from dbops.workload.source.asked import Sighting
from dbops.workload.source.pattern import Found, Pattern


@cache
def every() -> tuple[Pattern, ...]:
    """Return the patterns there are, by slug."""
    return tuple(_read(module.name) for module in pkgutil.iter_modules(__path__))


def recognise(sighting: Sighting) -> tuple[Pattern, Found] | None:
    """Return the pattern that a sighting is one of; None where it is right to ask."""
    for pattern in every():
        found = pattern.find(sighting)
        if found is not None:
            return pattern, found
    return None


def catalogue() -> tuple[PatternInfo, ...]:
    """Return the patterns there are as people read them, by slug."""
    return tuple(PatternInfo(each.slug, each.summary, each.text, each.bad, each.good) for each in every())


def _read(name: str) -> Pattern:
    module = importlib.import_module(f"{__name__}.{name}")
    return Pattern(
        slug=name.replace("_", "-"),
        text=inspect.cleandoc(module.__doc__ or ""),
        bad=tuple(module.BAD),
        good=tuple(module.GOOD),
        find=module.find,
    )
