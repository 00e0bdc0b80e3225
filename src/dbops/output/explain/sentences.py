"""What a person wants to know first of a query, in sentences that text and page share."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output import figures
from dbops.output.explain.measure import Measure
from dbops.output.prose import counted
from dbops.results.explain import Basis, ExplainResult, IndexAdvice, Statistics, TimeTaker, WriteCost
from dbops.results.plan import Plan, Trigger

_NOTABLE = 0.01
"""A share of the time below this is not worth a line."""


def total(result: ExplainResult) -> str:
    """Return the time in all, or the cost of a query that was not run."""
    summary = result.summary
    known = [ms for ms in (summary.execution_ms, summary.planning_ms) if ms is not None]
    if summary.execution_ms is None:
        planning = f", planned in {figures.time(known[0])}" if known else ""
        if not result.plan.root.estimate.known:
            return f"neither times nor costs are known{planning}"
        return f"cost {figures.count(summary.cost)}, {_rows(summary.expected_rows)} expected{planning}"
    parts = [f"{figures.time(summary.execution_ms)} executing"]
    if summary.planning_ms is not None:
        parts.append(f"{figures.time(summary.planning_ms)} planning")
    return f"{figures.time(sum(known))} in all: {', '.join(parts)}"


def work(result: ExplainResult) -> Iterator[str]:
    """Yield what was done in that time: rows, blocks, temporary files, cost."""
    summary = result.summary
    if summary.rows is not None:
        yield f"{_rows(summary.rows)} to the client"
    if summary.blocks_hit is not None or summary.blocks_read is not None:
        read = summary.blocks_read or 0
        touched = (summary.blocks_hit or 0) + read
        outside = f", {figures.count(read)} of them from outside the cache" if read else ", all from the cache"
        yield f"{counted(touched, 'block')} ({figures.size(touched * figures.BLOCK)}){outside if touched else ''}"
    if summary.temp_bytes:
        yield f"{figures.size(summary.temp_bytes)} written to temporary files"
    if summary.execution_ms is not None and result.plan.root.estimate.known:
        yield f"cost {figures.count(summary.cost)}"


def takers(result: ExplainResult) -> str:
    """Return which nodes take the time, or the cost; "" where that isn't known."""
    some = result.summary.takers
    if not some:
        return ""
    what = "" if Measure.of(result.plan).timed else " of the cost"
    first, *others = some
    rest = "".join(f", {_taker(each)} {_part(each)}" for each in others)
    return f"{_taker(first)} takes {_part(first)}{what}{rest}"


def repeats(result: ExplainResult) -> str:
    """Return what several runs took; "" for one."""
    runs = result.summary.repeats
    if runs is None:
        return ""
    least, most = figures.time(runs.least_ms), figures.time(runs.most_ms)
    return f"{figures.time(runs.median_ms)} is the median of {counted(runs.count, 'warm run')}: {least} to {most}"


def not_run(result: ExplainResult) -> str:
    """Return why there are no times; "" where there are."""
    if result.not_analyzed:
        return f"not run: {result.not_analyzed}"
    measure = Measure.of(result.plan)
    if not result.plan.analyzed:
        return "not run" + (": rows and costs are what the planner expects" if measure.known else "")
    if measure.timed:
        return ""
    return "the nodes were not timed" + (": their costs are shown instead" if measure.known else "")


def beside(plan: Plan) -> Iterator[str]:
    """Yield what the tree's signs mean, and what takes time beside the nodes or is spread over them."""
    if any(figures.misjudged(node.factor) for node in plan.nodes()):
        yield "off: ↑ more rows than expected, ↓ fewer"
    for trigger in plan.triggers:
        yield _trigger(trigger, plan.ms)
    if plan.jit_ms is not None:
        functions = counted(plan.jit_functions, "function")
        yield f"JIT: {functions} compiled in {figures.time(plan.jit_ms)}, part of the time above"
    if plan.serialization_ms is not None and plan.serialization_ms >= _NOTABLE * (plan.ms or 0.0):
        volume = f", {figures.size(plan.serialization_bytes)}" if plan.serialization_bytes is not None else ""
        yield f"Serialization: {figures.time(plan.serialization_ms)}{volume} for the client"
    if plan.settings:
        yield "Settings: " + ", ".join(f"{name} = {value}" for name, value in plan.settings.items())


def statistics(seen: Statistics) -> str:
    """Return what pg_stat_statements has seen."""
    return (
        f"pg_stat_statements: {counted(seen.calls, 'call')}, mean {figures.time(seen.mean_ms)}, "
        f"{figures.time(seen.total_ms)} in all, {_rows(seen.rows)} (queryid {seen.queryid})"
    )


def headline(advice: IndexAdvice) -> str:
    """Return what an index brings, and from what to what."""
    if advice.basis in {Basis.PROVEN, Basis.MEASURED}:
        return _faster(advice)
    if advice.cost_before is None or advice.cost_after is None:
        return ""
    factor = f" ({figures.factor(advice.cost_before / advice.cost_after)} cheaper)" if advice.cost_after else ""
    return f"cost {figures.count(advice.cost_before)} → {figures.count(advice.cost_after)}{factor}"


def _faster(advice: IndexAdvice) -> str:
    parts = []
    if advice.speedup is not None:
        parts.append(f"{figures.factor(advice.speedup)} faster")
    if advice.interval is not None:
        parts.append(f"(95 %: {figures.between(*advice.interval)})")
    if advice.ms_before is not None and advice.ms_after is not None:
        times = f"{figures.time(advice.ms_before)} → {figures.time(advice.ms_after)}"
        parts = [*parts[:-1], f"{parts[-1]}:", times] if parts else [times]
    return " ".join(parts)


def expense(advice: IndexAdvice) -> Iterator[tuple[str, str]]:
    """Yield what an index takes, by name: space, time to build, time of every write."""
    if advice.size_bytes is not None:
        yield "size", figures.size(advice.size_bytes)
    if advice.build_ms is not None:
        yield "build", figures.time(advice.build_ms)
    if advice.writes is not None:
        yield from _writes(advice.writes)


def _writes(writes: WriteCost) -> Iterator[tuple[str, str]]:
    for what, before, after in (
        ("INSERT", writes.insert_before_us, writes.insert_after_us),
        ("UPDATE", writes.update_before_us, writes.update_after_us),
    ):
        if before is not None and after is not None:
            yield what, f"{before:.1f} → {after:.1f} µs a row"


def _rows(number: float) -> str:
    return f"{figures.count(number)} row{'' if round(number) == 1 else 's'}"


def _taker(taker: TimeTaker) -> str:
    return f"#{taker.node} {taker.label}"


def _part(taker: TimeTaker) -> str:
    own = f" ({figures.time(taker.own_ms)})" if taker.own_ms is not None else ""
    return figures.share(taker.share) + own


def _trigger(trigger: Trigger, whole: float | None) -> str:
    name = trigger.constraint or trigger.name
    on = f" on {trigger.relation}" if trigger.relation else ""
    calls = counted(trigger.calls, "call")
    if trigger.ms is None:
        return f"Trigger {name}{on}: {calls}"
    share = f" ({figures.share(min(trigger.ms / whole, 1.0))})" if whole else ""
    return f"Trigger {name}{on}: {figures.time(trigger.ms)}{share}, {calls}"
