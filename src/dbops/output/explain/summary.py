"""The first lines: what the query takes, with which values, and what one should know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output.cells import shortened
from dbops.output.explain import sentences
from dbops.output.explain.scenarios import rows
from dbops.output.prose import filled
from dbops.output.style import Style
from dbops.results.explain import ExplainResult


def summary(result: ExplainResult, style: Style, width: int) -> Iterator[str]:
    """Yield the lines."""
    for warning in result.warnings:
        yield from _marked("!", warning, ("yellow",), style, width)
    reason = sentences.not_run(result)
    if reason:
        yield from _marked("!", reason, ("yellow",), style, width)
    first, *others = filled(sentences.total(result), width)
    yield from (style(line, "bold") for line in [first, *others])
    for sentence in (_joined(result), sentences.takers(result), sentences.repeats(result)):
        yield from filled(sentence, width)
    if result.statistics is not None:
        yield from filled(sentences.statistics(result.statistics), width)
    yield from _scenarios(result, style, width)


def _joined(result: ExplainResult) -> str:
    return "; ".join(sentences.work(result))


def _marked(mark: str, text: str, paint: tuple[str, ...], style: Style, width: int) -> Iterator[str]:
    for number, line in enumerate(filled(text, width - 2)):
        yield (f"{style(mark, *paint)} " if not number else "  ") + style(line, *paint)


def _scenarios(result: ExplainResult, style: Style, width: int) -> Iterator[str]:
    """Yield a line for each choice of values, with a mark at the one whose plan is shown."""
    some = rows(result)
    shown = [(each.name, each.time, each.cost) for each in some]
    sizes = [max(map(len, column), default=0) for column in zip(*shown, strict=True)]
    for each in some:
        mark = "▸" if each.shown else " "
        line = f"{mark} {each.name:<{sizes[0]}}  {each.time:>{sizes[1]}}  cost {each.cost:>{sizes[2]}}  {each.values}"
        yield style(shortened(line.rstrip(), width), *(("bold",) if each.shown else ()))
