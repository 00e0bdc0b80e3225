"""The text of ``dbops advise cache``: what is known is shown, what isn't is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.output.style import Style
from dbops.output.workload.cache import render
from dbops.results.cache import Basis, CachedRelation, CacheResult, CacheStatement, ServerCaches, Strategy
from dbops.results.target import Target

MB = 1024 * 1024
STATEMENT = CacheStatement(
    queryid=7, query="SELECT name\nFROM users WHERE id = $1", strategy=Strategy.READ_THROUGH, ttl_seconds=5.0,
    hit_rate=0.85, basis=Basis.LOG, stale_share=0.1, saved_ms_per_second=425.0, saved_share=0.4, reason="because",
    calls=1000, calls_per_s=100.0, mean_ms=5.0, total_ms=5000.0, load_ms_per_second=500.0, rows_per_call=1.0,
    tables=("users",), writes_per_s=0.5, written_per_s=0.5, distinct_keys=20, view=None,
    explain="dbops explain --queryid 7",
)  # fmt: skip
ALONE = replace(
    STATEMENT, strategy=Strategy.NONE, ttl_seconds=None, hit_rate=None, saved_ms_per_second=None, reason="it is random"
)
RELATION = CachedRelation("orders", "orders", "table", 80 * MB, 40 * MB, 0.9, 100.0, 10.0, True, 20_000.0, "")
SERVER = ServerCaches(128 * MB, 800 * MB, None, 0.9, 10.0, 20.0, 2.0, True, "reading takes 20 ms/s", (), 1, None, ())
RESULT = CacheResult(
    target=Target("db", "host", 5432, "u", "u", False, False, None, 180000, False),
    statements=(STATEMENT, ALONE), not_worth={"can't be cached": 1}, seen=2, stale_s=30.0, measured_s=60.0, since=None,
    log_s=None, total_ms=60_000.0, load_ms_per_second=1000.0, saved_ms_per_second=425.0, server=SERVER, notes=(),
)  # fmt: skip


def text(result: CacheResult, room: int = 100) -> str:
    return render(result, Style(colour=False), room)


def test_what_is_saved_is_said_first_and_how_it_is_known() -> None:
    lines = text(replace(RESULT, log_s=720.0)).splitlines()
    assert lines[0] == "A cache would save 425 of 1,000 ms/s of execution (42 %), with 1 statement in 1 m 0 s"
    assert lines[1] == "Answers may be 30 s old (--stale); hits were counted in 12 m 0 s of logs"
    assert lines[3] == "  425 ms/s  read-through  for 5 s  85 % hits (counted in the log)"
    assert lines[4].strip() == "SELECT name FROM users WHERE id = $1"
    assert "100 calls/s of 5.0 ms; 20 keys; users written 0.5 times/s" in text(RESULT)
    assert "Not worth a cache: 1 statement (1 can't be cached)" in text(RESULT)
    assert "  500 ms/s  it is random" in text(RESULT)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total_ms": 0.0}, "No statement ended in 1 m 0 s"),
        ({"load_ms_per_second": None}, "Since when statements are counted is not known here"),
        ({"statements": (ALONE,)}, "No statement is worth a cache: 1,000 ms/s of execution in 1 m 0 s"),
        (
            {"statements": (replace(STATEMENT, saved_ms_per_second=None),)},
            "What a cache saves of 1,000 ms/s of execution in 1 m 0 s only a log tells",
        ),
        ({"stale_s": 0.0}, "No answer may be old (--stale)"),
        ({"stale_s": 300.0}, "Answers may be 5 min old (--stale)"),
        ({"statements": (replace(STATEMENT, query=None),)}, "(its text is not known)"),
        ({"statements": (replace(STATEMENT, strategy=Strategy.WRITE_THROUGH),)}, "write-through  until it is written"),
        ({"statements": (replace(STATEMENT, strategy=Strategy.WRITE_BEHIND),)}, "write-behind  written every 5 s"),
        ({"notes": ("one thing",)}, "· one thing"),
    ],
)
def test_what_is_not_known_or_otherwise_is_said(changes, said: str) -> None:
    assert said in text(replace(RESULT, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "shared_buffers: 128 MB for 800 MB of tables and indexes; 90.0 % of blocks found in it, 10 blocks/s read"),
        ({}, "More would help: reading takes 20 ms/s"),
        ({"more_memory": False}, "More would not help: "),
        ({"more_memory": None}, "Whether more would help can't be told: "),
        ({"hit_rate": None}, "no block was asked for"),
        ({"relations": (RELATION,)}, " 90.0 %  orders: 80 MB, 40 MB of it there now, 10 blocks/s read"),
        (
            {"relations": (replace(RELATION, name="o_key", kind="index", bytes=None, resident_bytes=None),)},
            " 90.0 %  o_key (index of orders): size unknown, 10 blocks/s read",
        ),
        ({"relations": (RELATION,)}, "Prewarming after a restart would pay for orders"),
    ],
)
def test_the_servers_own_cache_comes_last(changes, said: str) -> None:
    shown = " ".join(text(replace(RESULT, server=replace(SERVER, **changes))).split("\n"))
    assert said in shown


@pytest.mark.parametrize("change", [{"hit_rate": 0.995}, {"bytes": 8192}])
def test_relations_that_are_small_or_hardly_missed_are_not_shown(change) -> None:
    shown = replace(RELATION, prewarm=False, **change)
    assert "orders" not in text(replace(RESULT, server=replace(SERVER, relations=(shown,))))


@pytest.mark.parametrize("room", [40, 80, 200])
def test_it_fits_the_width(room: int) -> None:
    long = replace(STATEMENT, reason="word " * 60, query="SELECT " + "column_name, " * 30 + "1")
    result = replace(RESULT, statements=(long, ALONE), notes=("note " * 60,))
    assert max(map(len, text(result, room).splitlines())) <= room
