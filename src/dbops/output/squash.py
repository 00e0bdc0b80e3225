"""A squashed migration, as lines."""

from __future__ import annotations

from pathlib import PurePath

from dbops.output.style import Style
from dbops.results.squash import SquashResult


def render(result: SquashResult, style: Style) -> str:
    """Return what became of what, and what to do with it."""
    rows = f", {result.rows} of them rows" if result.rows else ""
    lines = [
        f"{style('✓', 'green')} {len(result.squashed)} migrations became {result.path}: "
        f"{result.statements} statements{rows}",
        f"  proven on {result.scratch}: both build the same schema, and the same rows",
        f"  the originals are in {PurePath(result.archived[0]).parent}; where they are applied, nothing is to be done",
    ]
    return "\n".join(lines)
