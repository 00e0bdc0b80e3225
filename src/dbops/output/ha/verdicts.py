"""The verdicts, first of all, in a line each of a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output.ha import sentences
from dbops.output.prose import filled
from dbops.output.style import Style
from dbops.results.ha import HaStatus, Verdict

PAINT = {
    Verdict.READY: ("green", "bold"),
    Verdict.DEGRADED: ("yellow", "bold"),
    Verdict.UNKNOWN: ("red", "bold"),
    Verdict.NOT_READY: ("red", "bold"),
}
LABEL = 12
"""Cells of what stands before a verdict."""


def verdicts(status: HaStatus, style: Style, room: int) -> Iterator[list[str]]:
    """Yield the lines of each answer, of what the manager would do, and of which environment it is about."""
    for answer in sentences.answers(status):
        word = sentences.word(answer.verdict)
        unasked = "" if answer.asked else " (not asked for)"
        lines = filled(f"{word}: {answer.text}{unasked}", room - LABEL)
        lines[0] = style(word, *PAINT[answer.verdict]) + lines[0][len(word) :]
        yield _labelled(answer.question.value, lines, style)
    if status.automatic is not None:
        said = sentences.automatic(status.automatic, status.emergency.candidate)
        yield _labelled("automatic", filled(said, room - LABEL), style)
    if status.environment:
        yield _labelled("cluster", filled(sentences.cluster(status), room - LABEL), style)


def _labelled(label: str, lines: list[str], style: Style) -> list[str]:
    first, *others = lines
    return [style(label.upper(), "bold") + " " * (LABEL - len(label)) + first, *(" " * LABEL + line for line in others)]
