"""The examples of every rule about migrations, on a real server: they run, and do what the rule says of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from conftest import SESSION
from dbops.lint import example
from dbops.lint.engine import examine
from dbops.lint.fixes import apply
from dbops.lint.rule import MIGRATION, Rule
from dbops.lint.rules import rules
from dbops.sql.lock_modes import Mode
from dbops.sql.split import SqlSyntaxError, split
from lint.trial import Effects, Trial

RULES = rules(MIGRATION)
NAMED_MODE = re.compile("|".join(sorted((rf"\b{mode}\b" for mode in Mode), key=len, reverse=True)))


GO_AFTER_IT = ("-- in the next migration:", "-- leave a view under the old name")
"""What hints begin with that are to be run after the example rather than in its place."""
AFTER_IT = frozenset({"foreign-key-without-index", "security-definer-without-search-path"})
"""Rules all of whose hints are."""
# Rules whose hints can't be run as they stand, and why.
NOT_TO_RUN = {
    "adding-required-field": "the rows are to be filled between the two migrations",
    "backfill-in-migration": "the bounds of a batch are parameters",
    "locking-table": "LOCK TABLE needs a transaction around it",
}
PROSE = frozenset({"ban-drop-not-null"})
"""Rules whose hints begin as SQL and are none."""


def is_sql(hint: str) -> bool:
    """Whether a hint can be pasted as it stands."""
    try:
        return "…" not in re.sub("--.*", "", hint) and len(split(hint)) > 0
    except SqlSyntaxError:
        return False


def fixed(rule: Rule) -> Iterator[str]:
    """Yield the bad examples that the rule can mend, as they are then."""
    for text in rule.bad:
        read = example.read(text)
        script = example.script(read, MIGRATION)
        fixes = [hit.found.edits for hit in examine(script, {rule.slug}) if hit.found.edits]
        if fixes:
            yield text.removesuffix(read.sql) + apply(script.sql, fixes)[0]


def hints(rule: Rule, newest: int) -> Iterator[str]:
    """Yield the hints about the bad examples that are SQL as they stand, each behind the example's schema."""
    for text in rule.bad:
        read = example.read(text)
        read = replace(read, pg_version=read.pg_version or newest)
        header = text.removesuffix(read.sql)
        for hit in examine(example.script(read, MIGRATION), {rule.slug}):
            if hit.found.hint is not None and is_sql(hit.found.hint):
                after = rule.slug in AFTER_IT or hit.found.hint.startswith(GO_AFTER_IT)
                yield header + (f"{read.sql};\n" if after else "") + hit.found.hint


EXAMPLES: dict[str, Callable[[Rule], Iterator[tuple[int, str]]]] = {
    "bad": lambda rule: enumerate(rule.bad),
    "good": lambda rule: enumerate(rule.good),
    "fixed": lambda rule: enumerate(fixed(rule)),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the examples that are for the lane's server, or for an older one."""
    (side,) = (EXAMPLES.keys() | {"hint"}) & set(metafunc.fixturenames) or [None]
    if side is None:
        return
    session = metafunc.config.stash[SESSION]
    session.shared()
    newest = int(str(session.version).split(".")[0])
    examples = {**EXAMPLES, "hint": lambda rule: enumerate(() if rule.slug in NOT_TO_RUN else hints(rule, newest))}
    found = [
        pytest.param(rule, (number, text), id=f"{rule.slug}-{number}")
        for rule in RULES
        for number, text in examples[side](rule)
        if (example.read(text).pg_version or 0) <= newest
    ]
    metafunc.parametrize(("rule", side), found)


def test_a_bad_example_does_what_the_rule_says(emptied: str, rule: Rule, bad: tuple[int, str]) -> None:
    number, text = bad
    trial = Trial(emptied, text)
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


def test_a_good_example_does_nothing_of_it(emptied: str, rule: Rule, good: tuple[int, str]) -> None:
    does_nothing(rule, Trial(emptied, good[1]).run())


def test_a_fixed_example_does_nothing_of_it(emptied: str, rule: Rule, fixed: tuple[int, str]) -> None:
    does_nothing(rule, Trial(emptied, fixed[1]).run())


def test_a_hint_that_is_sql_runs(emptied: str, rule: Rule, hint: tuple[int, str]) -> None:
    read = example.read(hint[1])
    with psycopg.connect(emptied, autocommit=True) as connection:
        for statement in (*read.schema, *(each.text for each in split(read.sql))):
            connection.execute(statement.encode())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_a_hint_that_looks_like_sql_is_sql(rule: Rule) -> None:
    for text in rule.bad:
        for hit in examine(example.script(example.read(text), MIGRATION), {rule.slug}):
            hint = hit.found.hint or ""
            if re.match(r"(--|ALTER|CREATE|DROP|DELETE|UPDATE|SET|TRUNCATE)\b", hint) and "…" not in re.sub(
                "--.*", "", hint
            ):
                assert is_sql(hint) or rule.slug in PROSE


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
