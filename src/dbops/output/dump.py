"""A dumped schema: itself, or what became of the file."""

from __future__ import annotations

from dbops.output.style import Style
from dbops.results.dump import DumpResult


def render(result: DumpResult, style: Style) -> str:
    """Return the schema, or a line about the file that was written, or how one differs."""
    if result.file is None:
        return result.schema.rstrip("\n")
    if result.stale is None:
        return f"Wrote {result.file}"
    if not result.stale:
        return f"{style('✓', 'green')} {result.file} is current"
    return f"{result.diff}\n{style(result.file, 'bold')} is stale: dbops migrate dump -f {result.file}"
