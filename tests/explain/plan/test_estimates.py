"""Rows expected and rows given: where the factor says something, and where it doesn't."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.results.plan import Plan, PlanNode
from explain.documents import node, plan


def scan(table: str, rows: float, expected: float, **attributes: Any) -> dict[str, Any]:
    return node("Seq Scan", table=table, rows=rows, expected=expected, ms=1.0, **attributes)


def of(made: Plan, table: str) -> PlanNode:
    return next(each for each in made.nodes() if each.relation == table)


def test_the_factor_is_rows_through_expected_rows():
    assert [plan(scan("t", *rows)).root.factor for rows in ((500, 5), (5, 500), (0, 50))] == [100, 0.01, 0.02]


def test_fewer_rows_than_one_are_taken_for_one_as_the_planner_does():
    assert plan(scan("t", 0, 1)).root.factor == 1


def test_the_expected_rows_are_those_of_all_loops():
    inner = scan("b", 30, 3, loops=10, role="Inner")
    made = plan(node("Nested Loop", ms=9.0, rows=300, plans=[scan("a", 10, 10), inner]))
    assert (of(made, "b").expected_rows, of(made, "b").factor) == (30, 10)


@pytest.mark.parametrize("kind", ["BitmapAnd", "BitmapOr", "ModifyTable"])
def test_a_node_that_counts_no_rows_has_no_factor(kind: str):
    assert plan(node(kind, ms=1.0, rows=0, expected=50)).root.factor is None


def below(parent: dict[str, Any], *between: dict[str, Any], rows: float = 3, expected: float = 900) -> PlanNode:
    """Return the scan below a parent and what is between."""
    child = scan("t", rows, expected)
    for each in (*reversed(between), parent):
        child = each | {"Plans": [child, *each.get("Plans", [])]}
    return of(plan(child), "t")


def gathered(child: dict[str, Any], *, workers: int = 2, **document: Any) -> Plan:
    return plan(node("Gather", ms=2.0, rows=2400, expected=2400, Workers_Planned=workers, plans=[child]), **document)


@pytest.mark.parametrize(
    ("loops", "rows"), [(3, 800), (2, 1200), (1, 2400)], ids=["all took part", "one did not", "no worker was started"]
)
def test_rows_that_processes_share_are_expected_of_all_together(loops: int, rows: int):
    # Two workers and 0.4 of the leader, each with 1000 of 2400 rows.
    made = gathered(scan("t", rows, 1000, loops=loops, Parallel_Aware=True))
    assert (of(made, "t").expected_rows, of(made, "t").factor) == (2400, 1)


def test_the_planner_does_not_count_a_leader_that_has_no_time_or_takes_no_part():
    made = gathered(scan("t", 400, 600, loops=5, Parallel_Aware=True), workers=4)
    assert of(made, "t").expected_rows == 2400
    off = {"parallel_leader_participation": "off"}
    made = gathered(scan("t", 1200, 1200, loops=2, Parallel_Aware=True), Settings=off)
    assert of(made, "t").expected_rows == 2400


def test_what_each_process_has_for_itself_is_expected_of_each():
    shared = scan("t", 800, 1000, loops=3, Parallel_Aware=True)
    hashed = node("Hash", ms=1.0, rows=50, loops=3, expected=50, role="Inner", plans=[scan("b", 50, 50, loops=3)])
    joined = node("Hash Join", ms=2.0, rows=80, loops=3, expected=100, Join_Type="Inner", plans=[shared, hashed])
    partial = node("Aggregate", ms=3.0, rows=1, loops=3, Strategy="Plain", Partial_Mode="Partial", plans=[joined])
    made = gathered(partial)
    assert {each.label: each.expected_rows for each in made.nodes()} == {
        "Gather": 2400,
        "Partial Aggregate": 3,
        "Hash Join": 240,
        "Parallel Seq Scan on t": 2400,
        "Hash": 150,
        "Seq Scan on b": 150,
    }


def test_a_limit_in_each_process_is_expected_of_each():
    limit = node(
        "Limit", ms=1.0, rows=10, loops=3, expected=10, plans=[scan("t", 10, 1000, loops=3, Parallel_Aware=True)]
    )
    assert gathered(limit).node(2).expected_rows == 30


def run(kind: str, **attributes: Any) -> dict[str, Any]:
    return node(kind, ms=2.0, **attributes)


def test_what_a_limit_reads_may_be_cut_short():
    assert below(run("Limit")).factor is None
    assert below(run("Limit"), run("Append")).cut_short
    assert below(run("Limit"), rows=9000).factor == 10, "too many rows say something all the same"


@pytest.mark.parametrize(
    ("between", "short"),
    [
        (run("Sort"), False),
        (run("Incremental Sort"), True),
        (run("Aggregate", Strategy="Hashed"), False),
        (run("Aggregate", Strategy="Plain"), False),
        (run("Aggregate", Strategy="Sorted"), True),
        (run("SetOp", Strategy="Hashed"), False),
        (run("SetOp", Strategy="Sorted"), True),
        (run("WindowAgg"), True),
        (run("Unique"), True),
        (run("Gather"), True),
        (run("ModifyTable"), False),
        (run("Bitmap Heap Scan"), False),
    ],
    ids=lambda value: (
        "-".join(map(str, (value["Node Type"], *filter(None, [value.get("Strategy")]))))
        if isinstance(value, dict)
        else ""
    ),
)
def test_below_a_limit_whoever_reads_all_is_not_stopped(between: dict[str, Any], short: bool):
    assert below(run("Limit"), between).cut_short is short


def test_a_windows_run_condition_ends_it():
    assert below(run("WindowAgg", Run_Condition="(rank() OVER w1 <= 2)")).cut_short
    assert not below(run("WindowAgg")).cut_short


def join(kind: str, outer: dict[str, Any], inner: dict[str, Any], **attributes: Any) -> Plan:
    return plan(node(kind, ms=5.0, plans=[outer, inner | {"Parent Relationship": "Inner"}], **attributes))


@pytest.mark.parametrize(
    ("attributes", "short"),
    [
        ({"Join_Type": "Inner"}, False),
        ({"Join_Type": "Semi"}, True),
        ({"Join_Type": "Anti"}, True),
        ({"Join_Type": "Inner", "Inner_Unique": True}, True),
    ],
)
def test_a_nested_loop_leaves_the_inner_side_at_the_first_match(attributes: dict[str, Any], short: bool):
    made = join("Nested Loop", scan("a", 9, 9), scan("b", 3, 900), **attributes)
    assert (of(made, "a").cut_short, of(made, "b").cut_short) == (False, short)


def test_a_hash_join_reads_its_inner_side_to_the_end():
    hashed = run("Hash", rows=3, plans=[scan("b", 3, 900)])
    made = join("Hash Join", scan("a", 9, 900), hashed, Join_Type="Semi", Inner_Unique=True)
    assert [each.cut_short for each in made.nodes()] == [False] * 4
    assert of(made, "b").factor == pytest.approx(3 / 900)


def test_an_empty_hash_table_ends_a_hash_join():
    empty = run("Hash", rows=0, plans=[scan("b", 0, 900)])
    made = join("Hash Join", scan("a", 1, 900), empty, Join_Type="Inner")
    assert (of(made, "a").cut_short, of(made, "b").cut_short) == (True, False)
    assert not of(join("Hash Join", scan("a", 1, 900), empty, Join_Type="Left"), "a").cut_short


def test_a_merge_join_ends_with_its_shorter_side():
    made = join("Merge Join", scan("a", 3, 900), run("Sort", rows=5, expected=5, plans=[scan("b", 5, 900)]))
    assert (of(made, "a").cut_short, of(made, "b").cut_short) == (True, False)


def test_rows_that_a_merge_join_reads_again_are_no_misestimate():
    made = join("Merge Join", scan("a", 9, 9), run("Sort", rows=900, expected=9, plans=[scan("b", 9, 9)]))
    assert [each.factor for each in made.nodes() if each.kind == "Sort"] == [None]


def test_a_subquerys_value_is_read_to_its_second_row_but_a_hashed_one_wholly():
    sub = scan("b", 3, 900, role="SubPlan", Subplan_Name="SubPlan 1")
    assert of(plan(scan("a", 9, 9, Filter="(SubPlan 1)", plans=[sub])), "b").cut_short
    assert not of(plan(scan("a", 9, 9, Filter="(hashed SubPlan 1)", plans=[sub])), "b").cut_short


def test_a_cte_is_cut_short_where_all_its_scans_are():
    query = scan("t", 3, 900, role="InitPlan", Subplan_Name="CTE c")
    first = run("CTE Scan", CTE_Name="c", Alias="c")
    assert of(plan(run("Limit", plans=[query, first])), "t").cut_short
    assert not of(plan(run("Sort", plans=[query, first])), "t").cut_short
    query_of_the_scan = query | {"Plans": []}
    assert not of(plan(run("CTE Scan", CTE_Name="c", Alias="c", plans=[query_of_the_scan])), "t").cut_short
    limited = run("Limit", role="Inner", plans=[first])
    assert not of(plan(run("Nested Loop", Join_Type="Inner", plans=[query, first, limited])), "t").cut_short


def test_a_writing_cte_is_always_run_to_its_end():
    delete = run("ModifyTable", role="InitPlan", Subplan_Name="CTE c", plans=[scan("t", 3, 900)])
    made = plan(run("Limit", plans=[delete, run("CTE Scan", CTE_Name="c", Alias="c")]))
    assert of(made, "t").factor == pytest.approx(3 / 900)
    assert [each.cut_short for each in made.nodes()] == [False, False, False, True]
    assert [each.cut_short for each in made.nodes()] == [False, False, False, True]
