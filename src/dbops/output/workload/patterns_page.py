"""The patterns of loops in source as Markdown: a page of the docs."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.output.lint.markdown import escaped
from dbops.output.prose import paragraphs
from dbops.results.nplusone_source import PatternInfo


def page(infos: Sequence[PatternInfo]) -> str:
    """Return an index, then a section a pattern, whose anchor is the pattern's slug."""
    index = ["| Pattern | What it finds |", "|---|---|", *map(_row, infos)]
    return "\n\n".join(["\n".join(index), *map(_section, infos)]) + "\n"


def _row(info: PatternInfo) -> str:
    return f"| [{info.pattern}](#{info.pattern}) | {escaped(info.summary).replace('|', chr(92) + '|')} |"


def _section(info: PatternInfo) -> str:
    parts = [f"## {info.pattern}"]
    parts += [
        (f"**{paragraph.label}:** " if paragraph.label else "") + escaped(paragraph.text)
        for paragraph in paragraphs(info.text)
    ]
    for label, examples in (("Found in:", info.bad), ("Not found in:", info.good)):
        parts += [label, f"```python\n{examples[0].strip()}\n```"] if examples else []
    return "\n\n".join(parts)
