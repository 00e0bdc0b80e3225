"""Whose the cost of a plan is: small plans by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dbops.results.plan import Plan
from explain.documents import node, plan


def costs(made: Plan) -> dict[str, Any]:
    """Return the nodes' own costs by label."""
    return {each.label: pytest.approx(each.estimate.own_cost) for each in made.nodes()}


def scan(table: str, cost: float, **attributes: Any) -> dict[str, Any]:
    return node("Seq Scan", table=table, cost=cost, **attributes)


def test_a_nodes_own_cost_is_its_cost_without_those_below():
    made = plan(node("Sort", cost=100.0, plans=[scan("t", 60.0)]))
    assert costs(made) == {"Sort": 40.0, "Seq Scan on t": 60.0}
    assert [each.estimate.cost_share for each in made.nodes()] == [0.4, 0.6]


def test_the_inner_side_of_a_nested_loop_is_executed_once_an_outer_row():
    inner = node("Aggregate", cost=4.0, role="Inner", Strategy="Plain", plans=[scan("b", 3.0)])
    made = plan(node("Nested Loop", cost=55.0, plans=[scan("a", 10.0, expected=10), inner]))
    assert costs(made) == {"Nested Loop": 5.0, "Seq Scan on a": 10.0, "Aggregate": 10.0, "Seq Scan on b": 30.0}


def test_what_is_materialized_is_executed_once_and_given_out_again_and_again():
    inner = node("Materialize", cost=32.0, role="Inner", plans=[scan("b", 30.0)])
    made = plan(node("Nested Loop", cost=60.0, plans=[scan("a", 10.0, expected=10), inner]))
    assert costs(made) == {"Nested Loop": 0.0, "Seq Scan on a": 10.0, "Materialize": 20.0, "Seq Scan on b": 30.0}


def test_a_limit_pays_a_part_of_all_that_is_below_it():
    sort = node("Unique", cost=1000.0, plans=[scan("t", 900.0)])
    made = plan(node("Limit", cost=10.0, plans=[sort]))
    assert costs(made) == {"Limit": 0.0, "Unique": 1.0, "Seq Scan on t": 9.0}


def test_a_subplan_is_executed_for_each_row():
    sub = node("Index Scan", table="b", cost=2.0, role="SubPlan", Subplan_Name="SubPlan 1", Index_Name="b_i")
    made = plan(scan("a", 30.0, expected=10, plans=[sub]))
    assert costs(made) == {"Seq Scan on a": 10.0, "Index Scan using b_i on b": 20.0}


def test_a_subplan_that_would_cost_more_than_there_is_has_what_is_left():
    sub = node("Index Scan", table="b", cost=9.0, role="SubPlan", Subplan_Name="SubPlan 1", Index_Name="b_i")
    made = plan(node("Result", cost=30.0, plans=[scan("a", 10.0, expected=10), sub]))
    assert costs(made) == {"Result": 0.0, "Seq Scan on a": 10.0, "Index Scan using b_i on b": 20.0}


def test_a_hashed_subplan_is_executed_once():
    sub = scan("b", 20.0, role="SubPlan", Subplan_Name="SubPlan 1")
    other = scan("c", 2.0, role="SubPlan", Subplan_Name="SubPlan 10")
    made = plan(scan("a", 60.0, expected=10, Filter="((hashed SubPlan 1) OR (SubPlan 10))", plans=[sub, other]))
    assert costs(made) == {"Seq Scan on a": 20.0, "Seq Scan on b": 20.0, "Seq Scan on c": 20.0}


def test_a_recursive_part_is_executed_ten_times():
    union = node("Recursive Union", cost=35.0, plans=[node("Result", cost=1.0), scan("t", 3.0, role="Inner")])
    assert costs(plan(union)) == {"Recursive Union": 4.0, "Result": 1.0, "Seq Scan on t": 30.0}


def test_init_plans_and_ctes_are_part_of_the_node_they_hang_below():
    init = scan("few", 5.0, role="InitPlan", Subplan_Name="InitPlan 1 (returns $0)")
    query = scan("c", 15.0, role="InitPlan", Subplan_Name="CTE c")
    made = plan(scan("t", 30.0, plans=[init, query]))
    assert costs(made) == {"Seq Scan on t": 10.0, "Seq Scan on few": 5.0, "Seq Scan on c": 15.0}


def test_a_limit_pays_its_init_plans_whole():
    init = scan("few", 50.0, role="InitPlan", Subplan_Name="InitPlan 1")
    made = plan(node("Limit", cost=60.0, plans=[init, scan("t", 100.0)]))
    assert costs(made) == {"Limit": 0.0, "Seq Scan on few": 50.0, "Seq Scan on t": 10.0}


def test_without_costs_estimates_are_unknown():
    raw = {"Node Type": "Seq Scan", "Relation Name": "t", "Actual Rows": 900, "Actual Loops": 1}
    made = plan(raw)
    assert (made.root.estimate.known, made.root.expected_rows, made.root.factor) == (False, None, None)


def test_figures_that_no_server_gives_end_in_finite_ones():
    made = node("Seq Scan", table="t", cost=0.0, expected=1e149, role="Inner", ms=1e149, loops=1e149)
    for _ in range(9):
        outer = scan("o", 0.0, expected=1e149, ms=1e149, loops=1e149)
        made = node("Nested Loop", cost=0.0, expected=1e149, role="Inner", ms=1e149, loops=1, plans=[outer, made])
        made = node("Gather", cost=0.0, expected=1e149, ms=1e149, Workers_Planned=1e149, role="Inner", plans=[made])
        made["Plans"][0]["Parent Relationship"] = "Outer"
    for each in plan(made).nodes():
        figures = (each.estimate.own_cost, each.own_ms, each.expected_rows or 0, each.factor or 0)
        assert all(math.isfinite(figure) and figure >= 0 for figure in figures)
