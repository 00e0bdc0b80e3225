"""What wrote a query, by its shape, and how it is told to ask once: one module each, found by scan.

A :class:`Framework` is what each of them offers.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Protocol, cast

from dbops.workload.nplusone.shape import Shape

OTHERWISE = "in Django prefetch_related or select_related, in SQLAlchemy selectinload or joinedload does that"
"""What is said where it is not recognised."""


class Framework(Protocol):
    """What a framework's module offers."""

    NAME: str

    def wrote(self, shape: Shape) -> bool:
        """Say whether a query has a shape that this one gives to queries, and no other that is known."""
        ...

    def hint(self, shape: Shape) -> str:
        """Return in a phrase how it is told to ask once."""
        ...


@cache
def frameworks() -> tuple[Framework, ...]:
    """Return all, in the order of their modules' names."""
    return tuple(
        cast(Framework, importlib.import_module(f"{__name__}.{module.name}"))
        for module in pkgutil.iter_modules(__path__)
    )


def hint(shape: Shape) -> str:
    """Return how what wrote a loop is told to ask once: by what it says of itself, else by the shape of its queries."""
    said = shape.writer.lower()
    named = [each for each in frameworks() if each.NAME.lower().replace(" ", "") in said]
    shaped = [each for each in frameworks() if each.wrote(shape)]
    found = named or shaped
    return found[0].hint(shape) if len(found) == 1 else OTHERWISE
