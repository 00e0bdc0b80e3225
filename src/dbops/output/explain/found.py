"""What was found in a plan and in the query's text: a few lines each, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.output import figures
from dbops.output.cells import printable
from dbops.output.prose import advice, filled
from dbops.output.severity import PAINT
from dbops.output.style import Style
from dbops.results.explain import PlanFinding
from dbops.results.lint import Finding, Severity

MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "·"}


def marks(findings: Sequence[PlanFinding]) -> dict[int, str]:
    """Return the mark of the worst finding of each node that has one, by the node's id."""
    worst: dict[int, Severity] = {}
    for each in findings:
        if each.node is not None and each.severity.rank >= worst.get(each.node, Severity.INFO).rank:
            worst[each.node] = each.severity
    return {node: MARKS[severity] for node, severity in worst.items()}


def place(finding: PlanFinding) -> str:
    """Return what a finding is about: ``#4 Seq Scan on orders``, or the plan as a whole."""
    return "the whole plan" if finding.node is None else f"#{finding.node} {finding.label or ''}".rstrip()


def saving(finding: PlanFinding) -> str:
    """Return ``saves up to 400 ms``, or "" where that isn't known."""
    return "" if not finding.saving_ms else f"saves up to {figures.time(finding.saving_ms)}"


def findings(some: Sequence[PlanFinding], style: Style, width: int) -> Iterator[str]:
    """Yield the findings as they are ranked, infos close together."""
    previous: PlanFinding | None = None
    for each in some:
        if previous is not None and not previous.severity is each.severity is Severity.INFO:
            yield ""
        yield from _finding(each, style, width)
        previous = each


def _finding(finding: PlanFinding, style: Style, width: int) -> Iterator[str]:
    paint = PAINT[finding.severity]
    mark = f"{style(MARKS[finding.severity], *paint)} "
    for number, line in enumerate(filled(finding.message, width - 2)):
        yield (mark if not number else "  ") + style(line, "bold")
    about = "  ".join(filter(None, (place(finding), finding.finding, saving(finding))))
    yield from (style(line, *paint) for line in filled(about, width, indent="  "))
    yield from (style(line, "dim") for line in filled(finding.evidence, width, indent="  "))
    yield from remedy(finding.remedy or "", style, width)


def remedy(text: str, style: Style, width: int) -> Iterator[str]:
    """Yield what to do behind an arrow; a line of SQL stays one, so that it can be pasted."""
    for number, line in enumerate(advice(text, width - 4)):
        yield f"  {style('→', 'cyan') if not number else ' '} {line}"


def lint(some: Sequence[Finding], style: Style, width: int) -> Iterator[str]:
    """Yield a line or two for each finding of the query's text."""
    for each in some:
        severity = style(each.severity.value, *PAINT[each.severity])
        lines = filled(printable(each.message), width, indent="    ")
        yield f"  {each.line}:{each.column}  {severity}  {each.rule}"
        yield from lines
