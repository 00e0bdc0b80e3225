"""``dbops nplusone`` as text: each loop with its source, how often, and the query that asks once."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output import figures
from dbops.output.cells import shortened
from dbops.output.prose import counted, filled
from dbops.output.style import Style
from dbops.results.nplusone import Loop, LoopKind, NPlusOneResult
from dbops.results.progress import duration

_PAINT = {LoopKind.CONFIRMED: ("red", "bold"), LoopKind.SUSPECTED: ("yellow", "bold")}
_NO_REMEDY = (
    "ask once for all keys: with a join, or, since this takes the first rows of each, with CROSS JOIN LATERAL over them"
)


def render(result: NPlusOneResult, style: Style, room: int) -> str:
    """Return the whole text."""
    blocks = [loop(each, style, room) for each in result.findings]
    return "\n".join(["\n\n".join([*blocks, _summary(result)]), *_notes(result, style, room)])


def ending(result: NPlusOneResult, style: Style, room: int) -> str:
    """Return what is said of logs that were followed, when each loop was shown as it was found."""
    return "\n".join([_summary(result), *_notes(result, style, room)])


def loop(each: Loop, style: Style, room: int) -> str:
    """Return the lines of one loop."""
    return "\n".join(_loop(each, style, room))


def _notes(result: NPlusOneResult, style: Style, room: int) -> Iterator[str]:
    for note in result.notes:
        yield from (style(line, "dim") for line in filled(f"· {note}", room))


def _summary(result: NPlusOneResult) -> str:
    when = "" if result.since is None else f" since {result.since}"
    when = when if result.measured_s is None else f" in {duration(result.measured_s)}"
    if not result.statements:
        what = "read" if result.target is None else "called"
        return f"No statement was {what}{when}: whether there are loops can't be told"
    of = "" if result.sessions is None else f" of {counted(result.sessions, 'session')}"
    read = f"{counted(result.statements, 'statement')}{of}{when}"
    return f"{counted(len(result.findings), 'loop')} in {read}" if result.findings else f"No loop in {read}"


def _loop(loop: Loop, style: Style, room: int) -> Iterator[str]:
    yield f"{style(loop.kind.value, *_PAINT[loop.kind])}  {_often(loop)}"
    yield f"  loop    {style(shortened(_line(loop.query), room - 10), 'cyan')}"
    if loop.source_query is not None:
        yield f"  after   {style(shortened(_line(loop.source_query), room - 10), 'cyan')}"
    yield from _because(loop, room)
    yield shortened(f"  by      {_who(loop)}", room)
    if loop.remedy is not None:
        yield f"  → {loop.remedy};"
        hint = "" if loop.hint is None else f"; {loop.hint}"
        said = f"-- with all {loop.column} in an array{hint}"
    else:
        said = f"→ {_NO_REMEDY}" if loop.hint is None else f"→ {_NO_REMEDY}; {loop.hint}"
    paint = () if loop.remedy is None else ("dim",)
    yield from (style(line, *paint) for line in filled(said, room - 2, indent="    "))


def _because(loop: Loop, room: int) -> Iterator[str]:
    first, *others = filled(f"because {loop.why}", room - 2)
    yield f"  {first}"
    yield from (f"          {line}" for line in others)


def _who(loop: Loop) -> str:
    """Say who asked: what a session would tell and doesn't is a ``?``; counters tell of none."""
    known = [f"request {loop.request}" if loop.request else ""]
    if loop.session is None:
        known += [f"database {loop.database}" if loop.database else ""]
    else:
        known += [f"application {loop.application or '?'}", f"database {loop.database or '?'}"]
        known += [f"session {loop.session or '?'}"]
    return ", ".join(filter(None, known))


def _often(loop: Loop) -> str:
    calls = "calls unknown" if loop.calls is None else f"{figures.count(loop.calls)} calls"
    if loop.occurrences is not None and loop.most_calls is not None and loop.occurrences > 1:
        calls += f" in {counted(loop.occurrences, 'piece')} of work, {figures.count(loop.most_calls)} in one"
    time = "time unknown" if loop.total_ms is None else f"{figures.time(loop.total_ms)} in the server"
    keys = loop.distinct_parameters
    different = "keys unknown" if keys is None else counted(keys, "different key")
    return f"{calls}, {different}, {time}"


def _line(sql: str) -> str:
    return " ".join(sql.split())
