"""Every rule's own examples: the bad ones are found, the good ones are not."""

from __future__ import annotations

import re

import pytest

from dbops.lint import example
from dbops.lint.engine import Hit, examine
from dbops.lint.rule import Rule
from dbops.lint.rules import every

RULES = list(every())
BAD = [pytest.param(rule, text, id=f"{rule.slug}-{number}") for rule in RULES for number, text in enumerate(rule.bad)]
GOOD = [pytest.param(rule, text, id=f"{rule.slug}-{number}") for rule in RULES for number, text in enumerate(rule.good)]


def hits(rule: Rule, text: str) -> list[Hit]:
    script = example.script(example.read(text), rule.group)
    return list(examine(script, {rule.slug}))


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_a_bad_example_is_found(rule: Rule, text: str) -> None:
    found = hits(rule, text)
    assert found
    assert {hit.rule for hit in found} == {rule.slug}
    for hit in found:
        start, end = hit.span
        assert 0 <= start < end <= len(example.read(text).sql)


@pytest.mark.parametrize(("rule", "text"), GOOD)
def test_a_good_example_is_not_found(rule: Rule, text: str) -> None:
    assert hits(rule, text) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_a_rule_says_what_why_and_what_instead(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.slug)
    assert rule.summary.endswith(".")
    assert "\nWhy: " in rule.text
    assert "\nInstead: " in rule.text
    assert rule.bad
    assert rule.good


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_a_rule_has_edits_when_it_says_it_is_fixable(rule: Rule) -> None:
    edits = [hit for text in rule.bad for hit in hits(rule, text) if hit.found.edits]
    assert bool(edits) == rule.fixable


def test_no_two_rules_have_the_same_slug() -> None:
    slugs = [rule.slug for rule in RULES]
    assert len(slugs) == len(set(slugs))
