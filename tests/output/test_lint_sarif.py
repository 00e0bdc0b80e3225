"""Lint's findings as SARIF 2.1.0: what its schema requires, what code hosts read."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given

from dbops.output.lint.sarif import render
from dbops.results.lint import Finding, LintResult, RuleInfo, RulesResult, Severity
from output.lint_findings import RULES, finding, result, results

INFOS = RulesResult(
    tuple(
        RuleInfo(rule, "query", Severity.WARNING, "A sum.", "A sum.\n\nWhy: It is.", ("SELECT *",), (), False, True)
        for rule in RULES
    )
)


def run(*findings: Finding) -> dict[str, Any]:
    document = json.loads(render(result(findings), INFOS, "1.2.3"))
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    assert isinstance(only, dict)
    return only


def fingerprint(entry: dict[str, Any]) -> str:
    (value,) = entry["partialFingerprints"].values()
    return str(value)


def test_the_tool_is_named_with_its_rules() -> None:
    driver = run()["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("dbops", "1.2.3")
    first = driver["rules"][0]
    assert first["id"] == "select-star"
    assert first["shortDescription"] == {"text": "A sum."}
    assert first["fullDescription"]["text"].endswith("Why: It is.")
    assert first["help"]["markdown"].startswith("A sum.\n\n**Why:** It is.")
    assert "```sql\nSELECT *;\n```" in first["help"]["markdown"]
    assert first["defaultConfiguration"] == {"level": "warning", "enabled": True}
    assert "helpUri" not in first


def test_a_finding_is_a_result_at_its_place() -> None:
    only = run(finding(rule="prefer-bigint"))
    assert only["columnKind"] == "unicodeCodePoints"
    (entry,) = only["results"]
    assert (entry["ruleId"], entry["ruleIndex"], entry["level"]) == ("prefer-bigint", 2, "warning")
    assert entry["message"] == {"text": "* returns every column\nname the columns"}
    (location,) = entry["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a.sql"},
        "region": {"startLine": 1, "startColumn": 8, "endLine": 1, "endColumn": 9},
    }


@pytest.mark.parametrize(("severity", "level"), [("info", "note"), ("warning", "warning"), ("error", "error")])
def test_a_severity_is_a_level(severity: str, level: str) -> None:
    assert run(finding(severity=Severity(severity)))["results"][0]["level"] == level


def test_a_rule_that_is_not_listed_has_no_index() -> None:
    (entry,) = run(finding(rule="new"))["results"]
    assert entry["ruleId"] == "new"
    assert "ruleIndex" not in entry


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("sql/a b.sql", "sql/a%20b.sql"),
        ("é%#?.sql", "%C3%A9%25%23%3F.sql"),
        ("a:b.sql", "a%3Ab.sql"),
        ("/tmp/a.sql", "file:///tmp/a.sql"),
        ("a\udcff.sql", "a%FF.sql"),
    ],
)
def test_a_path_is_percent_encoded(path: str, uri: str) -> None:
    (entry,) = run(finding(file=path))["results"]
    assert entry["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_fingerprint_stays_when_lines_move_and_the_indent_changes() -> None:
    (before,) = run(finding("SELECT *", statement="SELECT *\n FROM t"))["results"]
    (after,) = run(finding("\n\n  SELECT *", 11, 12, statement="SELECT *\n   FROM t"))["results"]
    assert fingerprint(before) == fingerprint(after)


def test_a_fingerprint_tells_findings_apart() -> None:
    findings = [
        finding(),
        finding(),
        finding(rule="prefer-bigint"),
        finding(file="b.sql"),
        finding(statement="SELECT * FROM u"),
    ]
    assert len({fingerprint(entry) for entry in run(*findings)["results"]}) == len(findings)


@given(results())
def test_any_finding_has_what_the_schema_requires(found: tuple[LintResult, dict[str, str]]) -> None:
    text = render(found[0], INFOS, "1.2.3")
    assert text.isascii()
    entries = json.loads(text)["runs"][0]["results"]
    assert len(entries) == len(found[0].findings)
    assert len({fingerprint(entry) for entry in entries}) == len(entries)
    for entry, each in zip(entries, found[0].findings, strict=True):
        place = entry["locations"][0]["physicalLocation"]
        region, uri = place["region"], place["artifactLocation"]["uri"]
        assert min(region.values()) >= 1
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        assert re.fullmatch(r"[A-Za-z0-9%/._~:-]+", uri)
        assert unquote(uri.removeprefix("file://"), errors="surrogateescape") == each.file
        assert INFOS.rules[entry["ruleIndex"]].rule == entry["ruleId"] == each.rule
