"""What lint found, for people: each finding with its line and what to do, then what it all comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from dbops.output.cells import printable
from dbops.output.lint.excerpt import excerpt
from dbops.output.lint.summary import summary
from dbops.output.prose import advice, wrapped
from dbops.output.severity import PAINT
from dbops.output.style import Style
from dbops.results.lint import Finding, LintResult, Severity

_HELP = "  help: "


def render(result: LintResult, sources: Mapping[str, str], style: Style, width: int) -> str:
    """Return the text; ``sources`` hold the files' texts that the findings' lines and columns count in.

    A finding whose file is not in ``sources`` is shown without its line. An info is shown without it too, and close
    to the one before, so that many of them don't bury a warning.
    """
    lines: list[str] = []
    previous: Finding | None = None
    for file, findings in groupby(result.findings, key=lambda finding: finding.file):
        source = sources.get(file)
        text = [] if source is None else source.split("\n")
        for finding in findings:
            if previous is not None and not _close(previous, finding):
                lines.append("")
            lines += _finding(finding, text, style, width)
            previous = finding
    if lines:
        lines.append("")
    return "\n".join([*lines, *summary(result, style)])


def _close(one: Finding, other: Finding) -> bool:
    return one.file == other.file and one.severity is other.severity is Severity.INFO


def _finding(finding: Finding, source: Sequence[str], style: Style, width: int) -> Iterator[str]:
    paint = PAINT[finding.severity]
    place = style(f"{printable(finding.file)}:{finding.line}:{finding.column}", "bold")
    fixable = style("  fixable", "dim") if finding.fixable else ""
    yield f"{place}  {style(finding.severity.value, *paint)}  {finding.rule}{fixable}"
    yield from wrapped(printable(finding.message), width, indent="  ")
    if finding.severity is not Severity.INFO:
        yield from excerpt(source, finding, style, paint, width)
    yield from _hint(finding.hint or "", style, width)


def _hint(hint: str, style: Style, width: int) -> Iterator[str]:
    for number, line in enumerate(advice(hint, width - len(_HELP))):
        yield (" " * len(_HELP) if number else f"  {style('help:', 'cyan')} ") + line
