"""Lint's findings as a JUnit report."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given

from dbops.output.lint.junit import render
from dbops.results.lint import LintResult, Severity
from output.lint_findings import finding, result, results


def test_a_file_is_a_suite_and_a_finding_a_failure() -> None:
    root = ElementTree.fromstring(render(result([finding()])))
    assert root.attrib == {"name": "dbops lint", "tests": "1", "failures": "1", "errors": "0"}
    (suite,) = root
    assert suite.attrib == {"name": "a.sql", "tests": "1", "failures": "1", "errors": "0"}
    (case,) = suite
    assert (case.get("name"), case.get("classname"), case.get("line")) == ("select-star", "a.sql", "1")
    (failure,) = case
    assert failure.attrib == {"type": "warning", "message": "* returns every column"}
    assert failure.text == "a.sql:1:8: * returns every column\nname the columns\nSELECT *\nFROM t"


def test_a_rule_found_twice_is_two_tests_whose_names_stay_when_lines_move() -> None:
    root = ElementTree.fromstring(render(result([finding(), finding("\nSELECT *", 8, 9)])))
    assert [case.get("name") for case in root.iter("testcase")] == ["select-star", "select-star (2)"]


def test_a_clean_file_is_a_test_that_passes() -> None:
    root = ElementTree.fromstring(render(result([finding()], 2), ["a.sql", "clean.sql"]))
    assert [suite.get("name") for suite in root] == ["a.sql", "clean.sql"]
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    (case,) = root[1]
    assert len(case) == 0


def test_a_report_is_never_without_a_test() -> None:
    root = ElementTree.fromstring(render(result([], 7)))
    assert (root.get("tests"), root.get("failures"), root[0].get("name")) == ("1", "0", "7 files")


def test_an_info_is_told_but_fails_nothing() -> None:
    root = ElementTree.fromstring(render(result([finding(severity=Severity.INFO)])))
    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    said = root.findtext(".//system-out")
    assert said is not None
    assert said.startswith("a.sql:1:8: * returns every column")


def test_what_xml_forbids_is_replaced_and_what_it_means_is_escaped() -> None:
    text = render(result([finding(message='<a> & "b"\x00\x1b\ufffe\ud800', file="a&\x01.sql")]))
    (failure,) = ElementTree.fromstring(text).iter("failure")
    assert failure.get("message") == '<a> & "b"' + "\ufffd" * 4
    assert failure.text is not None
    assert failure.text.startswith("a&\ufffd.sql:1:8: <a>")


@given(results())
def test_any_finding_is_well_formed(found: tuple[LintResult, dict[str, str]]) -> None:
    root = ElementTree.fromstring(render(*found).encode())
    cases = list(root.iter("testcase"))
    assert int(root.get("tests", "")) == len(cases)
    assert int(root.get("failures", "")) == sum(each.severity is not Severity.INFO for each in found[0].findings)
    assert len(cases) >= max(len(found[0].findings), 1)
