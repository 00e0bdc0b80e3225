"""``dbops nplusone`` as text: each loop with its source, how often, and the query that asks once."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output import figures
from dbops.output.cells import shortened
from dbops.output.prose import counted, filled
from dbops.output.style import Style
from dbops.results.nplusone import Loop, LoopKind, NPlusOneResult

_PAINT = {LoopKind.CONFIRMED: ("red", "bold"), LoopKind.SUSPECTED: ("yellow", "bold")}
_NO_REMEDY = (
    "ask once for all keys: with a join, or, since this takes the first rows of each, with CROSS JOIN LATERAL over them"
)
_ORM = "in Django prefetch_related or select_related, in SQLAlchemy selectinload or joinedload does that"


def render(result: NPlusOneResult, style: Style, room: int) -> str:
    """Return the whole text."""
    blocks = ["\n".join(_loop(each, style, room)) for each in result.findings]
    notes = [style(line, "dim") for note in result.notes for line in filled(f"· {note}", room)]
    return "\n".join(["\n\n".join([*blocks, _summary(result)]), *notes])


def _summary(result: NPlusOneResult) -> str:
    if not result.statements:
        return "No statement was read: whether there are loops can't be told"
    read = f"{counted(result.statements, 'statement')} of {counted(result.sessions, 'session')}"
    return f"{counted(len(result.findings), 'loop')} in {read}" if result.findings else f"No loop in {read}"


def _loop(loop: Loop, style: Style, room: int) -> Iterator[str]:
    yield f"{style(loop.kind.value, *_PAINT[loop.kind])}  {_often(loop)}"
    yield f"  loop    {style(shortened(_line(loop.query), room - 10), 'cyan')}"
    yield f"  after   {style(shortened(_line(loop.source_query), room - 10), 'cyan')}"
    yield f"  because {loop.why}"
    who = [f"request {loop.request}" if loop.request else "", f"application {loop.application or '?'}"]
    who += [f"database {loop.database or '?'}", f"session {loop.session or '?'}"]
    yield shortened("  by      " + ", ".join(filter(None, who)), room)
    if loop.remedy is None:
        yield from filled(f"→ {_NO_REMEDY}", room - 2, indent="    ")
        return
    yield f"  → {loop.remedy};"
    yield from (
        style(line, "dim") for line in filled(f"-- with all {loop.column} in an array; {_ORM}", room - 4, indent="    ")
    )


def _often(loop: Loop) -> str:
    calls = f"{figures.count(loop.calls)} calls"
    if loop.occurrences > 1:
        calls += f" in {counted(loop.occurrences, 'piece')} of work, {figures.count(loop.most_calls)} in one"
    time = "time unknown" if loop.total_ms is None else f"{figures.time(loop.total_ms)} in the server"
    return f"{calls}, {counted(loop.distinct_parameters, 'different key')}, {time}"


def _line(sql: str) -> str:
    return " ".join(sql.split())
