"""Findings as GitHub's workflow commands, which it shows at the lines of a pull request."""

from __future__ import annotations

from dbops.output.cells import printable
from dbops.results.lint import Finding, LintResult, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(result: LintResult) -> str:
    """Return a line a finding; nothing when there is none."""
    return "\n".join(map(_command, result.findings))


def _command(finding: Finding) -> str:
    places = {"file": finding.file, "line": finding.line, "endLine": finding.end_line}
    if finding.line == finding.end_line:  # GitHub refuses columns where the lines differ
        places |= {"col": finding.column, "endColumn": finding.end_column}
    properties = ",".join(
        f"{name}={_property(str(value))}" for name, value in {**places, "title": finding.rule}.items()
    )
    said = finding.message.replace("\n", " ") + (f"\n{finding.hint}" if finding.hint else "")
    message = "\n".join(printable(line) for line in said.split("\n"))
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    writable = text.encode("utf-8", "replace").decode()  # a name that is no UTF-8 can't be written as text
    return _data(writable).replace(":", "%3A").replace(",", "%2C")
