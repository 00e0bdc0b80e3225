"""The checks as people read them: one in full, all as a table, and all as a page of the docs."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent

from dbops.output.lint.markdown import escaped
from dbops.output.lint.rules import WIDEST
from dbops.output.prose import counted, paragraphs, styled
from dbops.output.style import Style
from dbops.results.ha import HaCheckInfo, Question, Weight

PAINT: dict[Weight, tuple[str, ...]] = {
    Weight.BLOCKER: ("red", "bold"),
    Weight.WARNING: ("yellow",),
    Weight.INFO: ("cyan",),
}


def render(info: HaCheckInfo, style: Style, width: int) -> str:
    """Return a check's text in lines of the width, and the query that its facts come from."""
    parts = [f"{style(info.id, 'bold')}  {style(info.severity.value, *PAINT[info.severity])}, {_matters(info)}"]
    parts += [styled(paragraph, style, min(width, WIDEST)) for paragraph in paragraphs(info.text)]
    parts.append(f"{style('Its facts come from:', 'bold')}\n\n{indent(info.query.strip(), '    ')}")
    return "\n\n".join(parts)


def listing(infos: Sequence[HaCheckInfo]) -> str:
    """Return a line a check: its id, its weight, the question it counts for, what must hold."""
    ids = max((len(info.id) for info in infos), default=0)
    lines = [
        f"{info.id:<{ids}}  {info.severity.value:<7}  {_short(info):<10}  {info.summary}".rstrip() for info in infos
    ]
    lines += ["", f"{counted(len(infos), 'check')}; dbops ha-status --explain CHECK tells why, and what to do."]
    return "\n".join(lines)


def checks_page(infos: Sequence[HaCheckInfo]) -> str:
    """Return an index, then a section a check, whose anchor is the check's id, as Markdown."""
    index = ["| Check | Weight | Counts for | What must hold |", "|---|---|---|---|", *map(_row, infos)]
    return "\n\n".join(["\n".join(index), *map(_section, infos)]) + "\n"


def _row(info: HaCheckInfo) -> str:
    cells = (f"[{info.id}](#{info.id})", info.severity.value, _short(info), escaped(info.summary))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _section(info: HaCheckInfo) -> str:
    weight = "An info: it" if info.severity is Weight.INFO else f"A {info.severity.value}"
    parts = [f"## {info.id}", f"{weight} {_matters(info)}."]
    parts += [
        (f"**{paragraph.label}:** " if paragraph.label else "") + escaped(paragraph.text)
        for paragraph in paragraphs(info.text)
    ]
    parts += ["Its facts come from:", f"```sql\n{info.query.strip()}\n```"]
    return "\n\n".join(parts)


def _short(info: HaCheckInfo) -> str:
    """Return which question it counts for, in a word."""
    return info.matters[0].value if len(info.matters) == 1 else "both"


def _matters(info: HaCheckInfo) -> str:
    """Return which question it counts for, in words."""
    if info.severity is Weight.INFO:
        return "changes no verdict"
    if len(info.matters) == len(Question):
        return "for a switchover and in an emergency"
    return "for a switchover only" if info.matters[0] is Question.SWITCHOVER else "in an emergency only"
