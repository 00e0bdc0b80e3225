"""The comments of a text that tell a linter to be silent, whatever linter they were written for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum

MARKS = re.compile(r"dbops:[ \t]*ignore|squawk-ignore|\bnoqa\b", re.IGNORECASE)
"""What every such comment has in it."""


class Reach(Enum):
    """How far a comment's word goes."""

    HERE = "here"
    """The line, or the statement below."""
    LINE = "line"
    FILE = "file"
    FROM_HERE = "from here"
    """From its line on, until a comment that ends it."""
    UNTIL_HERE = "until here"


@dataclass(frozen=True, slots=True)
class Named:
    """A slug, or a pattern of slugs, as a comment names it, and where."""

    slug: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Order:
    """What one comment asks for; ``ours`` says that it is dbops' own, ``start`` and ``end`` where it stands."""

    start: int
    end: int
    reach: Reach
    named: tuple[Named, ...]
    ours: bool = False


_OURS = re.compile(r"dbops:[ \t]*ignore(?P<file>-file)?(?![\w-])[ \t]*:?[ \t]*", re.IGNORECASE)
_SQUAWK = re.compile(r"squawk-ignore(?P<file>-file)?(?![\w-])[ \t]*:?[ \t]*", re.IGNORECASE)
_NOQA = re.compile(r"(?:^|--|/\*|#)[ \t]*noqa\b(?P<rest>[ \t]*:[ \t]*(?P<list>[^\n]*))?", re.IGNORECASE)
_SWITCH = re.compile(r"(?P<word>disable|enable)[ \t]*=[ \t]*", re.IGNORECASE)
_SLUG = re.compile(r"[a-z0-9*][a-z0-9*_-]*", re.IGNORECASE)
_ITEM = re.compile(r"[\w.*-]+")
_COMMA = re.compile(r"[ \t]*,[ \t]*")

_EVERYTHING = "*"
SQLFLUFF = {
    "AM01": ("ambiguous.distinct", "L021", "distinct-with-group-by"),
    "AM02": ("ambiguous.union", "L033", "union-instead-of-union-all"),
    "AM04": ("ambiguous.column_count", "L044", "select-star"),
    "AM08": ("ambiguous.join_condition", "", "cartesian-join"),
    "AM09": ("ambiguous.order_by_limit", "", "limit-without-order-by"),
    "CV05": ("convention.is_null", "L049", "equals-null"),
    "PRS": ("parsing", "", "not-analysed"),
    "ST03": ("structure.unused_cte", "L045", "unused-cte"),
}
"""By code: the name and the code before version 2 of sqlfluff's rules that have one of dbops' as their equal."""


def orders(comment: str, at: int, known: frozenset[str]) -> Iterator[Order]:
    """Yield what a comment that begins at ``at`` asks for; ``known`` are the slugs there are, empty for any."""
    if match := _OURS.search(comment):
        reach = Reach.FILE if match["file"] else Reach.HERE
        yield Order(at, at + len(comment), reach, tuple(_ours(comment, match.end(), at, known)), ours=True)
    elif match := _SQUAWK.search(comment):
        named = tuple(_listed(comment, match.end(), at, _SLUG))
        if match["file"]:
            yield Order(at, at + len(comment), Reach.FILE, named or (Named(_EVERYTHING, at, at),))
        else:
            yield Order(at, at + len(comment), Reach.HERE, named)
    elif match := _NOQA.search(comment):
        yield from _noqa(comment, match, at)


def _listed(comment: str, position: int, at: int, item: re.Pattern[str]) -> Iterator[Named]:
    while match := item.match(comment, position):
        yield Named(match[0].lower(), at + match.start(), at + match.end())
        comma = _COMMA.match(comment, match.end())
        if comma is None:
            return
        position = comma.end()


def _ours(comment: str, position: int, at: int, known: frozenset[str]) -> Iterator[Named]:
    """Yield the slugs; what follows a comma and is like no slug at all begins the reason."""
    for number, named in enumerate(_listed(comment, position, at, _SLUG)):
        if (
            number
            and known
            and "*" not in named.slug
            and named.slug not in known
            and nearest(named.slug, known) is None
        ):
            return
        yield named


def nearest(slug: str, known: frozenset[str]) -> str | None:
    """Return the slug that was probably meant."""
    return next(iter(get_close_matches(slug, sorted(known), n=1, cutoff=0.6)), None)


def _noqa(comment: str, match: re.Match[str], at: int) -> Iterator[Order]:
    if not match["list"]:
        yield Order(at, at + len(comment), Reach.LINE, (Named(_EVERYTHING, at, at),))
        return
    position, reach = match.start("list"), Reach.LINE
    if switch := _SWITCH.match(comment, position):
        position = switch.end()
        reach = Reach.FROM_HERE if switch["word"].lower() == "disable" else Reach.UNTIL_HERE
    named = tuple(
        Named(slug, each.start, each.end)
        for each in _listed(comment, position, at, _ITEM)
        for slug in _ours_of_sqlfluff(each.slug)
    )
    yield Order(at, at + len(comment), reach, named)


def _ours_of_sqlfluff(word: str) -> Iterator[str]:
    """Yield the slugs that equal a code, name, group or pattern of sqlfluff's."""
    if word in {"all", "*"}:
        yield _EVERYTHING
        return
    pattern = re.compile(re.escape(word).replace(r"\*", ".*"), re.IGNORECASE)
    for code, (name, old, slug) in SQLFLUFF.items():
        group = name.partition(".")[0]
        if any(pattern.fullmatch(each) for each in (code, code.rstrip("0123456789"), name, group, old) if each):
            yield slug
