"""``dbops migrate adopt``'s result as lines."""

from __future__ import annotations

from dbops.output.style import Style
from dbops.results.adopt import AdoptedMigration, AdoptResult

_SHOWN = 5


def render(result: AdoptResult, style: Style) -> str:
    """Return what was recorded, what is left, and what stands out."""
    origin = f"{result.origin.tool} ({result.origin.table})"
    run = style(f"run {result.run_id}", "dim")
    lines = [_adopted(made, style) for made in result.adopted]
    lines += [f"{style('!', 'yellow')} {warning}" for warning in _warnings(result)]
    counts = f"{len(result.already)} recorded before, {len(result.pending)} pending"
    if result.origin.tool == "alembic":
        lines.append(f"Nothing to copy from {origin}, which stays the history: {counts}.   {run}")
    elif not result.adopted:
        lines.append(f"Nothing to adopt from {origin}: {counts}.   {run}")
    elif result.dry_run:
        lines.append(f"Would adopt {len(result.adopted)} from {origin}: {counts}; nothing was changed.   {run}")
    else:
        lines.append(f"Adopted {len(result.adopted)} from {origin}: {counts}.   {run}")
    return "\n".join(lines)


def _adopted(made: AdoptedMigration, style: Style) -> str:
    label = made.version if made.name in {"", made.version} else f"{made.version} {made.name}"
    when = "" if made.applied_at is None else f"  applied {made.applied_at[:19].replace('T', ' ')} UTC"
    edited = "  edited since, recorded as it is now" if made.edited else ""
    return f"{style('✓', 'green')} {label}{when}{edited}"


def _warnings(result: AdoptResult) -> list[str]:
    warnings = []
    if result.unknown:
        warnings.append(f"left out, for they have no file: {_some([each.version for each in result.unknown])}")
    if result.out_of_order:
        warnings.append(
            f"pending, but older than what is applied: {_some(result.out_of_order)}; `dbops migrate up` wants "
            "--allow-out-of-order for them"
        )
    return warnings


def _some(versions: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(versions) - _SHOWN} more" if len(versions) > _SHOWN else ""
    return ", ".join(versions[:_SHOWN]) + more
