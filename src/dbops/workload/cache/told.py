"""What is told of statements and of what was looked at: results from cases, and notes."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.results.cache import CacheStatement
from dbops.workload.cache.case import Advice, Case
from dbops.workload.cache.cases import Seen
from dbops.workload.cache.replay import Replay
from dbops.workload.cache.verdict import saving


def statement(
    seen: Seen, case: Case, advice: Advice, *, rows_per_s: float | None, tables: tuple[str, ...], total_ms: float
) -> CacheStatement:
    """Return a statement with the advice on it; ``total_ms`` is the time of all statements."""
    found, saved = seen.statement, saving(case, advice)
    share = None if advice.hits is None or not total_ms else advice.hits * found.total_ms / total_ms
    return CacheStatement(
        queryid=found.queryid,
        query=found.query,
        strategy=advice.strategy,
        ttl_seconds=advice.ttl,
        hit_rate=_rounded(advice.hits, 4),
        basis=advice.basis,
        stale_share=None if advice.stale is None or advice.hits is None else round(advice.stale * advice.hits, 4),
        saved_ms_per_second=_rounded(saved, 3),
        saved_share=_rounded(share, 4),
        reason=advice.reason,
        calls=found.calls,
        calls_per_s=_rounded(case.calls_per_s, 3),
        mean_ms=found.mean_ms,
        total_ms=found.total_ms,
        load_ms_per_second=_rounded(case.load, 3),
        rows_per_call=_rounded(case.rows_per_call, 2),
        tables=tables,
        writes_per_s=_rounded(case.writes_per_s, 3),
        written_per_s=_rounded(rows_per_s, 3),
        distinct_keys=case.expected.keys if case.expected is not None else None,
        view=advice.view,
        explain=found.explain,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def about_totals(statements_since: str | None, rows_since: str | None) -> str:
    """Return what is to be said of totals: reads and writes are counted since different moments."""
    since = [f"statements since {statements_since}"] if statements_since else []
    since += [f"rows written since {rows_since}"] if rows_since else []
    unknown = [] if statements_since else ["statements"]
    unknown += [] if rows_since else ["rows written"]
    missing = f" (of {' and '.join(unknown)} it is not known)" if unknown else ""
    return f"totals tell of another time than now: {', '.join(since) or 'since when'}{missing}; --for 60s watches"


def about_log(replay: Replay, *, quick_ms: float) -> Iterator[str]:
    """Yield what makes a log tell less than it looks; one in which nothing is quicker than that has not all of it."""
    if replay.untimed:
        yield f"{replay.untimed:,} statements of the log have no time, and tell nothing: log_line_prefix needs %m"
    elif replay.statements and not replay.precise:
        yield "the log's times are whole seconds: lives of a few seconds are about right alone (%m is precise)"
    if replay.quickest_ms is not None and replay.quickest_ms >= quick_ms:
        yield (
            f"no statement of the log was quicker than {replay.quickest_ms:g} ms: it hasn't all of them "
            "(log_min_duration_statement = 0 shows all), and the more calls are missing the lower is each hit rate"
        )
    if replay.statements:
        yield "what triggers, functions and cascades write no log shows; a time to live bounds what that makes old"
