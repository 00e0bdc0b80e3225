"""Findings for the tests of how they are printed, and any findings that hypothesis can think of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from hypothesis import strategies as st

from dbops.results.lint import Finding, LintResult, Severity
from dbops.sql.lexer import position

RULES = ("select-star", "unpaginated-query", "prefer-bigint")


def finding(
    source: str = "SELECT *\nFROM t",
    start: int = 7,
    end: int = 8,
    *,
    rule: str = "select-star",
    severity: Severity = Severity.WARNING,
    message: str = "* returns every column",
    hint: str | None = "name the columns",
    file: str = "a.sql",
    statement: str = "SELECT *\nFROM t",
    fixable: bool = False,
) -> Finding:
    """Return a finding about the source's characters from ``start`` to ``end``."""
    line, column = position(source, start)
    end_line, end_column = position(source, end)
    return Finding(rule, severity, message, hint, file, line, column, end_line, end_column, statement, fixable=fixable)


def result(findings: Sequence[Finding], files: int = 1, statements: int = 1, **others: object) -> LintResult:
    """Return a result with these findings."""
    values: dict[str, object] = {"not_analysed": 0, **others}
    return LintResult(tuple(findings), files, statements, **values)  # type: ignore[arg-type]


# What is hard on a terminal and on formats: wide, combining, unseen and forbidden characters, all kinds of line ends.
AWKWARD = st.sampled_from(
    "\t\t注é́e\u0301\u1112\u1161🙂\u200d\u202e\x00\x1b\x7f\x85\u2028\r\n\n%:,<>&]'\"` \ufffe\ud800"
)
ANY_TEXT = st.text(st.one_of(AWKWARD, st.characters(), st.sampled_from("abc  ")), max_size=80)
ENCODABLE = ANY_TEXT.map(lambda text: text.encode("utf-8", "replace").decode())
PATHS = st.binary(min_size=1, max_size=12).map(
    lambda name: name.replace(b"\0", b"0").decode("utf-8", "surrogateescape")
)


@st.composite
def results(draw: st.DrawFn) -> tuple[LintResult, dict[str, str]]:
    """Return a result, and the sources that its findings' places are in."""
    sources = draw(st.dictionaries(PATHS, ENCODABLE, max_size=3))
    findings = []
    for file, source in sources.items():
        offsets = st.integers(0, len(source))
        for start, end in draw(st.lists(st.tuples(offsets, offsets).map(sorted), max_size=4)):
            findings.append(
                finding(
                    source,
                    start,
                    end,
                    rule=draw(st.sampled_from(RULES)),
                    severity=draw(st.sampled_from(Severity)),
                    message=draw(ENCODABLE),
                    hint=draw(st.none() | ENCODABLE),
                    file=file,
                    statement=draw(ENCODABLE),
                    fixable=draw(st.booleans()),
                )
            )
    findings.sort(key=lambda each: (each.file, each.line, each.column))
    assert len([*groupby(findings, key=lambda each: each.file)]) <= len(sources)
    found = result(findings, len(sources), draw(st.integers(0, 99)), ignored=draw(st.integers(0, 2)))
    return found, {file: source for file, source in sources.items() if draw(st.booleans())}
