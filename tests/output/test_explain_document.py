"""Explain's JSON: the contract's names, and the plan as EXPLAIN gave it."""

from __future__ import annotations

import json

from hypothesis import given

from dbops.explain.plan.tree import plan_of
from dbops.output import envelope
from dbops.output.explain.document import document
from dbops.results.document import plain
from dbops.results.explain import ExplainResult
from dbops.results.plan import Plan
from output.explain_results import deep, everything, plans, result, results


@given(plans())
def test_a_plan_is_the_same_when_it_is_read_again(about: Plan) -> None:
    assert plan_of(json.loads(document(about))[0]) == about


def test_what_stands_beside_the_plan_is_kept() -> None:
    about = plan_of(
        {
            "Plan": {"Node Type": "Result", "Total Cost": 1.0, "Plan Rows": 1},
            "Planning": {"Shared Hit Blocks": 5, "Shared Read Blocks": 2, "Memory Used": 20},
            "Planning Time": 1.5,
            "Triggers": [{"Trigger Name": "t", "Relation": "r", "Time": 2.0, "Calls": 3}],
            "JIT": {"Functions": 3, "Timing": {"Total": 4.0}},
            "Serialization": {"Time": 0.5, "Output Volume": 7},
            "Execution Time": 9.0,
            "Settings": {"work_mem": "1GB"},
            "Query Text": "SELECT 1",
        }
    )
    assert plan_of(json.loads(document(about))[0]) == about


def test_the_contract_is_kept() -> None:
    data, meta = plain(everything())
    assert data["summary"].keys() >= {"execution_ms", "planning_ms"}
    assert data["plan"]["root"]["children"][0]["label"] == "Sort"
    assert data["findings"][0].keys() >= {"finding", "severity", "node", "message", "evidence", "remedy", "saving_ms"}
    assert data["indexes"][0].keys() >= {
        "create", "basis", "basis_detail", "cost_before", "cost_after", "ms_before", "ms_after", "interval",
        "size_bytes", "reason",
    }  # fmt: skip
    assert data["indexes"][0]["basis"] == "proven"
    assert len(data["rejected"]) == 1
    assert meta["total"] == len(data["findings"]) == 4
    assert meta["target"]["database"] == "shop"


@given(results())
def test_any_result_is_json(about: ExplainResult) -> None:
    data, meta = plain(about)
    again = json.loads(json.dumps({"data": data, "meta": meta}))
    assert again["meta"]["total"] == len(about.findings)


def test_a_deep_plan_is_json_too() -> None:
    assert json.loads(envelope.success(result(deep(200))))["data"]["plan"]["root"]["label"]
