from __future__ import annotations

import pytest

from dbops.errors import ConfigError
from dbops.lint.options import Options, slugs
from dbops.lint.rules import every
from dbops.results.lint import Severity


def test_without_a_selection_the_default_rules_are_asked() -> None:
    assert {"select-star", "not-analysed", "unused-ignore"} <= Options().selection("a.sql").slugs


def test_only_what_is_selected_is_asked_and_what_no_rule_could_read_still_said() -> None:
    assert Options(select=("select-star",)).selection("a.sql").slugs == {"select-star", "not-analysed"}


def test_a_rule_that_does_not_run_by_default_runs_when_it_is_named() -> None:
    rule = next(rule for rule in every() if not rule.default)
    assert not Options().selection("a.sql").takes(rule)
    assert not Options(ignore=("select-star",)).selection("a.sql").takes(rule)
    assert Options(select=("select-star", rule.slug)).selection("a.sql").takes(rule)


def test_groups_and_patterns_select() -> None:
    assert "select-star" in Options(select=("query",)).selection("a.sql").slugs
    assert "require-concurrent-index-creation" not in Options(select=("query",)).selection("a.sql").slugs
    assert "select-star" in Options(select=("select-*",)).selection("a.sql").slugs
    assert slugs() == Options(select=("all",)).selection("a.sql").slugs


def test_what_is_ignored_is_not_asked() -> None:
    assert "select-star" not in Options(ignore=("select-star",)).selection("a.sql").slugs


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("tests/**", "tests/a/b.sql", True),
        ("tests/*", "tests/a/b.sql", True),
        ("tests", "tests/a.sql", True),
        ("tests/", "x/tests/a.sql", True),
        ("*.py", "x/a.py", True),
        ("*.py", "x/a.sql", False),
        ("tests/*.sql", "x/tests/a.sql", False),
    ],
)
def test_a_file_has_its_own_rules(pattern: str, path: str, matches: bool) -> None:
    options = Options(per_file={pattern: ("select-star",)})
    assert ("select-star" not in options.selection(path)) == matches


def test_a_severity_replaces_a_rules_own() -> None:
    options = Options(severity={"select-*": Severity.ERROR})
    assert options.severity_of("select-star", Severity.WARNING) is Severity.ERROR
    assert options.severity_of("other", Severity.WARNING) is Severity.WARNING


@pytest.mark.parametrize(
    "options",
    [
        Options(select=("select-stra",)),
        Options(ignore=("nonsense",)),
        Options(per_file={"*": ("nonsense",)}),
    ],
)
def test_a_rule_that_is_not_there_is_refused(options: Options) -> None:
    with pytest.raises(ConfigError) as raised:
        options.selection("a.sql")
    assert raised.value.hint


def test_the_fingerprint_tells_options_apart() -> None:
    options = [
        Options(),
        Options(ignore=("select-star",)),
        Options(severity={"select-star": Severity.INFO}),
        Options(pg_version=15),
        Options(calls=frozenset({"run_sql"})),
        Options(in_transaction=True),
    ]
    assert len({each.fingerprint("a.sql") for each in options}) == len(options)
