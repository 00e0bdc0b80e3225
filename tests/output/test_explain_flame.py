"""The flame graph: rectangles that stand within their parents', side by side, whatever the figures."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given

from dbops.output.explain.html.flame import HEIGHT, Frame, flame
from dbops.results.plan import Plan
from output.explain_results import join, node, plan, planned, plans

ROUNDED = 0.01


def frames(about: Plan) -> dict[str, Frame]:
    picture = flame(about)
    assert picture is not None
    return {each.title.split("\n")[0]: each for each in picture.frames}


def test_a_node_is_as_wide_as_its_time() -> None:
    drawn = frames(join())
    assert [*drawn] == ["#1 Nested Loop", "#2 Sort", "#3 Seq Scan on orders o"]
    widths = [each.width for each in drawn.values()]
    assert widths == pytest.approx([100 / 1.02, 90 / 1.02, 80 / 1.02], abs=ROUNDED)
    assert [each.level for each in drawn.values()] == [0, 0, 2]
    assert [each.y for each in drawn.values()] == [0, HEIGHT, 2 * HEIGHT]


def test_a_plan_that_was_not_run_is_drawn_by_cost() -> None:
    assert [each.width for each in frames(planned()).values()] == pytest.approx([100, 90], abs=ROUNDED)


def test_children_that_took_longer_than_their_parent_do_not_stick_out() -> None:
    about = plan(node("Append", node("Seq Scan", ms=60.0), node("Seq Scan", ms=60.0), ms=100.0), Execution_Time=100.0)
    root, one, other = frames(about).values()
    assert (root.x, root.width) == (0, 100)
    assert one.x + one.width == pytest.approx(other.x, abs=ROUNDED)
    assert other.x + other.width == pytest.approx(100, abs=ROUNDED)


def test_a_cte_is_drawn_once_where_it_hangs() -> None:
    cte = node("Seq Scan", ms=70.0, Parent_Relationship="InitPlan", Subplan_Name="CTE x", Relation_Name="t")
    scan = node("CTE Scan", ms=90.0, CTE_Name="x", Parent_Relationship="Outer", Alias="x")
    drawn = frames(plan(node("Aggregate", cte, scan, ms=100.0, Strategy="Plain"), Execution_Time=100.0))
    assert drawn["#2 CTE x: Seq Scan on t"].width == pytest.approx(70, abs=ROUNDED)
    assert drawn["#3 CTE Scan on x"].width == pytest.approx(20, abs=ROUNDED)


def test_triggers_stand_beside_the_plan() -> None:
    about = plan(
        node("ModifyTable", ms=25.0, Operation="Delete"),
        Execution_Time=100.0,
        Triggers=[{"Trigger Name": "t", "Time": 75.0, "Calls": 3}, {"Trigger Name": "unknown", "Calls": 3}],
    )
    drawn = frames(about)
    assert (drawn["Trigger t"].x, drawn["Trigger t"].width) == (25, 75)
    assert "Trigger unknown" not in drawn


def test_what_is_too_narrow_is_counted() -> None:
    picture = flame(plan(node("Limit", node("Seq Scan", ms=0.05), ms=100.0), Execution_Time=100.0))
    assert picture is not None
    assert (len(picture.frames), picture.left_out) == (1, 1)


def test_nothing_is_drawn_where_nothing_was_taken() -> None:
    assert flame(plan(node("Result", ms=0.0), Execution_Time=0.0)) is None


@given(plans())
def test_frames_never_overlap_nor_leave_the_picture(about: Plan) -> None:
    picture = flame(about)
    if picture is None:
        return
    for _, row in groupby(sorted(picture.frames, key=lambda each: (each.y, each.x)), key=lambda each: each.y):
        end = 0.0
        for each in row:
            assert each.x >= end - ROUNDED
            end = each.x + each.width
        assert end <= 100 + ROUNDED
    places = {each.node: each for each in picture.frames if each.node}
    for parent in about.nodes():
        for child in parent.children:
            if child.id in places:
                above, below = places[parent.id], places[child.id]
                assert above.x - ROUNDED <= below.x
                assert below.x + below.width <= above.x + above.width + ROUNDED
