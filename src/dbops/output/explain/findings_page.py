"""The findings about plans as Markdown: a page of the docs."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.output.lint.markdown import escaped
from dbops.output.prose import paragraphs
from dbops.results.explain import FindingInfo


def page(infos: Sequence[FindingInfo]) -> str:
    """Return an index, then a section a finding, whose anchor is the finding's slug."""
    index = ["| Finding | Severity | What it finds |", "|---|---|---|", *map(_row, infos)]
    return "\n\n".join(["\n".join(index), *map(_section, infos)]) + "\n"


def _row(info: FindingInfo) -> str:
    cells = (f"[{info.finding}](#{info.finding})", info.severity.value, escaped(info.summary))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _section(info: FindingInfo) -> str:
    parts = [f"## {info.finding}", f"Severity: {info.severity.value}."]
    parts += [
        (f"**{paragraph.label}:** " if paragraph.label else "") + escaped(paragraph.text)
        for paragraph in paragraphs(info.text)
    ]
    for label, examples in (("Found in the plan of:", info.bad), ("Not found in the plan of:", info.good)):
        parts += [label, f"```sql\n{examples[0]}\n```"] if examples else []
    return "\n\n".join(parts)
