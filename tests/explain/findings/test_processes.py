"""Parallel plans and loops: figures are of all processes and executions, sizes of the one that needs the most."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.explain.findings import memory
from dbops.explain.findings.finding import Subject
from explain.documents import node, plan
from explain.findings.plans import found, inner, scan

ON_DISK = {"Sort Method": "external merge", "Sort Space Type": "Disk"}
IN_MEMORY = {"Sort Method": "quicksort", "Sort Space Type": "Memory"}


def gathered(below: dict[str, Any], planned: int = 2, launched: int = 2) -> dict[str, Any]:
    """Return a Gather above a node that three processes ran for 100 ms each."""
    return node("Gather", rows=300, ms=100.0, plans=[below], Workers_Planned=planned, Workers_Launched=launched)


def sort(*workers: dict[str, Any], **own: Any) -> dict[str, Any]:
    below = scan(rows=30_000, loops=3)
    return node("Sort", rows=30_000, loops=3, ms=100.0, plans=[below], Sort_Key=["orders.a"], **own) | {
        "Workers": [{"Worker Number": number, **worker} for number, worker in enumerate(workers)]
    }


def test_a_sort_that_only_workers_did_on_disk_is_found():
    workers = [{**ON_DISK, "Sort Space Used": 3000}, {**ON_DISK, "Sort Space Used": 1000}]
    (each,) = found(gathered(sort(*workers, **IN_MEMORY, **{"Sort Space Used": 500})), "disk-sort")
    assert each.message.startswith("sorts 3.91 MB on disk")
    assert "2.93 MB in one process" in each.evidence
    # The largest had 3,000 of 4,500 kB, so of 90,000 rows 60,000.
    needed = memory.to_sort(Subject(plan(node("Result")), 18), 3000, 60_000)
    assert each.remedy == memory.remedy(Subject(plan(node("Result")), 18), needed)


def test_sorts_in_memory_are_none():
    assert found(gathered(sort({**IN_MEMORY, "Sort Space Used": 9})), "disk-sort") == []


def test_an_incremental_sort_counts_its_largest_group():
    groups = {"Group Count": 5, "Sort Space Disk": {"Average Sort Space Used": 900, "Peak Sort Space Used": 1000}}
    memory_only = {"Group Count": 1, "Sort Space Memory": {"Peak Sort Space Used": 30}}
    said = {"Full-sort Groups": memory_only, "Pre-sorted Groups": groups}
    made = node("Incremental Sort", rows=9000, ms=80.0, plans=[scan(rows=9000, ms=10.0)], **said)
    (each,) = found(made, "disk-sort")
    assert each.message.startswith("sorts 0.98 MB on disk")


def test_a_hash_aggregate_s_workers_are_counted():
    spilled = {"HashAgg Batches": 5, "Peak Memory Usage": 4000, "Disk Usage": 2048}
    made = node(
        "Aggregate", rows=50_000, loops=3, ms=90.0, plans=[scan(rows=90_000, loops=3, ms=20.0)], Planned_Partitions=4
    )
    made |= {"Strategy": "Hashed", "Partial Mode": "Partial", "Group Key": ["a"], "Workers": [spilled, spilled]}
    (each,) = found(gathered(made), "hash-aggregate-spill", version=13, settings={"work_mem": "4MB"})
    assert each.message == "groups 4 MB on disk: work_mem (4 MB) is too small"
    assert str(each.remedy).startswith("SET work_mem = '24MB'")  # five batches of 4,000 kB


@pytest.mark.parametrize(("aware", "asked"), [(True, "16MB"), (False, "48MB")])
def test_a_parallel_hash_shares_the_memory_of_all_processes(aware: bool, asked: str):
    hashed = node("Hash", rows=100_000, loops=3, ms=80.0, plans=[scan("users", rows=100_000, loops=3, ms=20.0)])
    hashed |= {"Parallel Aware": aware, "Hash Batches": 4, "Peak Memory Usage": 10_000}
    join = node("Hash Join", rows=9, loops=3, ms=100.0, plans=[scan(rows=9, loops=3, ms=5.0), inner(hashed)])
    (each,) = found(gathered(join), "hash-batches", version=13)
    # 40,000 kB are needed, of which three processes bring a third each.
    assert str(each.remedy).startswith(f"SET work_mem = '{asked}'")


def test_caches_of_workers_are_summed_and_the_fullest_decides():
    said = {"Cache Hits": 10, "Cache Misses": 1000, "Cache Evictions": 900, "Cache Overflows": 0}
    cache = node("Memoize", rows=1, loops=9000, ms=0.01, plans=[scan("users", "Index Scan", loops=3000, ms=0.02)])
    cache |= {**said, "Peak Memory Usage": 100, "Workers": [{**said, "Peak Memory Usage": 8000}]}
    join = node("Nested Loop", rows=9000, ms=300.0, plans=[scan(rows=9000, ms=5.0), inner(cache)])
    (each,) = found(join, "memoize-evictions")
    assert "20 hits, 2,000 misses, 1,800 evictions" in each.evidence
    assert str(each.remedy).startswith("SET work_mem = '48MB'")  # 8,000 kB for a tenth of the keys, half of it twice


@pytest.mark.parametrize("version", [17, 18])
def test_lossy_blocks_of_workers_are_counted(version: int):
    blocks = {"Exact Heap Blocks": 1000, "Lossy Heap Blocks": 60_000}
    made = scan(kind="Bitmap Heap Scan", rows=9000, loops=3, ms=90.0, Rows_Removed_by_Index_Recheck=5000)
    made |= {**blocks, "Shared Hit Blocks": 183_000, "Workers": [blocks, blocks] if version == 18 else []}
    made["Plans"] = [node("Bitmap Index Scan", rows=9000, ms=1.0)]
    (each,) = found(gathered(made), "lossy-bitmap", version=version)
    assert ("180,000 lossy blocks" in each.evidence) is (version == 18)
    assert str(each.remedy).startswith("SET work_mem = '16MB'")  # 183,000 blocks of 64 bytes, whoever read them


def test_loops_multiply_what_is_given_per_loop():
    made = scan(kind="Index Scan", rows=1, loops=500, ms=0.2, Rows_Removed_by_Filter=99, Filter="(orders.a = 1)")
    join = node("Nested Loop", rows=500, ms=101.0, plans=[scan("users", rows=500, ms=1.0), inner(made)])
    (each,) = found(join, "filter-removes-rows")
    assert each.evidence.startswith("49,500 rows of 50,000 rows")
    assert each.saving_ms == pytest.approx(100.0 * 0.99)


def test_times_of_processes_side_by_side_are_times_on_the_clock():
    made = scan(rows=10, loops=3, ms=90.0, Filter="(orders.a = 1)", Rows_Removed_by_Filter=40_000) | {
        "Parallel Aware": True
    }
    (each,) = found(gathered(made), "sequential-scan")
    assert each.message == "reads 120,030 rows of orders to keep 30"
    assert each.saving_ms == pytest.approx(90.0, rel=0.01)


def test_missing_workers_cost_their_share_of_the_work():
    made = gathered(scan(rows=10, ms=100.0), planned=3, launched=0)
    (each,) = found(plan(made, ms=100.0), "workers-not-launched", settings={"max_parallel_workers": "8"})
    assert each.message == "got 0 of 3 workers that were planned"
    assert each.saving_ms == pytest.approx(75.0)
    assert found(gathered(scan(rows=10, loops=3), planned=2, launched=2), "workers-not-launched") == []
