"""Edits of a source text at exact positions. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from itertools import combinations

from dbops.lint.rule import Edit
from dbops.sql.offsets import Offsets


def apply(text: str, fixes: Iterable[Sequence[Edit]]) -> tuple[str, int]:
    """Return the text with the fixes made, and how many were made.

    A fix is made whole or not at all: one that overlaps another, or touches the place it inserts at, is left for the
    next round.
    """
    taken: list[Edit] = []
    made = 0
    for fix in fixes:
        edits = [edit for edit in dict.fromkeys(fix) if not _is_taken(edit, taken)]
        if not any(_collide(one, other) for one, other in combinations(edits, 2)) and all(
            not _collide(edit, other) for edit in edits for other in _neighbours(edit, taken)
        ):
            for edit in edits:
                insort(taken, edit, key=_start)
            made += 1
    parts, end = [], 0
    for edit in taken:
        parts += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join([*parts, text[end:]]), made


def _start(edit: Edit) -> int:
    return edit.start


def _neighbours(edit: Edit, taken: list[Edit]) -> list[Edit]:
    """Return which of the edits, that are in order and apart, begin last before this one and first after it."""
    place = bisect_left(taken, edit.start, key=_start)
    return taken[max(place - 1, 0) : place + 1]


def _is_taken(edit: Edit, taken: list[Edit]) -> bool:
    return edit in _neighbours(edit, taken)


def _collide(one: Edit, other: Edit) -> bool:
    if one.start == other.start:
        return True
    first, second = (one, other) if one.start < other.start else (other, one)
    return second.start < first.end or (second.start == first.end and second.start == second.end)


def to_source(edits: Iterable[Edit], offsets: Offsets) -> tuple[Edit, ...]:
    """Return a script's edits as those of the file's text; nothing when one of them isn't of text that stands there."""
    moved = []
    for edit in edits:
        if not offsets.verbatim(edit.start, edit.end):
            return ()
        moved.append(Edit(offsets.source(edit.start), offsets.source(edit.end, end=edit.end > edit.start), edit.text))
    return tuple(moved)
