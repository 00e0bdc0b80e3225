"""The last lines of lint's text: how much was found, in how much, and what was known."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output.cells import printable
from dbops.output.prose import counted
from dbops.output.severity import PAINT
from dbops.output.style import Style
from dbops.results.lint import LintResult, Severity


def summary(result: LintResult, style: Style) -> Iterator[str]:
    """Yield the lines; of the counts only those that are not zero."""
    for file in result.fixed:
        yield f"{style('✓', 'green')} fixed {printable(file)}"
    yield "; ".join([_counts(result, style), *_asides(result)])
    if result.schema:
        yield style(f"tables known from {printable(result.schema)}", "dim")
    else:
        yield style("the tables are not known: --dsn or a folder of migrations would tell more", "dim")


def _counts(result: LintResult, style: Style) -> str:
    files, statements = counted(result.files, "file"), counted(result.statements, "statement")
    found = [_found(result, severity, style) for severity in reversed(Severity)]
    if result.findings:
        return f"{', '.join(filter(None, found))} in {files} ({statements})"
    mark = style("✓", "green") if result.files else style("!", "yellow")
    return f"{mark} {files}, {statements}: nothing {'found' if result.files else 'to look at'}"


def _found(result: LintResult, severity: Severity, style: Style) -> str:
    count = sum(finding.severity is severity for finding in result.findings)
    return style(counted(count, severity.value), *PAINT[severity]) if count else ""


def _asides(result: LintResult) -> Iterator[str]:
    counts = {
        "not analysed": result.not_analysed,
        "ignored": result.ignored,
        "in the baseline": result.baselined,
        "can be fixed with --fix": sum(finding.fixable for finding in result.findings),
    }
    return (f"{count} {what}" for what, count in counts.items() if count)
