"""The first lines: what the query takes, with which values, and what one should know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output.cells import shortened
from dbops.output.explain import figures, sentences
from dbops.output.prose import filled
from dbops.output.style import Style
from dbops.results.explain import ExplainResult, Scenario


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
    if any(each.values for each in result.scenarios) or len(result.scenarios) > 1:
        yield from _scenarios(result.scenarios, style, width)


def values(scenario: Scenario) -> str:
    """Return the values of the parameters: ``$1 = 5, $2 = NULL``."""
    return ", ".join(f"{name} = {'NULL' if value is None else value}" for name, value in scenario.values.items())


def _joined(result: ExplainResult) -> str:
    return "; ".join(sentences.work(result))


def _marked(mark: str, text: str, paint: tuple[str, ...], style: Style, width: int) -> Iterator[str]:
    for number, line in enumerate(filled(text, width - 2)):
        yield (f"{style(mark, *paint)} " if not number else "  ") + style(line, *paint)


def _scenarios(scenarios: tuple[Scenario, ...], style: Style, width: int) -> Iterator[str]:
    """Yield a line for each choice of values, with a mark at the one whose plan is shown."""
    rows = [(each, each.name, _time(each), _cost(each)) for each in scenarios]
    sizes = [max(map(len, column), default=0) for column in zip(*(row[1:] for row in rows), strict=True)]
    for each, name, time, cost in rows:
        mark = "▸" if each.shown else " "
        line = f"{mark} {name:<{sizes[0]}}  {time:>{sizes[1]}}  {cost:>{sizes[2]}}  {values(each)}"
        yield style(shortened(line.rstrip(), width), *(("bold",) if each.shown else ()))


def _time(scenario: Scenario) -> str:
    return "not run" if scenario.execution_ms is None else figures.time(scenario.execution_ms)


def _cost(scenario: Scenario) -> str:
    return "" if scenario.cost is None else f"cost {figures.count(scenario.cost)}"
