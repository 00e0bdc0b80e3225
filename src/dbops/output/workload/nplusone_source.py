"""``dbops nplusone PATH…`` as text: what asks in a loop, by file and line, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from dbops.output.cells import printable, shortened
from dbops.output.lint import github as workflow
from dbops.output.prose import counted, filled
from dbops.output.style import Style
from dbops.results.lint import Finding, LintResult, Severity
from dbops.results.nplusone_source import SourceLoop, SourceResult


def render(result: SourceResult, style: Style, room: int) -> str:
    """Return the whole text."""
    blocks = ["\n".join(_line(list(each), style, room)) for _, each in groupby(result.findings, key=_place)]
    blocks += ["\n".join(_others(result, style, room))] if result.unreadable or result.unused else []
    return "\n\n".join([*blocks, "\n".join(_summary(result, style))])


def github(result: SourceResult) -> str:
    """Return a line a finding, as GitHub shows them in a pull request."""
    found = [
        _finding(each.pattern, each.file, each.line, f"{each.query}: {each.why}", each.remedy)
        for each in result.findings
    ]
    found += [_finding("unreadable", each.file, each.line, each.reason, None) for each in result.unreadable]
    found += [_finding("unused-ignore", each.file, each.line, each.message, None) for each in result.unused]
    return workflow.render(LintResult(tuple(found), result.files, 0, 0))


def _place(each: SourceLoop) -> tuple[str, int]:
    return each.file, each.line


def _line(findings: list[SourceLoop], style: Style, room: int) -> Iterator[str]:
    """Yield what is said of one line of a file."""
    first = findings[0]
    yield style(f"{printable(first.file)}:{first.line}", "bold") + f"  in {first.where}"
    yield f"  over    {style(shortened(first.source_query, room - 10), 'cyan')}"
    for each in findings:
        yield f"  asks    {style(shortened(each.query, room - 10), 'cyan')}"
        if each.asked_at is not None:
            yield shortened(f"  at      {each.asked_at}", room)
        yield from filled(f"because {each.why} ({each.pattern})", room - 2, indent="  ")
        yield f"  → {each.remedy}"


def _others(result: SourceResult, style: Style, room: int) -> Iterator[str]:
    for each in result.unreadable:
        place = style(f"{printable(each.file)}:{each.line}", "bold")
        yield f"{place}  {style('not looked at', 'yellow')}: {printable(each.reason)}"
    for comment in result.unused:
        place = style(f"{printable(comment.file)}:{comment.line}", "bold")
        yield f"{place}  {style('unused ignore', 'yellow')}: {printable(comment.message)}"


def _summary(result: SourceResult, style: Style) -> Iterator[str]:
    if not result.files:
        yield "No Python file is there: whether there are loops can't be told"
        return
    looked = result.files - len({each.file for each in result.unreadable})
    if not looked:
        yield "No file could be looked at: whether there are loops can't be told"
        return
    where = f"{counted(looked, 'file')} of a project with {counted(result.models, 'model')}"
    lines = len({_place(each) for each in result.findings})
    found = f"{counted(lines, 'line')} that ask in a loop" if lines != 1 else "1 line that asks in a loop"
    yield f"{found} in {where}" if lines else f"No loop that asks in {where}"
    if result.ignored:
        yield style(f"· {counted(result.ignored, 'finding')} silenced by comments", "dim")
    if not result.models:
        yield style("· no model of Django or SQLAlchemy is known: only statements as text were looked for", "dim")


def _finding(rule: str, file: str, line: int, message: str, hint: str | None) -> Finding:
    return Finding(rule, Severity.WARNING, message, hint, file, line, 1, line, 1, "")
