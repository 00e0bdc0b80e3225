"""What --fix makes of the bad examples of rules about migrations: sound SQL, about which there is nothing new to say.

That it runs is shown in test_rules_on_server.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from dbops.lint import example
from dbops.lint.engine import examine
from dbops.lint.example import Example
from dbops.lint.fixes import apply
from dbops.lint.rule import MIGRATION, Rule
from dbops.lint.rules import rules
from dbops.results.lint import Severity

ASKED = frozenset(rule.slug for rule in rules(MIGRATION) if rule.default)
FIXED = [
    pytest.param(rule, example.read(text), id=f"{rule.slug}-{number}")
    for rule in rules(MIGRATION)
    if rule.fixable
    for number, text in enumerate(rule.bad)
]


def fix(rule: Rule, before: Example) -> Example:
    hits = examine(example.script(before, MIGRATION), {rule.slug})
    sql = example.script(before, MIGRATION).sql
    return replace(before, sql=apply(sql, [hit.found.edits for hit in hits if hit.found.edits])[0])


def loud(read: Example, asked: frozenset[str] = ASKED) -> Counter[str]:
    hits = examine(example.script(read, MIGRATION), asked)
    return Counter(hit.rule for hit in hits if hit.severity is not Severity.INFO)


@pytest.mark.parametrize(("rule", "before"), FIXED)
def test_what_was_fixed_is_not_found_again(rule: Rule, before: Example) -> None:
    again = examine(example.script(fix(rule, before), MIGRATION), {rule.slug})
    assert [hit.found.message for hit in again if hit.found.edits] == []


@pytest.mark.parametrize(("rule", "before"), FIXED)
def test_fixing_twice_changes_nothing(rule: Rule, before: Example) -> None:
    once = fix(rule, before)
    assert fix(rule, once) == once


@pytest.mark.parametrize(("rule", "before"), FIXED)
def test_a_fix_brings_no_new_warning(rule: Rule, before: Example) -> None:
    assert loud(fix(rule, before)) - loud(before) == Counter()
