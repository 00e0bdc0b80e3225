from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.lint.report import FileReport
from dbops.lint.run import baseline
from dbops.results.lint import Finding, Severity

ONE = Finding("select-star", Severity.WARNING, "m", None, "a.sql", 3, 8, 3, 9, "SELECT *\nFROM t")
OTHER = replace(ONE, rule="unpaginated-query", line=9)


def left(*findings: Finding, known: str) -> tuple[Finding, ...]:
    reports, _ = baseline.subtract([FileReport("a.sql", findings, ((),) * len(findings))], baseline.read(known))
    return reports[0].findings


def test_what_was_written_is_known() -> None:
    known = baseline.write([ONE, OTHER])
    assert left(ONE, OTHER, known=known) == ()


def test_a_finding_stays_known_when_it_moves_and_its_blanks_change() -> None:
    moved = replace(ONE, line=40, end_line=40, statement="SELECT * FROM t")
    assert left(moved, known=baseline.write([ONE])) == ()


def test_a_finding_in_an_edited_statement_or_another_file_is_new() -> None:
    known = baseline.write([ONE])
    assert left(replace(ONE, statement="SELECT * FROM u"), known=known)
    assert left(replace(ONE, file="b.sql"), known=known)


def test_a_second_one_of_a_kind_that_is_known_once_is_new() -> None:
    assert len(left(ONE, ONE, known=baseline.write([ONE]))) == 1


def test_the_file_does_not_depend_on_the_order_of_findings() -> None:
    assert baseline.write([ONE, OTHER]) == baseline.write([OTHER, ONE])


def test_an_empty_one_can_be_read() -> None:
    assert not baseline.read(baseline.write([]))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 2, "findings": []}', '{"version": 1, "findings": [1]}'])
def test_what_is_no_baseline_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        baseline.read(text)


def test_a_file_is_known_by_the_path_from_the_baseline_and_whatever_bytes_it_has() -> None:
    odd = replace(ONE, file="/project/q/\udce9.sql")
    known = baseline.read(baseline.write([odd], lambda path: path.removeprefix("/project/")))
    report = FileReport("x", (replace(ONE, file="q/\udce9.sql"),), ((),))
    assert baseline.subtract([report], known)[1] == 1


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", '{"version": 2, "findings": []}', '{"version": 1}', "\ufeff"])
def test_what_is_no_baseline_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"baseline|line 1"):
        baseline.read(text)
