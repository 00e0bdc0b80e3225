"""Conditions as EXPLAIN spells them, read as what they compare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.explain.findings.conditions import ONCE, Column, Comparison, indexable, terms, whole

EQUAL, RANGE, OTHER = Comparison.EQUALITY, Comparison.RANGE, Comparison.OTHER


@pytest.mark.parametrize(
    ("condition", "comparisons", "columns"),
    [
        ("(o.a = 1)", [EQUAL], ("a",)),
        ("(1 = o.a)", [EQUAL], ("a",)),
        ("((o.a = 1) AND (o.b > 2) AND (o.c >= 3))", [EQUAL, RANGE, RANGE], ("a", "b")),
        ("((o.b > 2) AND (o.b < 9) AND (o.a = 1))", [RANGE, RANGE, EQUAL], ("a", "b")),
        ("((o.status)::text = 'open'::text)", [EQUAL], ("status",)),
        ("(o.id = ANY ('{1,2}'::integer[]))", [EQUAL], ("id",)),
        ("('x'::text = ANY (o.tags))", [OTHER], ()),
        ("(o.done IS NULL)", [EQUAL], ("done",)),
        ("(o.done IS NOT NULL)", [OTHER], ()),
        ("o.done", [EQUAL], ("done",)),
        ("(NOT o.done)", [EQUAL], ("done",)),
        ("(o.name ~~ '%x%'::text)", [OTHER], ()),
        ("(o.a <> 1)", [OTHER], ()),
        ("((o.a = 1) OR (o.b = 2))", [OTHER], ()),
        ("(lower(o.name) = 'x'::text)", [EQUAL], ()),
        ("((o.at)::date = '2026-01-01'::date)", [EQUAL], ()),
        ("(o.a = o.b)", [EQUAL], ()),
        ("(o.a = u.b)", [EQUAL], ("a",)),
        ("(a = 1)", [EQUAL], ("a",)),
        ('(o."order" = 1)', [EQUAL], ("order",)),
        ("(o.* IS NOT NULL)", [OTHER], ()),
        ("(o.a OPERATOR(public.=) 1)", [EQUAL], ("a",)),
        ("((o.j ->> 'k'::text) = 'v'::text)", [EQUAL], ()),
    ],
)
def test_what_a_condition_compares(condition: str, comparisons: list[Comparison], columns: tuple[str, ...]):
    assert [term.comparison for term in terms(condition)] == comparisons
    assert indexable(terms(condition), "o") == columns


@pytest.mark.parametrize("condition", ["", "(((", "(o.a = )", "1); DROP TABLE x; SELECT (1"])
def test_what_cannot_be_read_has_no_terms(condition: str):
    assert terms(condition) == ()


@pytest.mark.parametrize(
    "condition",
    [
        "(SubPlan 1)",
        "(NOT (hashed SubPlan 1))",
        "(ANY (o.a = (hashed SubPlan 1).col1))",
        "(NOT (ANY (o.a = (hashed SubPlan 12).col1)))",
        "EXISTS(SubPlan 1)",
        "(alternatives: SubPlan 1 or hashed SubPlan 2)",
        "(o.a = (SubPlan 1))",
        "(o.a = ANY (ARRAY(SubPlan 1)))",
    ],
)
def test_a_subquery_for_each_row_is_no_value_to_look_up(condition: str):
    (term,) = terms(condition)
    assert term.subquery
    assert indexable([term], "o") == ()


@pytest.mark.parametrize("condition", ["(o.a = (InitPlan 1).col1)", "(o.a = (InitPlan 12).col2)"])
def test_an_init_plans_result_is_a_value(condition: str):
    (term,) = terms(condition)
    assert (term.subquery, term.parameters) == (False, {ONCE})
    assert indexable([term], "o") == ("a",)


def test_parameters_are_told():
    first, second = terms("((o.a = $1) AND (o.b = ($2 + $0)))")
    assert (first.parameters, second.parameters) == ({1}, {0, 2})


def test_a_join_s_sides_are_told_apart():
    (term,) = terms("(lower(o.a) = u.b)")
    assert [side.sql for side in term.sides] == ["lower(a)", "b"]
    tested = term.tested("u")
    assert tested is not None
    assert tested.column == Column("u", "b")
    assert term.tested("nobody") is None


def test_what_stands_under_or_has_all_of_its_sides():
    (term,) = terms("((o.a = 1) OR (lower(o.b) = $1))")
    assert term.columns == {Column("o", "a"), Column("o", "b")}
    assert [side.sql for side in term.sides if side.columns] == ["a", "lower(b)"]


def test_a_key_is_one_side():
    key = whole("(o.a + 1)")
    assert key is not None
    assert (key.column, key.sql) == (None, "a + 1")
    assert whole("((") is None


@given(st.text("oab.=()$1 ANDORSubPlan'\"-:", max_size=40))
def test_no_text_is_too_odd(text: str):
    for term in terms(text):
        term.tested("o")
    indexable(terms(text), "o")
    whole(text)
