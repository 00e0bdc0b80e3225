"""Whose the time and the blocks of a plan are: small plans by hand, whose figures can be followed."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.results.plan import Plan
from explain.documents import node, plan


def own(made: Plan) -> dict[str, float]:
    """Return the nodes' own times in ms by label."""
    return {each.label: each.own_ms for each in made.nodes()}


def scan(table: str, ms: float, **attributes: Any) -> dict[str, Any]:
    return node("Seq Scan", table=table, ms=ms, **attributes)


def gather(ms: float, child: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return node("Gather", ms=ms, Workers_Planned=2, plans=[child], **attributes)


def test_a_nodes_own_time_is_its_time_without_those_below():
    made = plan(node("Sort", ms=10.0, plans=[scan("t", 7.0)]), ms=10.5)
    assert own(made) == {"Sort": 3.0, "Seq Scan on t": 7.0}
    assert [each.actual.share for each in made.nodes() if each.actual] == [3.0 / 10.5, 7.0 / 10.5]


def test_times_and_rows_are_totals_over_loops():
    inner = node("Index Scan", table="b", ms=0.05, rows=2, loops=100, role="Inner", Index_Name="b_i")
    made = plan(node("Nested Loop", ms=9.0, rows=200, plans=[scan("a", 1.0, rows=100), inner]))
    actual = made.node(3).actual
    assert actual is not None
    assert (actual.ms, actual.rows, actual.rows_per_loop) == (pytest.approx(5.0), 200, 2)
    assert own(made) == {
        "Nested Loop": pytest.approx(3.0),
        "Seq Scan on a": 1.0,
        "Index Scan using b_i on b": pytest.approx(5.0),
    }


def test_below_a_gather_time_on_the_clock_is_what_one_process_took():
    made = plan(gather(12.0, node("Aggregate", ms=9.0, loops=3, plans=[scan("t", 8.0, loops=3, Parallel_Aware=True)])))
    assert own(made) == {"Gather": 3.0, "Aggregate": 1.0, "Parallel Seq Scan on t": 8.0}
    assert [each.actual.processes for each in made.nodes() if each.actual] == [1, 3, 3]


def test_a_gather_that_started_no_worker_has_one_process():
    made = plan(gather(12.0, scan("t", 9.0, loops=1), Workers_Launched=0))
    assert own(made) == {"Gather": 3.0, "Seq Scan on t": 9.0}


def test_without_the_leader_only_workers_count():
    made = plan(gather(12.0, scan("t", 9.0, loops=2), Workers_Launched=2))
    assert made.node(2).actual is not None
    assert (made.node(2).own_ms, made.node(2).actual.processes) == (9.0, 2)


def test_a_gather_that_is_started_again_has_as_many_processes_each_time():
    again = gather(4.0, scan("t", 3.0, loops=30), loops=10, role="Inner")
    made = plan(node("Nested Loop", ms=50.0, plans=[scan("a", 1.0, rows=10), again]))
    assert own(made) == {
        "Nested Loop": pytest.approx(9.0),
        "Seq Scan on a": 1.0,
        "Gather": pytest.approx(10.0),
        "Seq Scan on t": pytest.approx(30.0),
    }


def test_what_one_process_of_three_did_in_a_parallel_append_is_a_third_of_the_clock():
    append = node(
        "Append",
        ms=10.0,
        loops=3,
        plans=[scan("a", 21.0, loops=1, role="Member"), scan("b", 2.0, loops=3, role="Member")],
        Parallel_Aware=True,
    )
    assert own(plan(gather(11.0, append))) == {
        "Gather": 1.0,
        "Parallel Append": 1.0,
        "Seq Scan on a": 7.0,
        "Seq Scan on b": 2.0,
    }


def test_a_parallel_bitmap_is_made_by_one_process_while_the_others_wait():
    bitmap = node("Bitmap Index Scan", ms=4.0, loops=1, Index_Name="t_i")
    heap = node("Bitmap Heap Scan", table="t", ms=6.0, loops=3, plans=[bitmap], Parallel_Aware=True)
    assert own(plan(gather(7.0, heap))) == {
        "Gather": 1.0,
        "Parallel Bitmap Heap Scan on t": 2.0,
        "Bitmap Index Scan on t_i": 4.0,
    }


def test_a_subplans_time_is_its_parents():
    sub = node("Index Scan", table="b", ms=0.5, loops=10, role="SubPlan", Subplan_Name="SubPlan 1", Index_Name="b_i")
    made = plan(scan("a", 8.0, plans=[sub]))
    assert own(made) == {"Seq Scan on a": 3.0, "Index Scan using b_i on b": 5.0}


def test_a_bitmaps_time_is_in_the_heap_scans():
    bits = [node("Bitmap Index Scan", ms=2.0, role="Member", Index_Name=name) for name in ("t_a", "t_b")]
    both = node("BitmapAnd", ms=5.0, plans=bits)
    made = plan(node("Bitmap Heap Scan", table="t", ms=9.0, plans=[both]))
    assert own(made) == {
        "Bitmap Heap Scan on t": 4.0,
        "BitmapAnd": 1.0,
        "Bitmap Index Scan on t_a": 2.0,
        "Bitmap Index Scan on t_b": 2.0,
    }


def test_a_node_that_was_never_executed_took_no_time():
    never = node("Seq Scan", table="b", ms=0.0, rows=0, loops=0, role="Inner")
    made = plan(node("Nested Loop", ms=2.0, rows=0, plans=[scan("a", 1.5, rows=0), never]))
    assert own(made) == {"Nested Loop": 0.5, "Seq Scan on a": 1.5, "Seq Scan on b": 0.0}
    assert (made.node(3).ran, made.node(3).factor, made.node(3).expected_rows) == (False, None, 0)


INIT_PLANS = {
    "before 17": ("InitPlan 1 (returns $0)", "$0"),
    "since 17": ("InitPlan 1", "(InitPlan 1).col1"),
}


@pytest.mark.parametrize("version", INIT_PLANS)
def test_an_init_plans_time_is_that_of_the_node_which_uses_it(version: str):
    name, value = INIT_PLANS[version]
    init = scan("few", 6.0, role="InitPlan", Subplan_Name=name)
    made = plan(node("Sort", ms=10.0, plans=[init, scan("t", 9.0, Filter=f"(a > {value})")]))
    assert own(made) == {"Sort": 1.0, "Seq Scan on few": 6.0, "Seq Scan on t": 3.0}


def test_init_plans_whose_numbers_begin_alike_are_told_apart():
    first = scan("one", 3.0, role="InitPlan", Subplan_Name="InitPlan 1 (returns $1)")
    tenth = scan("ten", 2.0, role="InitPlan", Subplan_Name="InitPlan 10 (returns $10)")
    inner = scan("b", 4.0, role="Inner", Filter="(b > $1)")
    made = plan(node("Nested Loop", ms=20.0, plans=[first, tenth, scan("a", 9.0, Filter="(a > $10)"), inner]))
    assert own(made) == {
        "Nested Loop": 7.0,
        "Seq Scan on one": 3.0,
        "Seq Scan on ten": 2.0,
        "Seq Scan on a": 7.0,
        "Seq Scan on b": 1.0,
    }


def test_an_init_plan_that_two_nodes_use_is_run_by_the_one_that_took_as_long():
    init = scan("few", 6.0, role="InitPlan", Subplan_Name="InitPlan 1 (returns $0)")
    quick = scan("a", 1.0, Filter="(a > $0)")
    slow = node("Hash", ms=7.5, role="Inner", plans=[scan("b", 7.0, Filter="(b > $0)")])
    made = plan(node("Hash Join", ms=9.0, plans=[init, quick, slow], Join_Type="Inner"))
    assert own(made) == {
        "Hash Join": 0.5,
        "Seq Scan on few": 6.0,
        "Seq Scan on a": 1.0,
        "Hash": 0.5,
        "Seq Scan on b": 1.0,
    }


def test_an_init_plan_that_workers_use_is_run_by_their_gather():
    init = scan("few", 6.0, role="InitPlan", Subplan_Name="InitPlan 1")
    below = gather(10.0, scan("t", 3.0, loops=3, Filter="(a > (InitPlan 1).col1)"))
    made = plan(node("Aggregate", ms=11.0, plans=[init, below], Strategy="Plain"))
    assert own(made) == {"Aggregate": 1.0, "Seq Scan on few": 6.0, "Gather": 1.0, "Seq Scan on t": 3.0}


def test_an_init_plan_that_is_only_in_the_output_is_found_by_its_time():
    init = scan("few", 6.0, role="InitPlan", Subplan_Name="InitPlan 1 (returns $0)")
    made = plan(node("Limit", ms=9.2, plans=[init, node("Sort", ms=9.0, plans=[scan("t", 8.0)])]))
    assert own(made) == {
        "Limit": pytest.approx(0.2),
        "Seq Scan on few": 6.0,
        "Sort": 1.0,
        "Seq Scan on t": 2.0,
    }


def cte(name: str, ms: float, **attributes: Any) -> dict[str, Any]:
    return scan(f"of_{name}", ms, role="InitPlan", Subplan_Name=f"CTE {name}", **attributes)


def cte_scan(name: str, ms: float, *, alias: str = "", **attributes: Any) -> dict[str, Any]:
    return node("CTE Scan", ms=ms, CTE_Name=name, Alias=alias or name, **attributes)


def test_a_ctes_time_is_that_of_its_scan():
    made = plan(node("Sort", ms=10.0, plans=[cte("c", 5.0), cte_scan("c", 7.0)]))
    assert own(made) == {"Sort": 3.0, "Seq Scan on of_c": 5.0, "CTE Scan on c": 2.0}


def test_a_cte_that_is_scanned_twice_is_run_by_the_scan_that_took_longer():
    scans = [cte_scan("c", 1.0, alias="a"), cte_scan("c", 6.0, alias="b", role="Inner")]
    made = plan(node("Nested Loop", ms=8.0, plans=[cte("c", 5.0), *scans]))
    assert own(made) == {"Nested Loop": 1.0, "Seq Scan on of_c": 5.0, "CTE Scan on c a": 1.0, "CTE Scan on c b": 1.0}


def test_a_cte_that_two_scans_ran_in_turns_is_taken_from_both():
    scans = [cte_scan("c", 2.0, alias="a"), cte_scan("c", 4.0, alias="b", role="Inner")]
    made = plan(node("Merge Join", ms=7.0, plans=[cte("c", 5.0), *scans], Join_Type="Inner"))
    assert own(made) == {"Merge Join": 1.0, "Seq Scan on of_c": 5.0, "CTE Scan on c a": 1.0, "CTE Scan on c b": 0.0}


def test_a_cte_of_the_same_name_further_in_is_another_one():
    inner = node("Aggregate", ms=9.0, role="Inner", plans=[cte("c", 7.0), cte_scan("c", 8.0, alias="inner")])
    made = plan(node("Nested Loop", ms=20.0, plans=[cte("c", 5.0), cte_scan("c", 6.0, alias="outer"), inner]))
    times = [each.own_ms for each in made.nodes()]
    assert times == [5.0, 5.0, 1.0, 1.0, 7.0, 1.0]


def test_a_cte_that_scans_another_has_its_time():
    second = cte_scan("a", 4.0, role="InitPlan", Subplan_Name="CTE b")
    made = plan(node("Sort", ms=9.0, plans=[cte("a", 3.0), second, cte_scan("b", 6.0)]))
    assert own(made) == {"Sort": 3.0, "Seq Scan on of_a": 3.0, "CTE Scan on a": 1.0, "CTE Scan on b": 2.0}


def test_a_writing_cte_that_nobody_scans_is_in_no_nodes_time():
    delete = node("ModifyTable", table="t", ms=30.0, role="InitPlan", Subplan_Name="CTE gone", Operation="Delete")
    made = plan(scan("a", 2.0, plans=[delete]), ms=32.1)
    assert own(made) == {"Seq Scan on a": 2.0, "Delete on t": 30.0}
    assert made.node(2).actual is not None
    assert made.node(2).actual.share == pytest.approx(30.0 / 32.1)


def test_a_recursive_querys_work_table_is_read_inside_it():
    work = node("WorkTable Scan", ms=0.1, loops=10, CTE_Name="r", Alias="r_1", role="Inner")
    union = node("Recursive Union", ms=4.0, role="InitPlan", Subplan_Name="CTE r", plans=[node("Result", ms=0.5), work])
    made = plan(cte_scan("r", 5.0, plans=[union]))
    assert own(made) == {
        "CTE Scan on r": 1.0,
        "Recursive Union": pytest.approx(2.5),
        "Result": 0.5,
        "WorkTable Scan on r r_1": pytest.approx(1.0),
    }


def test_blocks_are_shared_out_as_times_are():
    below = scan("t", 1.0, Shared_Hit_Blocks=30, Shared_Read_Blocks=5, Local_Hit_Blocks=1, Temp_Read_Blocks=0)
    made = plan(node("Sort", ms=2.0, plans=[below], Shared_Hit_Blocks=33, Shared_Read_Blocks=5, Temp_Read_Blocks=8))
    buffers = made.root.own_buffers
    assert buffers is not None
    assert (buffers.hit, buffers.read, buffers.temp_read) == (2, 0, 8)
    assert made.root.buffers is not None
    assert made.root.buffers.touched == 38


def test_blocks_that_were_not_counted_are_unknown():
    made = plan(scan("t", 1.0))
    assert (made.root.buffers, made.root.own_buffers) == (None, None)


@pytest.mark.parametrize("read", ["I/O Read Time", "Shared I/O Read Time"])
def test_read_times_have_one_name_whatever_the_version_calls_them(read: str):
    raw = node("Seq Scan", table="t", ms=2.0, Shared_Read_Blocks=3, Temp_Read_Blocks=0) | {read: 1.5}
    made = plan(raw | {"Temp I/O Read Time": 0.5})
    assert made.root.buffers is not None
    assert (made.root.buffers.read_ms, made.root.buffers.write_ms) == (2.0, None)


def test_times_that_were_not_measured_are_unknown():
    raw = node("Seq Scan", table="t") | {"Actual Rows": 5, "Actual Loops": 1}
    actual = plan(raw).root.actual
    assert actual is not None
    assert (actual.rows, actual.ms, actual.own_ms, actual.share) == (5, None, None, None)
