"""Comments that silence findings in programs and templates: ``# dbops: ignore nplusone``. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from dbops.lint.places import Places
from dbops.lint.suppression.comments import MARKS, orders
from dbops.lint.suppression.suppressions import Suppressions, suppressions
from dbops.workload.source.asked import Place

ALL = "nplusone"
"""What silences every pattern; one of them is silenced as ``nplusone-django-query``."""
PROGRAMS = (".py", ".pyi")
_IN_TEMPLATE = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)


def name(slug: str) -> str:
    """Return the name by which a comment silences a pattern."""
    return f"{ALL}-{slug}"


class Silence:
    """The comments of all files."""

    def __init__(self, texts: Mapping[str, str], slugs: Collection[str]) -> None:
        self._texts = texts
        self._known = frozenset({ALL, *map(name, slugs)})
        self._read: dict[str, tuple[Suppressions, Places]] = {}
        self._templates: dict[str, dict[int, frozenset[str]]] = {}

    def covers(self, slug: str, place: Place) -> bool:
        """Whether a comment at a place silences a pattern; remembers that it did."""
        if not self._speaks(place.path):
            return False
        if not place.path.endswith(PROGRAMS):
            return any(each in {ALL, name(slug)} for each in self._lines(place.path).get(place.line, ()))
        silences, places = self._of(place.path)
        start = places.offset(place.line)
        span = (start, max(places.offset(place.line + 1) - 1, start))
        covered = [
            silences.silences(each, *span) for each in (ALL, name(slug))
        ]  # both are asked: neither is then unused
        return any(covered)

    def unused(self, path: str) -> Iterator[tuple[int, str]]:
        """Yield line and message of each comment of a file that silenced none of the patterns."""
        if not self._speaks(path) or not path.endswith(PROGRAMS):
            return
        silences, places = self._of(path)
        for each in silences.unused():
            if each.slug.startswith(ALL):
                yield places.at(each.start)[0], each.message

    def _speaks(self, path: str) -> bool:
        text = self._texts.get(path, "")
        return ALL in text and MARKS.search(text) is not None

    def _of(self, path: str) -> tuple[Suppressions, Places]:
        if path not in self._read:
            text = self._texts[path]
            found = suppressions(text, (), python=True, known=self._known)
            self._read[path] = found, Places(path, text)
        return self._read[path]

    def _lines(self, path: str) -> dict[int, frozenset[str]]:
        """Return which names a template's comments silence in which lines: their own, and the next."""
        if path not in self._templates:
            found: dict[int, frozenset[str]] = {}
            text = self._texts[path]
            for match in _IN_TEMPLATE.finditer(text):
                names = frozenset(
                    each.slug for order in orders(match[0], 0, self._known) if order.ours for each in order.named
                )
                line = text.count("\n", 0, match.end()) + 1
                for covered in (line, line + 1):
                    found[covered] = found.get(covered, frozenset()) | names
            self._templates[path] = found
        return self._templates[path]
