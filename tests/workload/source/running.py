"""Calling the functions of a sample with what they want: what a program asks when it is run, not only read."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

ROWS = 8
"""Rows of each table: a loop over them asks as often."""


def calls(module: Mapping[str, Any], wanted: Mapping[str, Callable[[], Any]]) -> Iterator[Callable[[], Any]]:
    """Yield a call of each function of a module whose parameters are among the ``wanted``."""
    for value in list(module.values()):
        if not inspect.isfunction(value) or value.__module__ != module["__name__"]:
            continue
        parameters = inspect.signature(value).parameters
        needed = [name for name, each in parameters.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
        if all(name in wanted for name in needed):
            yield lambda value=value, needed=needed: value(**{name: wanted[name]() for name in needed})


def used_up(value: Any) -> Any:
    """Go through what a generator gives, which asks only then."""
    return list(value) if inspect.isgenerator(value) else value


def repeated(statements: Iterable[str]) -> int:
    """Return how often the query was asked that was asked most often."""
    reads = (each for each in statements if each.lstrip("( ").upper().startswith(("SELECT", "WITH")))
    return max(Counter(reads).values(), default=0)
