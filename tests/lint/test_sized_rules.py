"""The same statement on forty rows and on four hundred million: a rule whose cost grows with the table says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.lint import example
from dbops.lint.engine import Hit, examine
from dbops.lint.rule import MIGRATION, Rule
from dbops.lint.rules import rules
from dbops.results.lint import Severity

SMALL, LARGE = 40, 400_000_000
GROWS = frozenset(
    {
        "backfill-in-migration", "ban-drop-default", "foreign-key-without-index", "holding-access-exclusive",
        "require-concurrent-index-creation", "require-concurrent-refresh", "require-concurrent-reindex",
    }
)  # fmt: skip
"""Rules about what takes longer the larger the table is, beside those that promise a scan or a rewrite."""
OF_NO_ONE_TABLE = {"foreign-key-without-index": 0, "prefer-repack": 3, "require-concurrent-reindex": 2}
"""Examples about a new table, or about all tables."""
NOT_BY_SIZE = {
    "ban-alter-domain-with-add-constraint": "it is about all tables with the domain",
    "require-concurrent-partition-detach": "the lock is held for an instant",
}
SIZED = [
    pytest.param(rule, text, id=f"{rule.slug}-{number}")
    for rule in rules(MIGRATION)
    if (rule.scans or rule.rewrites or rule.slug in GROWS) and rule.slug not in NOT_BY_SIZE
    for number, text in enumerate(rule.bad)
    if OF_NO_ONE_TABLE.get(rule.slug) != number
]


def hits(rule: Rule, text: str, rows: int | None) -> list[Hit]:
    script = example.script(example.read(text), MIGRATION)
    tables = {name: replace(table, rows=rows) for name, table in script.schema.tables.items()}
    sized = replace(script, schema=replace(script.schema, tables=tables))
    return [hit for hit in examine(sized, {rule.slug}) if usual(rule, text, hit) is not Severity.INFO]


def usual(rule: Rule, text: str, hit: Hit) -> Severity:
    """Return how severe it is where no size is known."""
    found = examine(example.script(example.read(text), MIGRATION), {rule.slug})
    return next(each.severity for each in found if each.statement.index == hit.statement.index)


@pytest.mark.parametrize(("rule", "text"), SIZED)
def test_what_goes_through_a_small_table_is_worth_no_warning(rule: Rule, text: str) -> None:
    assert [hit for hit in hits(rule, text, SMALL) if hit.severity is not Severity.INFO] == []


@pytest.mark.parametrize(("rule", "text"), SIZED)
def test_what_goes_through_a_large_table_is_an_error(rule: Rule, text: str) -> None:
    known = example.read(text).schema
    found = hits(rule, text, LARGE)
    if any("CREATE TABLE" in each or "MATERIALIZED" in each for each in known):
        assert {hit.severity for hit in found} <= {Severity.ERROR}
