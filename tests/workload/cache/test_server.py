"""What is said of the server's own cache from what it counted."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.workload.cache.server import Look, judged

MB = 1024 * 1024
SAID: dict[str, Any] = {
    "at": 1000.0, "since": 0.0, "since_text": "then", "shared_buffers": 128 * MB, "block": 8192, "hit": 90_000,
    "read": 10_000, "read_ms": 20_000.0, "autoprewarm": False, "buffercache": None,
}  # fmt: skip
TABLE = ["orders", "orders", 10_000, 80_000, 10_000]
INDEX = ["orders_pkey", "orders", 10, 10_000, 0]
LARGE = ["events", "events", 100_000, 0, 0]


def look(**changes: Any) -> Look:
    return Look.read(SAID | changes, [[1, *TABLE], [2, *INDEX], [3, *LARGE]])


def test_rates_are_those_of_all_that_was_counted() -> None:
    found = judged(look(), None, None, 10, in_recovery=False)
    assert (found.hit_rate, found.read_per_s, found.read_ms_per_second, found.block_ms) == (0.9, 10, 20, 2)
    assert [each.name for each in found.relations] == ["orders", "orders_pkey"]  # nothing was asked of the third
    assert found.since == "then"
    (note,) = [each for each in found.notes if "shared_buffers (" in each]
    assert note.startswith("90.0 % of the blocks were in shared_buffers (postgres-mcp's bound is 95 %)")
    assert "kernel's cache" in note


def test_an_interval_has_what_was_added_in_it() -> None:
    then = SAID | {"at": 990.0, "hit": 80_000, "read": 9_000, "read_ms": 19_990.0}
    before = Look.read(then, [[1, "orders", "orders", 10_000, 79_000, 9_000]])
    found = judged(look(), before, None, 10, in_recovery=False)
    assert (found.hit_rate, found.read_per_s, found.read_ms_per_second) == (pytest.approx(10 / 11, abs=1e-4), 100, 1)
    assert (found.relations[0].hit_rate, found.relations[0].read_per_s) == (0.5, 100)
    assert found.since is None


def test_what_was_never_analysed_has_no_size_and_is_not_said_to_fit() -> None:
    large = {"shared_buffers": 1024 * MB}
    found = judged(
        Look.read(SAID | large, [[1, *TABLE], [2, "new", "new", 0, 500, 500]]), None, None, 10, in_recovery=False
    )
    assert found.relations_bytes is None
    assert found.more_memory is True
    empty = judged(
        Look.read(SAID | large, [[1, *TABLE], [2, "new", "new", 0, 0, 0]]), None, None, 10, in_recovery=False
    )
    assert (empty.relations_bytes, empty.more_memory) == (10_000 * 8192, False)


def test_hits_that_were_reset_meanwhile_are_not_negative_either() -> None:
    found = judged(look(hit=10, read=10_000), look(at=990.0), None, 10, in_recovery=False)
    assert found.hit_rate == pytest.approx(0.001, abs=1e-4)


def test_counters_that_were_reset_meanwhile_are_never_negative() -> None:
    before = look(at=990.0, hit=10**6, read=10**6, read_ms=10.0**6)
    found = judged(look(), before, None, 10, in_recovery=False)
    assert found.read_per_s == 1000
    assert found.read_ms_per_second is not None and found.read_ms_per_second > 0


@pytest.mark.parametrize(
    ("changes", "resident", "more", "said"),
    [
        ({}, None, True, "reading takes 20 ms/s"),
        ({"read_ms": 100.0}, None, False, "the kernel's cache has most of it"),
        ({"read_ms": None}, None, None, "track_io_timing is off"),
        ({"shared_buffers": 1024 * MB}, None, False, "fit into shared_buffers"),
        ({"hit": 10**7}, None, False, "hardly a block has to be read"),
        ({"hit": 0, "read": 0}, None, None, "no block was asked for"),
        ({"buffercache": "public"}, {"used": 100, "relations": []}, False, "of shared_buffers are not used"),
        ({"buffercache": "public"}, {"used": 16_384, "relations": []}, True, "reading takes 20 ms/s"),
        ({"since": None}, None, None, ""),
    ],
)
def test_more_memory_is_advised_where_reading_takes_time_alone(changes, resident, more, said: str) -> None:
    found = judged(look(**changes), None, resident, 10, in_recovery=False)
    assert found.more_memory is more
    assert said in found.reason


@pytest.mark.parametrize(
    ("changes", "prewarm", "said"),
    [
        ({}, True, "after a restart it is read again within the hour, which takes 20.0 s"),
        ({"autoprewarm": True}, False, "autoprewarm loads"),
        ({"shared_buffers": MB}, False, "larger than shared_buffers"),
        ({"read_ms": 100.0}, False, "reading all of it takes 100 ms"),
        ({"read_ms": None}, None, "is not known"),
        ({"at": 10.0**6}, False, "too seldom"),
        ({"since": None}, None, "since when"),
    ],
)
def test_prewarming_is_advised_for_what_fits_and_is_read_again(changes, prewarm, said: str) -> None:
    found = judged(look(**changes), None, None, 10, in_recovery=False)
    (table,) = [each for each in found.relations if each.name == "orders"]
    assert table.prewarm is prewarm
    assert said in table.reason


def test_what_can_not_be_seen_is_said_and_not_taken_for_nothing() -> None:
    unseen = judged(look(), None, None, 10, in_recovery=True)
    assert (unseen.used_bytes, unseen.relations[0].resident_bytes) == (None, None)
    assert any("CREATE EXTENSION pg_buffercache" in each for each in unseen.notes)
    assert any("standby" in each for each in unseen.notes)
    refused = judged(look(buffercache="public"), None, None, 10, in_recovery=False)
    assert any("GRANT pg_monitor" in each for each in refused.notes)
    seen = judged(look(buffercache="public"), None, {"used": 50, "relations": [[1, 40]]}, 10, in_recovery=False)
    assert (seen.used_bytes, seen.relations[0].resident_bytes) == (50 * 8192, 40 * 8192)
