"""Lint's findings as GitHub's workflow commands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from dbops.output.lint.github import render
from dbops.results.lint import LintResult, Severity
from output.lint_findings import finding, result, results

_COMMAND = re.compile(r"::(error|warning|notice) ([^:\r\n]*)::([^\r\n]*)")


def read(text: str) -> str:
    """Undo the escapes, as GitHub's runner does."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def test_a_finding_is_a_command() -> None:
    assert render(result([finding()])) == (
        "::warning file=a.sql,line=1,endLine=1,col=8,endColumn=9,title=select-star::"
        "* returns every column%0Aname the columns"
    )


def test_no_finding_is_no_command() -> None:
    assert render(result([])) == ""


@pytest.mark.parametrize(("severity", "command"), [("error", "error"), ("warning", "warning"), ("info", "notice")])
def test_an_info_is_a_notice(severity: str, command: str) -> None:
    assert render(result([finding(severity=Severity(severity))])).startswith(f"::{command} ")


def test_a_finding_over_lines_has_no_columns_for_github_refuses_them() -> None:
    line = render(result([finding("SELECT *\nFROM t", 0, 15)]))
    assert line.startswith("::warning file=a.sql,line=1,endLine=2,title=")


def test_what_would_end_a_property_or_the_command_is_escaped() -> None:
    line = render(result([finding(file="50%,a:b\n.sql", message="50% :: a, b", hint="one\ntwo")]))
    assert "file=50%25%2Ca%3Ab%0A.sql,line" in line
    assert line.endswith("::50%25 :: a, b%0Aone%0Atwo")


def test_a_name_that_is_no_utf8_can_be_printed() -> None:
    assert render(result([finding(file="a\udcff.sql")])).encode().startswith(b"::warning file=a?.sql,")


@given(results())
def test_any_finding_is_one_line(found: tuple[LintResult, dict[str, str]]) -> None:
    text = render(found[0])
    lines = text.split("\n") if text else []
    assert len(lines) == len(found[0].findings)
    for line, each in zip(lines, found[0].findings, strict=True):
        command = _COMMAND.fullmatch(line)
        assert command
        properties = dict(part.split("=", 1) for part in command[2].split(","))
        assert read(properties["file"]) == each.file.encode("utf-8", "replace").decode()
        assert (properties["line"], properties["title"]) == (str(each.line), each.rule)
