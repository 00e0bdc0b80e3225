"""The rules as a table, as an explanation, as Markdown and as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from dbops.output import envelope
from dbops.output.lint import markdown
from dbops.output.lint.examples import joined
from dbops.output.lint.rules import explanation, table
from dbops.output.prose import paragraphs, wrapped
from dbops.output.style import Style
from dbops.results.lint import RuleInfo, RulesResult, Severity

PLAIN = Style(colour=False)
TEXT = """`SELECT *` returns whatever *columns* a | b the table happens to have at the time.

Why: A column that is added later travels to every caller, and `SELECT id FROM orders` does not.

Instead: One of

- the first way
- the second way

Versions: 15 and later."""
STAR = RuleInfo(
    "select-star",
    "query",
    Severity.WARNING,
    TEXT.split("\n", maxsplit=1)[0],
    TEXT,
    ("SELECT *\n  FROM t", "SELECT t.*"),
    ("SELECT id",),
    fixable=True,
    default=True,
)
QUIET = RuleInfo("prefer-bigint", "migration", Severity.INFO, "It ends.", "It ends.", ("x",), ("y",), False, False)
RULES = RulesResult((STAR, QUIET))


def test_the_table_has_a_line_a_rule_by_group() -> None:
    lines = table(RULES, PLAIN).splitlines()
    assert lines[:5] == [
        "Queries",
        f"  select-star    warning  fix      {STAR.summary}",
        "",
        "Migrations",
        "  prefer-bigint  info     off      It ends.",
    ]
    assert lines[6].startswith("2 rules;")


def test_the_table_keeps_to_a_width() -> None:
    lines = table(RULES, PLAIN, 80).splitlines()
    assert max(map(len, lines[:-2])) <= 80
    assert lines[1].startswith("  select-star    warning  fix      `SELECT *`")
    assert lines[2].startswith(" " * 35 + "the table")


def test_a_narrow_table_has_what_a_rule_finds_below_it() -> None:
    assert table(RULES, PLAIN, 60).splitlines()[1:4] == [
        "  select-star    warning  fix",
        "      `SELECT *` returns whatever *columns* a | b the table",
        "      happens to have at the time.",
    ]


@pytest.mark.parametrize("width", [None, 80, 60])
def test_a_coloured_table_says_the_same(width: int | None) -> None:
    rules = RulesResult((STAR, QUIET, replace(QUIET, rule="x", default=True)))
    painted = table(rules, Style(colour=True), width)
    assert "\x1b[33mwarning\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == table(rules, PLAIN, width)


def test_an_explanation_has_text_and_examples() -> None:
    text = explanation(STAR, PLAIN, 60)
    assert text.startswith("select-star  query, warning, fixable with --fix\n\n`SELECT *` returns")
    assert "\n\nWhy: A column" in text
    assert "\n\n- the first way\n- the second way\n\nVersions: 15" in text
    assert text.endswith(
        "Found in:\n\n    SELECT *\n      FROM t;\n\n    SELECT t.*;\n\nNot found in:\n\n    SELECT id;"
    )
    assert max(map(len, text.splitlines())) <= 60


def test_an_explanation_has_the_first_of_many_examples_and_the_page_all() -> None:
    many = replace(STAR, good=tuple(f"SELECT {number}" for number in range(40)))
    text = explanation(many, PLAIN, 80)
    assert "Found in:\n" in text
    assert "Not found in (5 of 40 examples):\n" in text
    assert text.endswith("    SELECT 4;")
    assert "SELECT 39;" in markdown.page(RulesResult((many,)))


def test_an_explanation_says_when_a_rule_is_off() -> None:
    assert explanation(QUIET, PLAIN, 80).startswith("prefer-bigint  migration, info, off unless it is selected")


def test_a_coloured_explanation_says_the_same() -> None:
    painted = explanation(STAR, Style(colour=True), 60)
    assert "\x1b[36m`SELECT *`\x1b[0m" in painted
    assert "\x1b[1mWhy:\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == explanation(STAR, PLAIN, 60)


def test_code_is_not_broken_over_lines() -> None:
    assert wrapped("aaaaaaaaaaaaaaaaaaa `SELECT id FROM t` b", 30) == ["aaaaaaaaaaaaaaaaaaa", "`SELECT id FROM t` b"]


def test_examples_end_with_a_semicolon_once() -> None:
    assert joined(["SELECT 1", "SELECT 2;\n", "SELECT 3 -- x"]) == "SELECT 1;\n\nSELECT 2;\n\nSELECT 3 -- x"


def test_paragraphs_have_labels() -> None:
    assert [paragraph.label for paragraph in paragraphs(TEXT)] == ["", "Why", "Instead", "", "Versions"]


def test_the_page_has_an_index_and_a_section_a_rule() -> None:
    page = markdown.page(RULES)
    assert "| [select-star](#select-star) | warning | yes | `SELECT *` returns whatever \\*columns\\* a \\| b" in page
    assert "| [prefer-bigint](#prefer-bigint) | info, off |  | It ends. |" in page
    assert "\n### select-star\n\nSeverity: warning; `--fix` mends it" in page
    assert "\n\n**Instead:** One of\n\n- the first way\n- the second way\n\n**Versions:** 15" in page
    assert "\nFound in:\n\n```sql\nSELECT *\n  FROM t;\n\nSELECT t.*;\n```\n\nNot found in:\n\n```sql" in page


@pytest.mark.parametrize("rules", [RULES, RulesResult(())])
def test_the_page_ends_with_one_line_end(rules: RulesResult) -> None:
    assert re.search(r"(?<!\n)\n\Z|\A\n\Z", markdown.page(rules))


def test_the_json_is_in_the_usual_envelope() -> None:
    document = json.loads(envelope.success(RULES))
    assert document["meta"] == {"total": 2}
    assert document["data"]["rules"][0].keys() == {
        "rule", "group", "severity", "summary", "text", "bad", "good", "fixable", "default"
    }  # fmt: skip
