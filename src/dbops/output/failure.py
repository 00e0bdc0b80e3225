"""An error for a person: what, where in the SQL, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbops.output.style import Style

_SHOWN_LINES = 6


def render(error: Mapping[str, Any], style: Style) -> str:
    """Return the lines for an error object as in the JSON envelope."""
    lines = [f"{style('error', 'red', 'bold')} {style(str(error['code']), 'bold')}: {error['message']}"]
    for detail in error.get("details", ()):
        if detail.get("statement"):
            lines += _excerpt(str(detail["statement"]), style)
        if detail.get("detail"):
            lines.append(f"  detail: {detail['detail']}")
    if error.get("hint"):
        lines.append(f"  {style('hint:', 'cyan')} {error['hint']}")
    return "\n".join(lines)


def _excerpt(statement: str, style: Style) -> list[str]:
    lines = statement.splitlines()
    shown = [style(f"  | {line}", "dim") for line in lines[:_SHOWN_LINES]]
    if len(lines) > _SHOWN_LINES:
        shown.append(style(f"  | … {len(lines) - _SHOWN_LINES} more lines", "dim"))
    return shown
