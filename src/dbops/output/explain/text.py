"""What there is to say of a query, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output.cells import printable
from dbops.output.explain import sentences
from dbops.output.explain.comparison import comparison
from dbops.output.explain.found import findings, lint, marks
from dbops.output.explain.indexes import indexes, rejected
from dbops.output.explain.summary import summary
from dbops.output.explain.tree import tree
from dbops.output.prose import filled
from dbops.output.style import Style
from dbops.results.explain import ExplainResult

_NARROWEST = 40


def render(result: ExplainResult, style: Style, width: int, *, full: bool = False) -> str:
    """Return the text in lines of at most ``width`` cells (40 at the least); SQL to paste is not broken.

    The target's line is not in it: a command has said it before it ran anything. ``full`` shows every node of a big
    plan.
    """
    width = max(width, _NARROWEST)
    lines = [*summary(result, style, width)]
    for title, section in _sections(result, style, width, full=full):
        body = [*section]
        if body:
            lines += ["", style(title, "bold"), *body]
    lines += _last(result, style, width)
    return "\n".join(lines)


def _sections(result: ExplainResult, style: Style, width: int, *, full: bool) -> Iterator[tuple[str, Iterator[str]]]:
    yield "Plan", _plan(result, style, width, full=full)
    yield "Findings", _findings(result, style, width)
    yield "Indexes", _indexes(result, style, width)
    yield "Not advised", rejected(result.rejected, style, width)
    yield "Lint", lint(result.lint, style, width)
    if result.comparison is not None:
        yield "Comparison", comparison(result.comparison, style, width)


def _plan(result: ExplainResult, style: Style, width: int, *, full: bool) -> Iterator[str]:
    yield from tree(result.plan, marks(result.findings), style, width, full=full)
    for sentence in sentences.beside(result.plan):
        yield from (style(line, "dim") for line in filled(sentence, width))


def _findings(result: ExplainResult, style: Style, width: int) -> Iterator[str]:
    if result.findings:
        yield from findings(result.findings, style, width)
    else:
        yield f"{style('✓', 'green')} nothing found"


def _indexes(result: ExplainResult, style: Style, width: int) -> Iterator[str]:
    yield from indexes(result.indexes, style, width)
    yield from filled(result.advice or "", width)


def _last(result: ExplainResult, style: Style, width: int) -> Iterator[str]:
    if result.broken or result.written:
        yield ""
    for limit in result.broken:
        for number, line in enumerate(filled(f"{limit.limit}: {limit.message}", width - 2)):
            yield style(("  " if number else "✗ ") + line, "red", "bold")
    for file in result.written:
        yield f"{style('✓', 'green')} wrote {printable(file)}"
