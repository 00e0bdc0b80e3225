"""The examples of every rule about migrations, on a real server: they run, and do what the rule says of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest

from conftest import SESSION
from dbops.lint import example
from dbops.lint.engine import examine
from dbops.lint.fixes import apply
from dbops.lint.rule import MIGRATION, Rule
from dbops.lint.rules import rules
from dbops.sql.lock_modes import Mode
from lint.trial import Effects, Trial

RULES = rules(MIGRATION)
NAMED_MODE = re.compile("|".join(sorted((rf"\b{mode}\b" for mode in Mode), key=len, reverse=True)))


def fixed(rule: Rule) -> Iterator[str]:
    """Yield the bad examples that the rule can mend, as they are then."""
    for text in rule.bad:
        read = example.read(text)
        script = example.script(read, MIGRATION)
        fixes = [hit.found.edits for hit in examine(script, {rule.slug}) if hit.found.edits]
        if fixes:
            yield text.removesuffix(read.sql) + apply(script.sql, fixes)[0]


EXAMPLES: dict[str, Callable[[Rule], Iterator[tuple[int, str]]]] = {
    "bad": lambda rule: enumerate(rule.bad),
    "good": lambda rule: enumerate(rule.good),
    "fixed": lambda rule: enumerate(fixed(rule)),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the examples that are for the lane's server, or for an older one."""
    (side,) = EXAMPLES.keys() & set(metafunc.fixturenames) or [None]
    if side is None:
        return
    session = metafunc.config.stash[SESSION]
    session.shared()
    newest = int(str(session.version).split(".")[0])
    found = [
        pytest.param(rule, (number, text), id=f"{rule.slug}-{number}")
        for rule in RULES
        for number, text in EXAMPLES[side](rule)
        if (example.read(text).pg_version or 0) <= newest
    ]
    metafunc.parametrize(("rule", side), found)


def test_a_bad_example_does_what_the_rule_says(database: str, rule: Rule, bad: tuple[int, str]) -> None:
    number, text = bad
    trial = Trial(database, text)
    if rule.fails:
        with pytest.raises(psycopg.Error):
            trial.run()
        return
    effects = trial.run()
    if rule.locks[number] is not None:
        assert effects.strongest is rule.locks[number]
    if rule.rewrites:
        assert effects.rewritten
    if rule.scans:
        assert rule.locks[number] in effects.scanned.values()


def test_a_good_example_does_nothing_of_it(database: str, rule: Rule, good: tuple[int, str]) -> None:
    does_nothing(rule, Trial(database, good[1]).run())


def test_a_fixed_example_does_nothing_of_it(database: str, rule: Rule, fixed: tuple[int, str]) -> None:
    does_nothing(rule, Trial(database, fixed[1]).run())


def does_nothing(rule: Rule, effects: Effects) -> None:
    if rule.rewrites:
        assert effects.rewritten == set()
    if rule.scans:
        weakest = min(mode.strength for mode in rule.locks if mode is not None)
        assert {table for table, mode in effects.scanned.items() if mode.strength >= weakest} == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_a_message_names_the_lock_that_was_seen(rule: Rule) -> None:
    for text, lock in zip(rule.bad, rule.locks, strict=True):
        hits = examine(example.script(example.read(text), MIGRATION), {rule.slug})
        named = {Mode(match) for hit in hits for match in NAMED_MODE.findall(hit.found.message)}
        assert not named or max(named, key=lambda mode: mode.strength) is lock


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_a_rule_about_scans_says_under_which_lock(rule: Rule) -> None:
    assert not rule.scans or None not in rule.locks
