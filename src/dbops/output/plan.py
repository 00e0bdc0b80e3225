"""What ``plan`` would run, statement by statement."""

from __future__ import annotations

from dbops.output import trace
from dbops.output.style import Style
from dbops.results.migration import PlannedMigration, PlannedStatement, PlanResult


def render(result: PlanResult, style: Style) -> str:
    """Return every statement with its lock and, where it was traced, what it did; last, how many would be run."""
    if not result.migrations:
        return "Nothing to apply." if result.direction == "up" else "Nothing to revert."
    lines = [f"{style('!', 'yellow')} {warning}" for warning in result.warnings]
    for migration in result.migrations:
        lines += _planned(migration, style, traced=result.trace is not None)
    if result.trace is not None:
        lines.append(trace.basis(result.trace))
    count = len(result.migrations)
    what = f"{count} migration{'' if count == 1 else 's'} would be {_DONE[result.direction]}"
    lines.append(f"{what}, in this order; nothing was changed.")
    return "\n".join(lines)


_DONE = {"up": "applied", "down": "reverted"}


def _planned(migration: PlannedMigration, style: Style, *, traced: bool) -> list[str]:
    how = "statement by statement, journalled" if migration.journalled else "a block outside its transaction"
    mode = "one transaction" if migration.transactional else how
    if migration.statements_done:
        mode += f", resumes after {migration.statements_done}"
    lines = [f"{style(f'{migration.version} {migration.name}', 'bold')}  {mode}  {style(migration.file, 'dim')}"]
    for statement in migration.statements:
        lines.append(f"  {style(_lock(statement), *_lock_paint(statement))}  {style(f'line {statement.line}', 'dim')}")
        lines += [f"    {line}" for line in statement.sql.splitlines()]
        if traced:
            lines += [f"    → {line}" for line in trace.lines(statement.traced, style)]
    return lines


def _lock(statement: PlannedStatement) -> str:
    if statement.lock is None:
        return "locks no existing table"
    if statement.lock == "unknown":
        return "locks known only when it runs"
    text = f"{statement.lock} on {', '.join(statement.relations)}"
    return f"{text}: blocks {statement.blocks}" if statement.blocks else text


def _lock_paint(statement: PlannedStatement) -> tuple[str, ...]:
    return {"reads and writes": ("red",), "writes": ("yellow",)}.get(statement.blocks or "", ("dim",))
