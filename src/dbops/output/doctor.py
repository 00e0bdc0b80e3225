"""``dbops doctor`` for people: the target, the settings, then the checks with what is wrong first."""

from __future__ import annotations

from dbops.output import target
from dbops.output.style import Style
from dbops.results.doctor import Check, DoctorResult, Verdict

_MARKS = {
    Verdict.BAD: ("✗", "red"),
    Verdict.UNKNOWN: ("?", "red"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.OPTIONAL: ("·", "dim"),
    Verdict.OK: ("✓", "green"),
}


def render(result: DoctorResult, style: Style) -> str:
    """Return the text."""
    lines = [target.line(result.target, style) if result.target else style("no database reached", "red", "bold")]
    if result.settings:
        width = max(len(setting.key) for setting in result.settings)
        lines += [f"  {s.key:<{width}}  {s.value}  {style(s.origin, 'dim')}" for s in result.settings]
    for verdict in _MARKS:
        for check in result.checks:
            if check.verdict == verdict:
                lines += _check(check, style)
    lines += [f"cleaned: {what}" for what in result.cleaned]
    return "\n".join(lines)


def _check(check: Check, style: Style) -> list[str]:
    mark, colour = _MARKS[check.verdict]
    lines = [f"{style(mark, colour)} {check.name:<18} {check.found}"]
    if check.cost:
        lines.append(f"    {check.cost}")
    if check.remedy:
        lines.append(f"    {style('→', 'cyan')} {check.remedy}")
    return lines
