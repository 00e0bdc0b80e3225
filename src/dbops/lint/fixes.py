"""Edits of a source text at exact positions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, product

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
        edits = [edit for edit in dict.fromkeys(fix) if edit not in taken]
        pairs = [*combinations(edits, 2), *product(edits, taken)]
        if not any(_collide(one, other) for one, other in pairs):
            taken += edits
            made += 1
    for edit in sorted(taken, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, made


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
