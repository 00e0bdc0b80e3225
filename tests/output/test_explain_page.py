"""Explain's page as text: whole, harmless and self-contained. A browser looks at it in tests/browser."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from dbops.output.explain.html import page
from dbops.output.explain.html.highlight import highlighted
from dbops.results.explain import ExplainResult
from output.explain_results import deep, everything, hostile, join, partitions, planned, result, results
from output.lint_findings import ANY_TEXT
from output.pages import Page


def read(about: ExplainResult) -> Page:
    return Page(page(about, version="1.2.3"))


SOME = [everything(), hostile(), result(planned()), result(deep()), result(partitions())]


@pytest.mark.parametrize("about", SOME)
def test_every_link_leads_somewhere_on_the_page(about: ExplainResult) -> None:
    read_page = read(about)
    ids = read_page.attributes("id")
    assert len(ids) == len(set(ids))
    links = read_page.attributes("href")
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert {f"n{each.node}" for each in about.findings if each.node} <= set(ids)
    assert {f"n{each.id}" for each in about.plan.nodes()} <= set(ids)


@pytest.mark.parametrize("about", SOME)
def test_nothing_is_loaded_from_anywhere(about: ExplainResult) -> None:
    read_page = read(about)
    assert read_page.loaded == []


def test_the_policy_names_the_style_and_the_script_by_digest_and_nothing_else() -> None:
    read_page = read(hostile())
    assert read_page.policy == (
        f"default-src 'none'; style-src {read_page.digest('style')}; script-src {read_page.digest('script')}; "
        "base-uri 'none'; form-action 'none'"
    )


def test_markup_in_a_query_stays_text() -> None:
    read_page = read(hostile())
    assert [tag for tag, _ in read_page.tags].count("script") == 1
    assert "<img src=" in read_page.text
    assert page(hostile(), version="<b>").count("<b>") == page(hostile(), version="").count("<b>")


def test_everything_that_is_known_is_on_the_page() -> None:
    text = read(everything()).text
    about = everything()
    for each in about.findings:
        assert {each.message, each.finding, each.evidence} <= {part.strip() for part in read(about).texts}
    for said in (
        "This query takes 102 ms", "shop @ db1.example:5432", "primary", "staging", "PostgreSQL 18.6",
        "nextval() is not undone by a rollback", "saves up to 78 ms", "CREATE EXTENSION pg_trgm;", "PROVEN", "MEASURED",
        "PLANNED", "12.3× faster (95 %: 11.8–12.9): 410 ms → 33 ms", "all 300,000 rows, PostgreSQL 18.6", "old_idx",
        "DROP INDEX CONCURRENTLY public.orders_c_idx;", "not used by the plan", "leading-wildcard-like",
        "2.0× faster than before.json", "never executed", "external merge, 2 MB on disk", "$1 = NULL",
        "--max-ms: it took 102.0 ms", "pg_stat_statements", '"Node Type": "Nested Loop"', "Made by dbops 1.2.3 explain",
    ):  # fmt: skip
        assert said in text


def test_a_plan_that_was_not_run_says_so_and_shows_costs() -> None:
    text = read(result(planned(), not_analyzed="it is production")).text
    assert "This query is expected to cost 100" in text
    assert "not run: it is production" in text
    assert "Where the cost goes" in text


def test_nothing_found_is_said() -> None:
    assert "Nothing found." in read(result(join())).text


@settings(deadline=None)
@given(results())
def test_any_result_can_be_shown(about: ExplainResult) -> None:
    read_page = read(about)
    read_page.text.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", read_page.text)


@given(ANY_TEXT)
def test_colours_change_nothing_of_a_query(query: str) -> None:
    assert "".join(text for _, text in highlighted(query)) == query


def test_a_query_is_coloured() -> None:
    parts = [*highlighted("SELECT 'it''s', $1, \"from\" FROM t -- all of it")]
    assert [each for each in parts if each[0]] == [
        ("keyword", "SELECT"),
        ("string", "'it''s'"),
        ("number", "$1"),
        ("keyword", "FROM"),
        ("comment", "-- all of it"),
    ]
