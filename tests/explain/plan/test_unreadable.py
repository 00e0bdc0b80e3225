"""What is no plan, or a damaged one, is refused with its place and with what to do."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from dbops.explain.plan.limits import DEEPEST
from dbops.explain.plan.reading import PlanUnreadable, documents, read
from explain.plan.captures import captures

SCAN = "Seq Scan on t  (cost=0.00..1.00 rows=3 width=4)"
CAPTURE = next(each for each in captures(17) if each.name == "gather run")


def refused(text: str) -> PlanUnreadable:
    with pytest.raises(PlanUnreadable) as caught:
        read(text, "p")
    error = caught.value
    assert isinstance(error, ValueError)
    assert str(error) == error.message
    assert error.hint
    assert error.message.startswith(f"p:{error.line}:{error.column}: ")
    return error


def said(text: str) -> tuple[int, int, str]:
    error = refused(text)
    return error.line, error.column, error.message.split(": ", maxsplit=1)[1]


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "\ufeff", '""', "QUERY PLAN\n----------\n(0 rows)\n"])
def test_an_empty_file(text: str):
    assert said(text) == (1, 1, "there is no plan: the file is empty")


@pytest.mark.parametrize("text", ["hello", "SELECT 1", "Filter: (a > 3)", "-> x", "ERROR:  relation does not exist"])
def test_a_text_that_is_no_plan(text: str):
    line, _, message = said(text)
    assert line == 1
    assert "no plan" in message


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('<explain xmlns="http://www.postgresql.org/2009/explain">', "XML"),
        ('- Plan: \n    Node Type: "Result"', "YAML"),
        ('Plan:\n  Node Type: "Result"', "YAML"),
        ('Query Text: "SELECT 1"\nPlan: \n  Node Type: "Result"', "YAML"),
    ],
)
def test_other_formats_are_named(text: str, name: str):
    assert said(text)[2] == f"this is {name}; plans are read in JSON or text"
    assert "FORMAT JSON or TEXT" in refused(text).hint


@pytest.mark.parametrize("character", ["\0", "\ud800"])
def test_what_is_no_text(character: str):
    assert said(f"{SCAN}\n  Filter: (a = '{character}')")[:2] == (2, 17)


@pytest.mark.parametrize("indent", [None, 2])
def test_json_that_is_cut_off_names_the_place(indent: int | None):
    whole = json.dumps([CAPTURE.document], indent=indent)
    for end in range(1, len(whole), 97):
        line, _, message = said(whole[:end])
        assert "the plan's JSON is cut off" in message
        assert line <= whole[:end].count("\n") + 1


def test_damaged_json_names_the_place():
    assert said('[{"Plan": {"Node Type" "Limit"}}]') == (
        1,
        24,
        "the plan's JSON is damaged: expecting ':' delimiter",
    )
    assert said('[{"Plan": {"Node Type": "Limit"}}] and more')[:2] == (1, 36)


@pytest.mark.parametrize("text", ["[]", "{}", "[1, 2]", '{"a": 1}', '["Utility Statement"]', "[[]]"])
def test_json_that_is_no_plan(text: str):
    assert said(text) == (1, 1, 'this JSON is no plan: there is no "Plan" in it')


@pytest.mark.parametrize(
    ("node", "key", "message"),
    [
        ({}, None, 'this node has no "Node Type"'),
        ({"Node Type": ""}, None, 'this node has no "Node Type"'),
        ({"Node Type": 7}, "Node Type", '"Node Type" is 7, not a text'),
        ({"Node Type": "Sort", "Plan Rows": "many"}, "Plan Rows", "\"Plan Rows\" is 'many', not a number"),
        ({"Node Type": "Sort", "Plan Rows": True}, "Plan Rows", '"Plan Rows" is True, not a number'),
        ({"Node Type": "Sort", "Actual Loops": -1}, "Actual Loops", '"Actual Loops" is -1, not a number of EXPLAIN\'s'),
        (
            {"Node Type": "Sort", "Total Cost": math.inf},
            "Total Cost",
            '"Total Cost" is inf, not a number of EXPLAIN\'s',
        ),
        (
            {"Node Type": "Sort", "Total Cost": math.nan},
            "Total Cost",
            '"Total Cost" is nan, not a number of EXPLAIN\'s',
        ),
        ({"Node Type": "Sort", "Total Cost": 10**200}, "Total Cost", None),
        ({"Node Type": "Sort", "Relation Name": None}, "Relation Name", '"Relation Name" is None, not a text'),
        ({"Node Type": "Sort", "Alias": "a\0"}, "Alias", "\"Alias\" is 'a\\x00', not text that PostgreSQL can hold"),
        ({"Node Type": "Sort", "Plans": {}}, "Plans", '"Plans" is an object, not a list'),
        ({"Node Type": "Sort", "Workers": [1]}, "Workers", '"Workers" is 1, not an object'),
        ([], None, '"Plans" is a list, not an object'),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_node_that_is_none_names_its_place(node: Any, key: str | None, message: str | None, indent: int | None):
    good = {"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plan Rows": 1}]}
    text = json.dumps({"Plan": {"Node Type": "Append", "Alias": 'a"]}[{', "Plans": [good, node, good]}}, indent=indent)
    line, column, why = said(text)
    assert message is None or why == message
    rest = "\n".join(text.split("\n")[line - 1 :])[column - 1 :]
    start = json.dumps(node[key] if key and key != "Workers" else node, indent=indent)[:1]
    assert rest.startswith(start if key != "Workers" else "1")


@pytest.mark.parametrize(
    "part", [{"JIT": 1}, {"JIT": {"Timing": []}}, {"Planning": "x"}, {"Triggers": {}}, {"Settings": [1]}, {"Plan": 3}]
)
def test_parts_beside_the_nodes_are_checked_too(part: dict[str, Any]):
    assert "not a" in said(json.dumps([{"Plan": {"Node Type": "Result"}, **part}]))[2]


def test_a_bare_node_names_its_places_too():
    assert said('{"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plan Rows": []}]}')[:2] == (1, 69)


def deep_json(levels: int) -> str:
    return '{"Node Type": "Limit", "Plans": [' * (levels - 1) + '{"Node Type": "Result"}' + "]}" * (levels - 1)


def deep_text(levels: int) -> str:
    lines = ["Limit", *(" " * (2 + 6 * level) + "->  Limit" for level in range(levels - 1))]
    return "\n".join(lines)


@pytest.mark.parametrize("deep", [deep_json, deep_text])
def test_plans_are_read_to_some_depth_and_refused_below(deep: Any):
    (plan,) = read(deep(DEEPEST), "p")
    assert sum(1 for _ in plan.nodes()) == DEEPEST
    for levels in (DEEPEST + 1, 1_000):
        line, column, message = said(deep(levels))
        assert message == f"the plan's nodes are nested deeper than {DEEPEST} levels"
        assert (line, column) != (1, 1)


def test_numbers_of_thousands_of_digits_are_refused():
    assert said('{"Node Type": "Sort", "Plan Rows": ' + "9" * 6000 + "}")[:2] == (1, 36)
    assert said(SCAN.replace("rows=3", f"rows={'9' * 6000}"))[:2] == (1, 16)


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("Seq Scan on t  (cost=0.00..1.0", (1, 16), "figures"),
        ("Seq Scan on t  (cost=0.00..1.00 rows=many width=4)", (1, 16), "figures"),
        ("Seq Scan on t  (cost=0.00..1.00 rows=-3 width=4)", (1, 16), "figures"),
        (f"{SCAN} (actual time=0.1..0.2 rows=1 loops=-1)", (1, 16), "figures"),
        (f"{SCAN} (actual time=0.1..0.2 rows=1 loo", (1, 16), "figures"),
        (f"{SCAN}\n  Filter: (a > ", (2, 11), "Filter is not whole"),
        (f"{SCAN}\n  Output: a, (b", (2, 11), "Output is not whole"),
        (f"{SCAN}\n  Filter:", (2, 9), "Filter is not whole"),
        (f"{SCAN}\n  Filter: (a = 'x", (2, 18), "a quote in this line is never closed"),
        (f"{SCAN}\n  Filt", (2, 3), "no line of a plan"),
        (f"{SCAN}\n  Rows Removed by Filter: x", (2, 27), "not a number"),
        (f"{SCAN}\n  Inner Unique: maybe", (2, 17), "not true or false"),
        (f"{SCAN}\n  Buffers: shared hit=", (2, 12), "figures of Buffers"),
        (f"{SCAN}\n  Plans: 3", (2, 3), "no line of a plan"),
        (f"{SCAN}\n  Index Name: 3", (1, 1), '"Index Name" is 3, not a text'),
        (f"{SCAN}\nPlanning Time: 0.1", (2, 16), "not a time in ms"),
        (f"{SCAN}\nJIT:\n  Timing: Generation 0.1 ms, Inl", (3, 11), "not whole"),
        (f"{SCAN}\nTrigger t: time=1", (2, 1), "trigger"),
        ("Hash Join\n  Hash Cond: (a = b)\n    ->  Seq Scan on a", (3, 5), "indentation"),
        ("Limit\n->  Seq Scan on a", (2, 1), "no line of a plan"),
        ("Limit\n ->  Sort\n ->  Seq Scan on a", (2, 1), "indentation"),
        (f"{SCAN}\nFilter: (a > 3)", (2, 1), "indentation"),
        (f"{SCAN}\nPlanning Time: 0.1 ms\n  Filter: (a > 3)", (3, 3), "indentation"),
        ("Query Text: SELECT 1", (1, 1), "only its query"),
        (f"{SCAN}\ndb=> \\q", (2, 1), "no plan"),
    ],
)
def test_a_line_of_a_text_plan_that_is_not_whole_names_its_place(text: str, place: tuple[int, int], why: str):
    line, column, message = said(text)
    assert ((line, column), why in message) == (place, True), message


def test_a_text_plan_whose_end_is_missing_is_read_as_far_as_it_goes():
    lines = CAPTURE.text.splitlines()
    for end in range(1, len(lines) + 1):
        (document,) = documents("\n".join(lines[:end]), "p")
        assert document["Plan"]["Node Type"] == "Aggregate"


def test_a_text_plan_that_ends_within_figures_is_never_read_as_less():
    text = "\n".join(CAPTURE.text.splitlines()[:5])
    for end in range(text.rindex("(cost="), len(text)):
        part = text[:end].rstrip()
        if not part.endswith(")") and "(cost=" in part.rpartition("\n")[2]:
            assert said(part)[0] == part.count("\n") + 1
