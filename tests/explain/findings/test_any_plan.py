"""No finding fails on any plan, and what it says can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.explain.findings import examine
from dbops.explain.findings.finding import Subject, TableFacts
from dbops.explain.plan.reading import documents
from dbops.explain.plan.tree import plan_of
from dbops.results.plan import Plan
from dbops.sql.nodes import Relation
from dbops.sql.split import split
from explain.findings.remedies import SQL
from explain.plan.captures import VERSIONS, captures

KINDS = [
    "Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan", "BitmapAnd", "Nested Loop",
    "Hash Join", "Merge Join", "Hash", "Sort", "Incremental Sort", "Aggregate", "Limit", "Append", "MergeAppend",
    "Gather", "Gather Merge", "Materialize", "Memoize", "CTE Scan", "Function Scan", "Subquery Scan", "ModifyTable",
    "Recursive Union", "WorkTable Scan", "WindowAgg", "Unique", "Foreign Scan", "ProjectSet", "Nobody Knows", "",
]  # fmt: skip
ROLES = ["Outer", "Inner", "Member", "Subquery", "InitPlan", "SubPlan"]
FIGURES = [
    "Plan Rows", "Plan Width", "Startup Cost", "Total Cost", "Actual Rows", "Actual Loops", "Actual Startup Time",
    "Actual Total Time", "Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck",
    "Heap Fetches", "Exact Heap Blocks", "Lossy Heap Blocks", "Hash Batches", "Original Hash Batches",
    "Peak Memory Usage", "HashAgg Batches", "Disk Usage", "Planned Partitions", "Sort Space Used", "Cache Hits",
    "Cache Misses", "Cache Evictions", "Cache Overflows", "Workers Planned", "Workers Launched", "Temp Written Blocks",
    "Temp Read Blocks", "Shared Hit Blocks", "Shared Read Blocks", "Shared I/O Read Time", "I/O Read Time",
]  # fmt: skip
WORDS = [
    "Relation Name", "Schema", "Alias", "Index Name", "CTE Name", "Subplan Name", "Filter", "Join Filter", "Hash Cond",
    "Merge Cond", "Index Cond", "Recheck Cond", "Sort Method", "Sort Space Type", "Join Type", "Sort Key", "Group Key",
    "Output", "Cache Key", "Workers", "Full-sort Groups", "Pre-sorted Groups", "Parallel Aware", "Partial Mode",
]  # fmt: skip
TEXTS = [
    "orders", "order", "o", "o_1", "public", "A b", 'a"b', "", "\0", "(o.a = 1)", "((o.a = 1) AND (o.b = 'x'::text))",
    "(lower(o.a) = $1)", "(o.a = u.b)", "((o.a = 1) OR (u.b = 2))", "(SubPlan 1)", "(NOT (hashed SubPlan 1))",
    "o.a DESC", "CTE x", "InitPlan 1 (returns $0)", "SubPlan 1", "Disk", "external merge", "Inner", "Semi", "Anti",
    "(((", "--", "$$",
]  # fmt: skip
NUMBERS = st.one_of(st.integers(-1, 3), st.integers(0, 10**12), st.floats(0, 1e15), st.sampled_from([1e308, 0.5]))
SCALARS = st.one_of(NUMBERS, st.sampled_from(TEXTS), st.text(max_size=9), st.booleans(), st.none())
VALUES = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.sampled_from(FIGURES), SCALARS, max_size=3)
)


def said() -> st.SearchStrategy[dict[str, Any]]:
    """What a node says: mostly what makes sense there, now and then anything."""
    return st.builds(
        lambda figures, words, odd: {**figures, **words, **odd},
        st.dictionaries(st.sampled_from(FIGURES), NUMBERS),
        st.dictionaries(st.sampled_from(WORDS), st.sampled_from(TEXTS)),
        st.dictionaries(st.sampled_from([*FIGURES, *WORDS]), VALUES, max_size=2),
    )


def nodes() -> st.SearchStrategy[dict[str, Any]]:
    def leaf(kind: str, role: str, attributes: dict[str, Any]) -> dict[str, Any]:
        return {**attributes, "Node Type": kind, "Parent Relationship": role}

    bare = st.builds(leaf, st.sampled_from(KINDS), st.sampled_from(ROLES), said())
    return st.recursive(
        bare,
        lambda below: st.builds(lambda node, plans: {**node, "Plans": plans}, bare, st.lists(below, max_size=3)),
        max_leaves=8,
    )


def plan(document: dict[str, Any]) -> Plan | None:
    """Return the document's plan, None for what is none: reading it is not what is tried here."""
    try:
        return plan_of(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def say(subject: Subject) -> Iterator[str]:
    """Yield what the findings say, and see that it can be printed and run."""
    for each in examine(subject):
        assert each.message
        assert each.message == each.message.strip()
        assert each.evidence
        assert each.saving_ms is None or each.saving_ms >= 0
        if each.remedy and SQL.match(each.remedy):
            assert split(each.remedy)
        yield each.finding


def facts(found: Plan, *, known: TableFacts) -> dict[Relation, TableFacts]:
    return {Relation(node.schema, node.relation): known for node in found.nodes() if node.relation is not None}


@given(
    nodes(),
    st.sampled_from([None, 13, 15, 18]),
    st.sampled_from([{}, {"work_mem": "64kB", "hash_mem_multiplier": "x"}, {"work_mem": "?"}]),
    st.builds(TableFacts, rows=st.sampled_from([None, 0.0, 9e9]), pages=st.sampled_from([None, 0, 10**6]),
              dead=st.sampled_from([None, 0, 10**9]), analyzed=st.sampled_from([None, False, True])),
    st.sampled_from([None, 0.0, 0.5, 1e6]),
)  # fmt: skip
def test_no_finding_fails_on_a_made_up_plan(
    root: dict[str, Any], version: int | None, settings: dict[str, str], known: TableFacts, ms: float | None
):
    found = plan({"Plan": root, **({} if ms is None else {"Execution Time": ms, "Planning Time": 50.0})})
    if found is not None:
        list(say(Subject(found, version, settings, facts(found, known=known))))


@pytest.mark.parametrize("version", VERSIONS)
def test_no_finding_fails_on_a_real_plan(version: int):
    seen: set[str] = set()
    for capture in captures(version):
        for document in (capture.document, documents(capture.text, "plan")[0]):
            found = plan_of(document)
            seen |= set(say(Subject(found, version, found.settings)))
    assert len(seen) > 5


def test_no_finding_fails_on_a_real_plan_that_lacks_an_attribute():
    for capture in captures(VERSIONS[-1]):
        raw = capture.document["Plan"]
        for attribute in sorted({key for node in plan_of(capture.document).nodes() for key in node.raw}):
            lacking = plan({**capture.document, "Plan": without(raw, attribute)})
            if lacking is not None:
                list(say(Subject(lacking)))


def without(raw: dict[str, Any], attribute: str) -> dict[str, Any]:
    left = {key: value for key, value in raw.items() if key != attribute}
    return {**left, "Plans": [without(each, attribute) for each in raw["Plans"]]} if "Plans" in left else left
