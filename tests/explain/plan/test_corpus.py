"""Real plans of PostgreSQL 12 to 18, in both formats."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dbops.explain.plan.label import label
from dbops.explain.plan.reading import documents, read
from dbops.explain.plan.text_format.node_line import KINDS
from dbops.explain.plan.tree import plan_of
from dbops.results.plan import Plan, PlanNode
from explain.plan.captures import VERSIONS, Capture, captures, differences, node_lines, nodes

# What two executions of one query do not share.
MEASURED = re.compile(
    r"Time$|Blocks$|^WAL|Memory Usage|Disk Usage|Sort Space|Batches|Workers|Cache|Heap Fetches|Groups$"
    r"|Rows Removed by Index Recheck|Sort Method|Storage|Foreign File Size"
)
# Keys that FORMAT JSON also has where they are 0 or false, or that the text has only with VERBOSE.
UNSAID = re.compile(
    r"^(Async Capable|Disabled|Inner Unique|Schema|Single Copy|Subplans Removed|Planned Partitions|Conflicting Tuples"
    r"|Rows Removed by .*|Heap Fetches|Disk Usage|Exact Heap Blocks|Lossy Heap Blocks|WAL .*|Tuples .*|Workers"
    r"|(Shared |Local |Temp )?I/O .* Time|Foreign File Size|Plans|Cache .*|Peak Memory Usage)$"
)


def one(text: str) -> dict[str, Any]:
    (document,) = documents(text, "plan")
    return document


def ways_of_json(document: dict[str, Any]) -> list[str]:
    return [json.dumps([document], indent=2), json.dumps(document), json.dumps(document["Plan"])]


@pytest.mark.parametrize("version", VERSIONS)
def test_json_is_read_as_it_is(version: int):
    for capture in captures(version):
        array, bare, node = ways_of_json(capture.document)
        assert one(array) == one(bare) == capture.document
        assert one(node) == {"Plan": capture.document["Plan"]}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_text_of_a_planned_query_says_what_its_json_says(version: int):
    planned = [capture for capture in captures(version) if capture.planned]
    assert len(planned) > 60
    assert {each.name: found for each in planned if (found := differences(one(each.text), each.document))} == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_text_of_a_query_that_was_run_has_the_same_nodes_and_keys(version: int):
    run = [capture for capture in captures(version) if not capture.planned]
    assert len(run) > 60
    for capture in run:
        text = one(capture.text)
        pairs = list(zip(nodes(text["Plan"]), nodes(capture.document["Plan"]), strict=True))
        for mine, its in pairs:
            assert [key for key in mine.keys() - its.keys() if not extra(key, capture)] == [], capture.name
            unsaid = [key for key in its.keys() - mine.keys() if not UNSAID.match(key)]
            assert [
                key for key in unsaid if "Buffers: " in capture.text.partition("Planning:")[0] or "Blocks" not in key
            ] == [], capture.name
            assert [key for key in mine.keys() & its.keys() if type_of(mine[key]) != type_of(its[key])] == []
        unsaid = (capture.document.keys() - text.keys()) - {"Triggers", "Planning"}
        assert (unsaid, text.keys() - capture.document.keys()) == (set(), set()), capture.name


def extra(key: str, capture: Capture) -> bool:
    """Whether the text may say it alone: the name of an alias, I/O times that JSON calls otherwise, workers' luck."""
    return (key == "Function Name" and "rows_from" in capture.name) or "I/O" in key or key == "Workers"


def type_of(value: object) -> type:
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_measured_is_the_same_in_both_formats(version: int):
    serial = [each for each in captures(version) if not each.planned and '"Gather' not in json.dumps(each.document)]
    assert len(serial) > 60
    for capture in serial:
        for mine, its in zip(nodes(one(capture.text)["Plan"]), nodes(capture.document["Plan"]), strict=True):
            both = [key for key in mine.keys() & its.keys() if key != "Plans" and not MEASURED.search(key)]
            member = its.get("Parent Relationship") == "Member" and mine["Parent Relationship"] == "Outer"
            assert {key: mine[key] for key in both} == {key: its[key] for key in both} | (
                {"Parent Relationship": "Outer"} if member else {}
            ), capture.name


@pytest.mark.parametrize("version", VERSIONS)
def test_nodes_are_called_what_the_text_format_calls_them(version: int):
    for capture in captures(version):
        said = [label(node, verbose=True) for node in nodes(capture.document["Plan"])]
        assert said == node_lines(capture.text), capture.name
        (plan,) = read(capture.text, "plan")
        assert [label(node.raw, verbose=True) for node in plan.nodes()] == said


@pytest.mark.parametrize("version", VERSIONS)
def test_ids_count_nodes_in_the_order_they_are_printed_in(version: int):
    for capture in captures(version):
        ids = [node.id for node in plan_of(capture.document).nodes()]
        assert ids == list(range(1, len(ids) + 1))


@pytest.mark.parametrize("version", VERSIONS)
def test_own_times_together_are_the_time_of_the_query(version: int):
    for name, plan in timed(version):
        whole = ms(plan.root) + sum(ms(node) for node in run_at_the_end(plan))
        # PostgreSQL rounds the average over loops to a microsecond.
        rounding = sum(0.0005 * node.actual.loops / node.actual.processes for node in plan.nodes() if node.actual)
        assert sum(node.own_ms for node in plan.nodes()) == pytest.approx(whole, abs=0.001 + rounding, rel=0.01), name


@pytest.mark.parametrize("version", VERSIONS)
def test_own_blocks_together_are_the_blocks_of_the_query(version: int):
    seen = 0
    for name, plan in timed(version):
        touched = [node.own_buffers.touched for node in plan.nodes() if node.own_buffers]
        ends = [plan.root, *run_at_the_end(plan)]
        assert sum(touched) == sum(node.buffers.touched for node in ends if node.buffers), name
        seen += sum(touched) > 0
    assert seen > 60


@pytest.mark.parametrize("version", VERSIONS)
def test_own_costs_together_are_the_cost_of_the_query(version: int):
    for capture in captures(version):
        plan = plan_of(capture.document)
        costs = [node.estimate.own_cost for node in plan.nodes()]
        assert min(costs) >= 0
        assert sum(costs) == pytest.approx(plan.root.estimate.total_cost, rel=0.001, abs=0.05), capture.name


def test_the_corpus_has_every_node_that_needs_no_extension():
    seen = {
        node["Node Type"] for version in VERSIONS for each in captures(version) for node in nodes(each.document["Plan"])
    }
    assert KINDS - seen == {"Custom Scan"}


def timed(version: int) -> list[tuple[str, Plan]]:
    plans = [(each.name, plan_of(each.document)) for each in captures(version) if not each.planned]
    return [(name, plan) for name, plan in plans if plan.root.actual and plan.root.actual.ms is not None]


def ms(node: PlanNode) -> float:
    assert node.actual is not None
    return node.actual.ms or 0.0


def run_at_the_end(plan: Plan) -> list[PlanNode]:
    """Return the writing CTEs that nobody reads: they are run when all else is done."""
    scanned = {node.raw.get("CTE Name") for node in plan.nodes()}
    return [
        node
        for node in plan.nodes()
        if node.kind == "ModifyTable" and (node.subplan or "").startswith("CTE ") and node.subplan[4:] not in scanned
    ]
