"""What the page shows, as values that its templates only have to lay out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dbops.output import figures
from dbops.output.cells import shortened
from dbops.output.explain import sentences
from dbops.output.explain.columns import Column, columns
from dbops.output.explain.document import document
from dbops.output.explain.html.flame import Flame, flame
from dbops.output.explain.html.highlight import highlighted
from dbops.output.explain.html.nodes import Step, steps
from dbops.output.explain.html.parts import ComparisonView, FindingView, IndexView, compared, finding, index
from dbops.output.explain.indexes import COST_IS_NOT_TIME, PROVE, unproven
from dbops.output.explain.measure import Measure
from dbops.output.explain.scenarios import Row, rows
from dbops.results.explain import ExplainResult, PlanFinding, Summary
from dbops.results.target import Target

_TITLE = 60


@dataclass(frozen=True, slots=True)
class View:
    """The page. ``figures`` are names, figures and (or "") what they are of; ``query`` are parts and what each is."""

    result: ExplainResult
    title: str
    heading: str
    where: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    figures: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    scenarios: tuple[Row, ...]
    measure: Measure
    flame: Flame | None
    columns: tuple[Column, ...]
    steps: tuple[Step, ...]
    beside: tuple[str, ...]
    findings: tuple[FindingView, ...]
    indexes: tuple[IndexView, ...]
    advice: tuple[str, ...]
    comparison: ComparisonView | None
    document: str


def view(result: ExplainResult) -> View:
    """Return what the page shows of a result."""
    plan = result.plan
    some = tuple(columns(plan))
    query = (result.query or plan.query or "").strip("\n")
    return View(
        result=result,
        title=f"{_figure(result)}: {shortened(' '.join(query.split()), _TITLE) or result.source}",
        heading=_heading(result),
        where=tuple(_where(result.target)) if result.target else (),
        query=tuple(highlighted(query)),
        figures=tuple(_figures(result.summary, estimated=plan.root.estimate.known)),
        notes=tuple(_notes(result)),
        warnings=tuple(filter(None, (sentences.not_run(result), *result.warnings))),
        scenarios=rows(result),
        measure=Measure.of(plan),
        flame=flame(plan),
        columns=tuple(each for each in some if each.title),
        steps=tuple(steps(plan, some, _by_node(result.findings))),
        beside=tuple(sentences.beside(plan)),
        findings=tuple(map(finding, result.findings)),
        indexes=tuple(map(index, result.indexes)),
        advice=tuple(_advice(result)),
        comparison=None if result.comparison is None else compared(result.comparison),
        document=document(plan),
    )


def _figure(result: ExplainResult) -> str:
    ms = result.summary.execution_ms
    if ms is not None:
        return figures.time(ms)
    return f"cost {figures.count(result.summary.cost)}" if result.plan.root.estimate.known else "plan"


def _heading(result: ExplainResult) -> str:
    if result.summary.execution_ms is not None:
        return f"This query takes {_figure(result)}"
    if result.plan.root.estimate.known:
        return f"This query is expected to {_figure(result)}"
    return "The plan of this query"


def _where(target: Target) -> Iterator[str]:
    yield f"{target.database} @ {target.host}" + (f":{target.port}" if target.port else "")
    yield target.standing
    if target.environment:
        yield target.environment
    major, minor = divmod(target.server_version, 10_000)
    yield f"PostgreSQL {major}.{minor}"


def _figures(summary: Summary, *, estimated: bool) -> Iterator[tuple[str, str, str]]:
    known = [ms for ms in (summary.execution_ms, summary.planning_ms) if ms is not None]
    if summary.execution_ms is not None:
        yield "in all", figures.time(sum(known)), ""
        yield "executing", figures.time(summary.execution_ms), ""
    if summary.planning_ms is not None:
        yield "planning", figures.time(summary.planning_ms), ""
    if summary.rows is not None:
        yield "rows", figures.count(summary.rows), ""
    elif estimated:
        yield "rows", figures.count(summary.expected_rows), "expected"
    if summary.blocks_hit is not None or summary.blocks_read is not None:
        read = summary.blocks_read or 0
        touched = (summary.blocks_hit or 0) + read
        yield "blocks", figures.count(touched), figures.size(touched * figures.BLOCK)
        yield "from outside the cache", figures.count(read), figures.size(read * figures.BLOCK) if read else ""
    if summary.temp_bytes:
        yield "temporary files", figures.size(summary.temp_bytes), ""
    if estimated:
        yield "cost", figures.count(summary.cost), ""


def _notes(result: ExplainResult) -> Iterator[str]:
    seen = sentences.statistics(result.statistics) if result.statistics else ""
    yield from filter(None, (sentences.takers(result), sentences.repeats(result), seen))


def _by_node(some: Sequence[PlanFinding]) -> dict[int, list[int]]:
    """Return the places of the findings in their list, from 1, by the node they are about."""
    places: dict[int, list[int]] = {}
    for number, each in enumerate(some, 1):
        if each.node is not None:
            places.setdefault(each.node, []).append(number)
    return places


def _advice(result: ExplainResult) -> Iterator[str]:
    if result.advice:
        yield result.advice
    if unproven(result.indexes):
        yield f"{COST_IS_NOT_TIME} {PROVE}"
