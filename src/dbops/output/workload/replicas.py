"""``dbops advise replicas`` as text."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output import figures
from dbops.output.cells import shortened
from dbops.output.prose import counted, filled
from dbops.output.style import Style
from dbops.results.progress import duration
from dbops.results.workload import Identity, ReplicasResult, RoutedStatement

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}
_INDENT = " " * 17
_CLIENTS = {
    Identity.SESSION: "session",
    Identity.TRACE: "trace",
    Identity.APPLICATION: "application",
    Identity.USER: "role",
}


def render(result: ReplicasResult, style: Style, room: int) -> str:
    """Return the shares first, then the statements, two lines each, then what the figures don't tell."""
    blocks = [line for each in result.statements for line in _statement(each, style, room)]
    notes = [style(line, "dim") for note in result.notes for line in filled(f"· {note}", room)]
    first, *more = [line for sentence in _summary(result) for line in filled(sentence, room)]
    return "\n".join([style(first, "bold"), *more, "", *blocks, *([""] if blocks else []), *notes])


def _summary(result: ReplicasResult) -> Iterator[str]:
    when = "" if result.since is None else f" since {result.since}"
    when = when if result.measured_s is None else f" in {duration(result.measured_s)}"
    if not result.total_ms:
        yield f"No statement ended{when}: what a standby could take can't be told"
        return
    share = figures.share(result.routable_share)
    unclear = f"; of {figures.share(result.unclear_share)} it can't be told" if result.unclear_share else ""
    yield f"A standby could take up to {share} of {figures.time(result.total_ms)} of execution{when}{unclear}"
    yield from _followed(result)
    if not result.replicas:
        yield "No standby streams from this server, as far as this role can see"
        return
    most = "" if result.measured_s is None else " at most"
    lags = ", ".join(
        f"{each.name} ({'lag unknown' if each.lag_s is None else f'{duration(each.lag_s)} behind{most}'})"
        for each in result.replicas
    )
    yield f"There {'is' if len(result.replicas) == 1 else 'are'} {lags}; `dbops ha-status` says how sound"


def _followed(result: ReplicasResult) -> Iterator[str]:
    found = result.followed
    if found is None:
        return
    if not found.statements:
        yield "How fresh answers have to be can't be told: no statement of this database is in the log"
        return
    read = counted(found.statements, "statement")
    who = f"By {read} of the log, where each {_CLIENTS[found.identity]} sees what it wrote, "
    always = f"{figures.share(found.always_share)} whatever the lag is"
    if found.lag_s is not None and found.at_lag_share is not None and found.stay_share is not None:
        share, stay = figures.share(found.at_lag_share), figures.share(found.stay_share)
        yield f"{who}it could take {share} at a lag of {duration(found.lag_s)}, and {always}; {stay} must stay"
    else:
        yield f"{who}it could take {always}"
    if found.unseen_share:
        yield f"Of {figures.share(found.unseen_share)} the log has nothing"


def _statement(each: RoutedStatement, style: Style, room: int) -> Iterator[str]:
    mark, paint = _MARKS[each.routable]
    written = (
        "" if each.written_per_s is None else f"; {each.written_per_s:g} rows a second of what it reads are written"
    )
    head = f"{figures.share(each.share):>5}  {figures.count(each.calls):>6}"
    first, *more = filled(f"{each.reason}{written}", room - len(_INDENT))
    yield f"{style(mark, paint)} {head}  {first}"
    yield from (f"{_INDENT}{line}" for line in more)
    text = "(its text is not known)" if each.query is None else " ".join(each.query.split())
    yield style(shortened(f"{_INDENT}{text}", room), "cyan")
