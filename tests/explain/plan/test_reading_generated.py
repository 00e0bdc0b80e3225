"""Whatever a text is, reading it gives plans or says at which place of it there are none."""

from __future__ import annotations

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.explain.plan.reading import PlanUnreadable, read
from explain.plan.captures import FOLDER, VERSIONS, Capture, captures, sections

REAL = [
    *(
        form
        for version in VERSIONS
        for each in captures(version)[::7]
        for form in (each.text, json.dumps([each.document]))
    ),
    *(json.dumps([each.document], indent=2) for each in captures(18)[::11]),
    *sections(FOLDER / "psql.txt").values(),
    *((FOLDER / name).read_text(encoding="utf-8") for name in ("log.txt", "log.csv", "log.json")),
]
PIECES = (
    "\0", "\ud800", "\ufeff", "\r\n", "\n", "\t", "  ", "'", '"', '""', "\\", "\\n", "\\u0000", "(", ")", "{", "}", "[",
    "]", ",", ":", "->  ", "  ->  Seq Scan on t", "SubPlan 1", "CTE c", "Worker 0:  ", "JIT:", "Planning:",
    "QUERY PLAN", "|", "+", "(1 row)", "-[ RECORD 1 ]-", "----", "LOG:  duration: 1 ms  plan:", "Query Text: ", "null",
    "true", "-1", "1e999", "NaN", '"Plans": ', '"Node Type": ', "Filter: ", "Group Key: ", "Sort Key: ", "Plans: 3",
    "Index Name: 3", "loops=0", " (never executed)", "é", "\U0001d4b3",
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return a real plan from which parts are cut, or into which pieces and parts of it are put."""
    text = draw(st.sampled_from(REAL))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(start + draw(st.integers(0, 120)), len(text))
        new = draw(st.one_of(st.just(""), st.sampled_from(PIECES), st.just(text[start:end] * 2)))
        text = text[:start] + new + text[end:]
    return text


def gives_plans_or_a_place(text: str) -> None:
    try:
        plans = read(text, "plan")
    except PlanUnreadable as error:
        lines = text.split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1
        assert error.hint
    else:
        assert plans
        nodes = [node for plan in plans for node in plan.nodes()]
        assert all(node.own_ms >= 0 and node.label for node in nodes)
        assert all(math.isfinite(node.estimate.own_cost) and math.isfinite(node.expected_rows or 0) for node in nodes)


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_any_text(text: str):
    gives_plans_or_a_place(text)


@settings(deadline=None, max_examples=500)
@given(mutated())
def test_a_plan_that_was_changed(text: str):
    gives_plans_or_a_place(text)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(PIECES)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
KEYS = sorted({key for each in captures(18) for node in [each.document["Plan"], each.document] for key in node})


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(captures(18)), st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3), st.booleans())
def test_json_whose_values_are_of_any_kind(capture: Capture, values: dict[str, object], inside: bool):
    document = capture.document
    changed = {**document, "Plan": {**document["Plan"], **values}} if inside else {**document, **values}
    gives_plans_or_a_place(json.dumps([changed]))
