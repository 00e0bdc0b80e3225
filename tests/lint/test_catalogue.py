"""The catalogue of rules: every one is in it, described as people read it."""

from __future__ import annotations

import pytest

from dbops.errors import UsageError
from dbops.lint.catalogue import catalogue, explain, info
from dbops.lint.options import BUILT_IN
from dbops.lint.rules import every
from dbops.results.lint import RuleInfo

INFOS = catalogue().rules


def test_every_rule_is_there_once_by_group() -> None:
    assert [each.rule for each in INFOS] == [*(rule.slug for rule in every()), *BUILT_IN]
    assert list(dict.fromkeys(each.group for each in INFOS)) == ["query", "migration", "lint"]


@pytest.mark.parametrize("each", INFOS, ids=lambda each: each.rule)
def test_a_rule_is_described(each: RuleInfo) -> None:
    assert each.summary.endswith(".")
    assert "\nWhy: " in each.text
    assert "\nInstead: " in each.text
    assert info(each.rule) is each


@pytest.mark.parametrize("each", INFOS, ids=lambda each: each.rule)
def test_its_examples_can_be_told_apart(each: RuleInfo) -> None:
    assert each.bad
    assert each.good
    assert not set(each.bad) & set(each.good)
    for example in (*each.bad, *each.good):
        assert not example.startswith(("-- schema", "-- pg", "-- plain"))
        assert example == example.strip()


def test_a_query_s_example_tells_the_schema_it_depends_on() -> None:
    star = explain("select-star")
    assert any(example.startswith("-- given: CREATE TABLE orders") for example in star.bad)


@pytest.mark.parametrize("slug", ["select-star", "select_star", " Select-Star "])
def test_a_rule_is_found_as_people_write_it(slug: str) -> None:
    assert explain(slug).rule == "select-star"


def test_a_slug_that_is_none_names_those_like_it() -> None:
    for wrong, meant in (("select-stars", "select-star"), ("Unpaginated", "unpaginated-query")):
        with pytest.raises(UsageError) as caught:
            explain(wrong)
        assert caught.value.hint is not None
        assert caught.value.hint.startswith(f"did you mean {meant}")


@pytest.mark.parametrize("slug", ["xyzzy", ""])
def test_a_slug_like_no_other_leads_to_the_list(slug: str) -> None:
    with pytest.raises(UsageError) as caught:
        explain(slug)
    assert caught.value.hint == "`dbops lint --rules` lists them"
