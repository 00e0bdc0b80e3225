"""The first line of every command that connects."""

from __future__ import annotations

from dbops.output.style import Style
from dbops.results.target import Target


def line(target: Target, style: Style, note: str | None = None) -> str:
    """Return database, host, standing, environment, role and a note."""
    where = f"{target.database} @ {target.host}" + (f":{target.port}" if target.port else "")
    standing = style(target.standing.upper(), "green" if target.standing == "primary" else "yellow", "bold")
    parts = [style(where, "bold"), standing]
    if target.read_only and not target.in_recovery:
        parts.append(style("READ-ONLY", "yellow", "bold"))
    if target.environment:
        parts.append(style(target.environment, "red" if target.is_production else "cyan", "bold"))
    parts.append(f"role {target.role}")
    if note:
        parts.append(note)
    return "  ".join(parts)
