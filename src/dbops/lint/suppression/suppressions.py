"""Which findings the comments of a file silence, and which of those comments silence nothing. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from dbops.lint.script import Origin, Script
from dbops.lint.suppression.comments import MARKS, Named, Order, Reach, nearest, orders
from dbops.lint.suppression.python import orders_of_python
from dbops.sql.lexer import Kind, Token, tokens
from dbops.sql.offsets import Offsets

Span = tuple[int, int]
_OTHERS = "nplusone"


@dataclass(frozen=True, slots=True)
class Unused:
    """A comment of dbops' own, or a slug in one, that silences nothing; offsets are the file's."""

    start: int
    end: int
    slug: str
    message: str


@dataclass(frozen=True, slots=True)
class _Ignore:
    """A comment's order, and the part of the file it is about; ``used`` are the slugs that silenced something."""

    order: Order
    region: Span
    used: set[str] = field(default_factory=set)

    def silences(self, slug: str, start: int, end: int) -> bool:
        if not (start <= self.region[1] and self.region[0] < max(end, start + 1)):
            return False
        matching = {named.slug for named in self.order.named if fnmatchcase(slug, named.slug)}
        self.used.update(matching)
        return bool(matching)


class Suppressions:
    """What the comments of one file silence."""

    def __init__(self, ignores: Sequence[_Ignore] = (), known: frozenset[str] = frozenset()) -> None:
        self._ignores = ignores
        self._known = known

    def silences(self, slug: str, start: int, end: int, statement: Span | None = None) -> bool:
        """Whether a comment silences a finding from ``start`` to ``end`` of the file, and remember that it did.

        One that begins where its ``statement`` does is about the whole of it: a comment on any of its lines counts.
        """
        if not self._ignores:
            return False
        if statement is not None and start == statement[0]:
            end = max(end, statement[1])
        silent = False
        for ignore in self._ignores:  # all are asked, so that none of several is said to be unused
            silent = ignore.silences(slug, start, end) or silent
        return silent

    def unused(self) -> list[Unused]:
        """Return what silenced nothing so far, in the order of the file."""
        found = (each for ignore in self._ignores if ignore.order.ours for each in self._unused(ignore))
        return sorted(found, key=lambda each: each.start)

    def _unused(self, ignore: _Ignore) -> Iterator[Unused]:
        if not ignore.order.named:
            yield Unused(ignore.order.start, ignore.order.end, "", "this ignores nothing: it names no rule")
        for named in ignore.order.named:
            if named.slug not in ignore.used and self._is_ours(named.slug):
                yield Unused(named.start, named.end, named.slug, self._says(named.slug))

    def _is_ours(self, slug: str) -> bool:
        """Whether a slug can be one of this reader's: what ``dbops nplusone`` finds is silenced in the same way."""
        return not slug.startswith(_OTHERS) or any(each.startswith(_OTHERS) for each in self._known)

    def _says(self, slug: str) -> str:
        if not self._known or any(fnmatchcase(each, slug) for each in self._known):
            return f"this ignores nothing: {slug} finds nothing here"
        meant = nearest(slug, self._known)
        return f"there is no rule {slug}" + (f"; {meant} is one" if meant else "")


def suppressions(
    text: str, scripts: Iterable[Script], *, python: bool = False, known: frozenset[str] = frozenset()
) -> Suppressions:
    """Read a file's comments; ``scripts`` are what was read of it, ``known`` the slugs there are."""
    if not MARKS.search(text):
        return Suppressions()
    ignores = [_Ignore(order, region) for order, region in orders_of_python(text, known)] if python else []
    for sql, spans, offsets in _texts(text, list(scripts)):
        ignores += _Comments(sql, spans, offsets, len(text), known).ignores()
    return Suppressions(ignores, known)


def _texts(text: str, scripts: list[Script]) -> Iterator[tuple[str, list[Span], Offsets]]:
    """Yield what to read as SQL: a migration's file as a whole, for comments stand above its markers, too."""
    if any(script.origin is Origin.MIGRATION for script in scripts):
        spans = [
            (script.offsets.source(start), script.offsets.source(end, end=True))
            for script in scripts
            for start, end in _spans(script)
        ]
        yield text, sorted(spans), Offsets.shifted(len(text))
        return
    for script in scripts:
        if MARKS.search(script.sql):
            yield script.sql, _spans(script), script.offsets


def _spans(script: Script) -> list[Span]:
    return [(statement.start, statement.start + len(statement.text)) for statement in script.statements]


class _Comments:
    """The comments of one SQL text, ``offsets`` of which lead to the file."""

    def __init__(self, sql: str, spans: list[Span], offsets: Offsets, length: int, known: frozenset[str]) -> None:
        self._sql = sql
        self._spans = spans
        self._offsets = offsets
        self._length = length
        self._known = known
        self._code: list[Token] = []
        self._comments: list[Token] = []
        for token in tokens(sql):
            if token.kind is Kind.COMMENT:
                self._comments.append(token)
            elif token.kind is not Kind.SPACE:
                self._code.append(token)
        self._starts = [token.start for token in self._code]

    def ignores(self) -> Iterator[_Ignore]:
        open_since: dict[str, tuple[Order, int]] = {}
        for token in self._comments:
            for order in orders(self._sql[token.start : token.end], token.start, self._known):
                if order.reach is Reach.FROM_HERE:
                    open_since.update((named.slug, (order, order.start)) for named in order.named)
                elif order.reach is Reach.UNTIL_HERE:
                    yield from self._closed(open_since, order)
                else:
                    region = self._region(order)
                    if region is not None:
                        yield self._ignore(order, region)
                    elif order.ours:
                        yield self._ignore(order, (order.start, order.start))
        for slug, (order, start) in open_since.items():
            yield self._ignore(_only(order, slug), (self._line(start)[0], len(self._sql)))

    def _closed(self, open_since: dict[str, tuple[Order, int]], end: Order) -> Iterator[_Ignore]:
        ended = {named.slug for named in end.named}
        for slug in [slug for slug in open_since if slug in ended or "*" in ended]:
            order, start = open_since.pop(slug)
            yield self._ignore(_only(order, slug), (self._line(start)[0], self._line(end.start)[0]))

    def _ignore(self, order: Order, region: Span) -> _Ignore:
        """Return it with the file's offsets."""
        place = self._offsets.source
        named = tuple(Named(each.slug, place(each.start), place(each.end, end=True)) for each in order.named)
        order = replace(order, start=place(order.start), end=place(order.end, end=True), named=named)
        if order.reach is Reach.FILE:
            return _Ignore(order, (0, self._length))
        return _Ignore(order, (place(region[0]), place(region[1], end=True)))

    def _region(self, order: Order) -> Span | None:
        """Return what a comment is about: its line, or when it stands alone, the statement or line below."""
        if order.reach is Reach.FILE:
            return 0, len(self._sql)
        line = self._line(order.start)
        following = bisect_left(self._starts, order.start)
        if order.reach is Reach.LINE or (following and self._code[following - 1].end > line[0]):
            return line
        if following == len(self._code):
            return None
        begins = self._starts[following]
        return next((span for span in self._spans if span[0] == begins), self._line(begins))

    def _line(self, offset: int) -> Span:
        end = self._sql.find("\n", offset)
        return self._sql.rfind("\n", 0, offset) + 1, len(self._sql) if end < 0 else end


def _only(order: Order, slug: str) -> Order:
    return replace(order, named=tuple(named for named in order.named if named.slug == slug))
