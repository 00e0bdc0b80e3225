"""``dbops advise cache`` as text: what pays first, shortly what doesn't, then the server's own cache."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output import figures
from dbops.output.cells import shortened
from dbops.output.prose import counted, filled
from dbops.output.style import Style
from dbops.results.cache import Basis, CachedRelation, CacheResult, CacheStatement, ServerCaches, Strategy
from dbops.results.figures import period
from dbops.results.progress import duration

_INDENT = " " * 12
_LEFT_ALONE, _RELATIONS = 3, 5
"""Of what is not worth it, and of tables and indexes, so many are shown."""
_HEAVY = 0.01
"""What is not worth it and takes a smaller share of the time is counted alone."""
_GOOD, _NOTABLE = 0.99, 2**20
"""Relations with a better hit rate (pghero's bound), and those with less than 1 MB, are not shown."""


def render(result: CacheResult, style: Style, room: int) -> str:
    """Return all but the target, which was told before."""
    worth = [each for each in result.statements if each.strategy is not Strategy.NONE]
    alone = [each for each in result.statements if each.strategy is Strategy.NONE]
    lines = [*_summary(result, worth, style, room), ""]
    for each in worth:
        lines += [*_statement(each, result.stale_s, style, room), ""]
    lines += [*_left_alone(result, alone, style, room), *_server(result.server, style, room)]
    notes = [*result.notes, *result.server.notes]
    lines += ["", *(style(line, "dim") for note in notes for line in filled(f"· {note}", room))] if notes else []
    return "\n".join(lines)


def _summary(result: CacheResult, worth: list[CacheStatement], style: Style, room: int) -> Iterator[str]:
    yield from (style(line, "bold") for line in filled(_saving(result, worth), room))
    if result.total_ms and result.load_ms_per_second is not None:
        how = "" if result.log_s is None else f"; hits were counted in {duration(result.log_s)} of logs"
        old = f"Answers may be {period(result.stale_s)} old" if result.stale_s else "No answer may be old"
        yield from (style(line, "dim") for line in filled(f"{old} (--stale){how}", room))


def _saving(result: CacheResult, worth: list[CacheStatement]) -> str:
    """Return in a sentence what a cache would bring, or why that is not known."""
    when = "" if result.since is None else f" since {result.since}"
    when = when if result.measured_s is None else f" in {duration(result.measured_s)}"
    load, saved = result.load_ms_per_second, result.saved_ms_per_second
    if not result.total_ms:
        return f"No statement ended{when}: what a cache could answer can't be told"
    if load is None:
        return "Since when statements are counted is not known here, so neither is what a cache saves: --for 60s tells"
    known = [each for each in worth if each.saved_ms_per_second is not None]
    if known:
        share, count = figures.share(saved / load) if load else "?", counted(len(known), "statement")
        return f"A cache would save {_ms(saved)} of {_ms(load)} ms/s of execution ({share}), with {count}{when}"
    if worth:
        return f"What a cache saves of {_ms(load)} ms/s of execution{when} only a log tells (--log FILE)"
    return f"No statement is worth a cache: {_ms(load)} ms/s of execution{when}"


def _statement(each: CacheStatement, stale: float, style: Style, room: int) -> Iterator[str]:
    yield from _head(each, stale, style, room)
    text = "(its text is not known)" if each.query is None else " ".join(each.query.split())
    yield style(shortened(f"{_INDENT}{text}", room), "cyan")
    yield from filled(each.reason, room, indent=_INDENT)
    yield from (style(line, "dim") for line in filled(_figures(each), room, indent=_INDENT))
    if each.explain is not None:
        yield style(f"{_INDENT}{each.explain}", "dim")
    if each.view is not None:
        for number, line in enumerate(f"{each.view.create};\n{each.view.unique_index};".splitlines()):
            yield f"  → {line}" if not number else f"    {line}"
        yield f"    {each.view.refresh};"
        yield style(f"    -- then ask: {each.view.query}", "dim")


def _head(each: CacheStatement, stale: float, style: Style, room: int) -> Iterator[str]:
    """Yield what it saves and how, in one line where that fits."""
    saved = "?" if each.saved_ms_per_second is None else _ms(each.saved_ms_per_second)
    name, paint = each.strategy.value, "green" if each.saved_ms_per_second is not None else "yellow"
    parts = [] if each.ttl_seconds is None else [_life(each.strategy, each.ttl_seconds, stale)]
    if each.hit_rate is not None:
        how = "" if each.basis is None else f" ({_BASES[each.basis]})"
        parts.append(f"{figures.share(each.hit_rate)} hits{how}")
    first, rest = f"{saved + ' ms/s':>10}", "  ".join(parts)
    if len(f"{first}  {name}  {rest}") <= room:
        yield f"{first}  {style(name, 'bold', paint)}  {rest}".rstrip()
    else:
        yield f"{first}  {style(name, 'bold', paint)}"
        yield from filled(rest, room, indent=_INDENT)


def _life(strategy: Strategy, ttl: float, stale: float) -> str:
    """Return how long an answer lives; where none may be old, and with write-through, that is until it is written."""
    if strategy is Strategy.WRITE_THROUGH or not stale:
        return "until it is written"
    return f"{_LIVES.get(strategy, 'for')} {period(ttl)}"


_LIVES = {Strategy.MATERIALIZED_VIEW: "refreshed every", Strategy.WRITE_BEHIND: "written every"}
_BASES = {Basis.LOG: "counted in the log", Basis.FORMULA: "by formula, for calls at random"}


def _figures(each: CacheStatement) -> str:
    parts = []
    if each.calls_per_s is not None and each.mean_ms is not None:
        parts.append(f"{_ms(each.calls_per_s)} calls/s of {figures.time(each.mean_ms)}")
    if each.distinct_keys is not None and each.basis is Basis.LOG:
        parts.append(counted(each.distinct_keys, "key"))
    if each.writes_per_s is not None and each.tables:
        parts.append(f"{', '.join(each.tables)} written {_ms(each.writes_per_s)} times/s")
    return "; ".join(parts)


def _left_alone(result: CacheResult, alone: list[CacheStatement], style: Style, room: int) -> Iterator[str]:
    if not result.not_worth:
        return
    total = counted(sum(result.not_worth.values()), "statement")
    why = ", ".join(f"{count:,} {kind}" for kind, count in result.not_worth.items())
    yield from filled(f"Not worth a cache: {total} ({why})", room)
    heavy = [each for each in alone if (each.load_ms_per_second or 0.0) >= _HEAVY * (result.load_ms_per_second or 0.0)]
    for each in heavy[:_LEFT_ALONE]:
        load = "?" if each.load_ms_per_second is None else _ms(each.load_ms_per_second)
        yield shortened(f"{load + ' ms/s':>10}  {each.reason}", room)
        text = "(its text is not known)" if each.query is None else " ".join(each.query.split())
        yield style(shortened(f"{_INDENT}{text}", room), "cyan")
    yield ""


def _server(server: ServerCaches, style: Style, room: int) -> Iterator[str]:
    hits = "no block was asked for" if server.hit_rate is None else f"{_percent(server.hit_rate)} of blocks found in it"
    reads = "" if server.read_per_s is None else f", {_ms(server.read_per_s)} blocks/s read"
    took = "" if server.read_ms_per_second is None else f" in {_ms(server.read_ms_per_second)} ms/s"
    since = f" since {server.since}" if server.since else ""
    size = f"{figures.size(server.shared_buffers_bytes)} for {_size(server.relations_bytes)}"
    yield from filled(f"shared_buffers: {size}; {hits}{reads}{took}{since}", room)
    more = {True: "More would help", False: "More would not help", None: "Whether more would help can't be told"}
    yield from filled(f"{more[server.more_memory]}: {server.reason}", room)
    for each in _shown(server):
        yield shortened(f"  {_relation(each)}", room)
    warm = [each.name for each in server.relations if each.prewarm]
    if warm:
        yield from filled(f"Prewarming after a restart would pay for {', '.join(warm)}: pg_prewarm.autoprewarm", room)


def _size(relations: int | None) -> str:
    if relations is None:
        return "tables and indexes of which some were never analysed"
    return f"{figures.size(relations)} of tables and indexes"


def _shown(server: ServerCaches) -> list[CachedRelation]:
    """Return the relations that are missed the most, of a size that matters."""
    missed = [
        each
        for each in server.relations
        if (each.hit_rate or 0.0) < _GOOD and (each.bytes is None or each.bytes >= _NOTABLE)
    ]
    return missed[:_RELATIONS]


def _relation(each: CachedRelation) -> str:
    size = "size unknown" if each.bytes is None else figures.size(each.bytes)
    there = "" if each.resident_bytes is None else f", {figures.size(each.resident_bytes)} of it there now"
    reads = "" if each.read_per_s is None else f", {_ms(each.read_per_s)} blocks/s read"
    of = "" if each.kind == "table" else f" (index of {each.table})"
    return f"{_percent(each.hit_rate or 0.0):>6}  {each.name}{of}: {size}{there}{reads}"


def _percent(share: float) -> str:
    """Return a share with the digit that tells 99.4 from 99.9 %."""
    return f"{share:.1%}".replace("%", " %")


def _ms(value: float) -> str:
    """Return a rate with two digits at least, without an exponent."""
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.3g}" if value >= 1 else f"{value:.2g}"
