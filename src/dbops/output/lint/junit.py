"""Findings as a JUnit report: a suite a file, a failed test a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement

from dbops.output import junit
from dbops.results.lint import Finding, LintResult, Severity


def render(result: LintResult, files: Iterable[str] = ()) -> str:
    """Return the document; of the ``files`` that were read, one without findings is a test that passes.

    An info is a test that passes, too, and says it: it fails no run of dbops either.
    """
    root = Element("testsuites", name="dbops lint")
    found = {file: list(group) for file, group in groupby(result.findings, key=lambda finding: finding.file)}
    for file in sorted({*found, *files}):
        root.append(_suite(file, found.get(file, [])))
    if not len(root):  # readers take a report without tests for a broken one
        root.append(_suite(f"{result.files} files", []))
    return junit.document(root)


def _suite(file: str, findings: Sequence[Finding]) -> Element:
    failures = sum(finding.severity is not Severity.INFO for finding in findings)
    name = junit.text(file)
    suite = Element("testsuite", name=name, tests=str(len(findings) or 1), failures=str(failures), errors="0")
    for test, finding in _named(findings):
        case = SubElement(suite, "testcase", name=junit.text(test), classname=name, file=name, line=str(finding.line))
        _outcome(case, finding)
    if not findings:
        SubElement(suite, "testcase", name="lint", classname=name)
    return suite


def _named(findings: Sequence[Finding]) -> Iterator[tuple[str, Finding]]:
    """Yield names that stay when lines move: the rule's, and a number from its second finding on."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.rule] += 1
        count = seen[finding.rule]
        yield finding.rule if count == 1 else f"{finding.rule} ({count})", finding


def _outcome(case: Element, finding: Finding) -> None:
    where = f"{finding.file}:{finding.line}:{finding.column}"
    said = junit.text("\n".join(filter(None, (f"{where}: {finding.message}", finding.hint, finding.statement))))
    if finding.severity is Severity.INFO:
        SubElement(case, "system-out").text = said
    else:
        SubElement(case, "failure", type=finding.severity.value, message=junit.text(finding.message)).text = said
