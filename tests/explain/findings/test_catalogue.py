"""Every finding's module has what a reader needs, and the catalogue and the page tell of all of them."""

from __future__ import annotations

import re

import pytest

from dbops.errors import UsageError
from dbops.explain import findings
from dbops.explain.findings.example import Example, after, read
from dbops.explain.findings.finding import Check
from dbops.output.explain.findings_page import page
from dbops.results.lint import Severity
from dbops.sql.split import split

CHECKS = findings.every()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.slug)
def test_a_finding_says_what_why_what_instead_and_where_its_thresholds_come_from(check: Check):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check.slug)
    assert check.summary.endswith(".")
    labels = [part.split(":")[0] for part in check.text.split("\n\n")[1:]]
    assert labels == ["Why", "Instead", "Source"]
    assert check.severity is not Severity.ERROR  # no plan takes production down


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.slug)
def test_a_finding_has_examples_of_both_kinds_that_are_sql(check: Check):
    assert check.bad
    assert check.good
    assert not set(check.bad) & set(check.good)
    for example in map(read, (*check.bad, *check.good)):
        assert len(split(example.query)) == 1
        assert not re.search("^-- (setup|set|pg|jit|plan)", example.query)
        assert len(split(example.sql)) == len(example.setup) + len(example.settings) + 1


def test_an_example_s_first_lines_are_read():
    text = "-- pg: 15\n-- jit\n-- setup: CREATE TABLE t (i int)\n-- set: jit = on\n-- plan only\n-- all of it\nSELECT 1"
    read_text = Example("-- all of it\nSELECT 1", ("CREATE TABLE t (i int)",), ("jit = on",), 15, True, False)
    assert read(text) == read_text
    assert read_text.sql == (
        "-- PostgreSQL 15 and newer\nCREATE TABLE t (i int);\nSET jit = on;\nEXPLAIN\n-- all of it\nSELECT 1;"
    )
    assert after("-- jit\n", "SELECT 1", "SELECT 2") == ("-- jit\nSELECT 1", "-- jit\nSELECT 2")


def test_every_check_is_in_the_catalogue_and_on_the_page():
    infos = findings.catalogue()
    text = page(infos)
    assert [info.finding for info in infos] == sorted(check.slug for check in CHECKS)
    for info in infos:
        assert f"| [{info.finding}](#{info.finding}) | {info.severity.value} | " in text
        assert text.count(f"\n## {info.finding}\n") == 1
        assert info.bad[0] in text
    assert text.count("**Source:** ") == len(infos)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", ["disk-sort", "disk_sort", " Disk-Sort "])
def test_a_finding_is_found_by_its_name(name: str):
    assert findings.explain(name).finding == "disk-sort"


@pytest.mark.parametrize(
    ("name", "hint"), [("sort", "did you mean disk-sort or"), ("seqential-scan", "sequential-scan")]
)
def test_a_name_that_is_misspelt_is_answered_with_those_like_it(name: str, hint: str):
    with pytest.raises(UsageError) as caught:
        findings.explain(name)
    assert hint in str(caught.value.hint)


def test_a_name_like_no_other_is_answered_with_all():
    with pytest.raises(UsageError) as caught:
        findings.explain("xyzzy")
    assert "bitmap-and" in str(caught.value.hint)
