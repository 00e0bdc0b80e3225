"""What a pattern is, and what it says.

A pattern is a module in ``patterns/``; its file's name, with hyphens, is its slug. It has

- a docstring: a line that says what is found, then paragraphs that begin with ``Why:`` and ``Instead:``,
- ``BAD`` and ``GOOD``: programs in which it must and must not find something. A program is one file; lines
  ``# file: blog/models.py`` begin another one,
- ``find``: it takes a Sighting and returns what it Found, or None when the sighting is not its.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dbops.workload.source.asked import Sighting

_FILE = re.compile(r"^(?:#|<!--) file: (?P<path>\S+)(?: -->)?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """What to write instead, and why the loop asks again and again."""

    remedy: str
    why: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern's module, read."""

    slug: str
    text: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    find: Callable[[Sighting], Found | None]

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.text.split("\n", maxsplit=1)[0]


def files(example: str) -> dict[str, str]:
    """Return the files of an example, by their paths."""
    parts = _FILE.split(example)
    found = {"app.py": parts[0]} if parts[0].strip() else {}
    return {**found, **dict(zip(parts[1::2], parts[2::2], strict=True))}
