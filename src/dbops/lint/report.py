"""What lint says of one file, as a value that can be cached. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from dbops.lint.rule import Edit
from dbops.results.lint import Finding, Severity

_SEVERITIES = {severity.value: severity for severity in Severity}


_FIELDS: dict[type, list[str]] = {which: [field.name for field in fields(which)] for which in (Finding, Edit)}


def _fields(value: Finding | Edit) -> dict[str, Any]:
    """Return what ``dataclasses.asdict`` does in many times the time."""
    return {name: getattr(value, name) for name in _FIELDS[type(value)]}


@dataclass(frozen=True, slots=True)
class FileReport:
    """``fixes`` has the edits of each finding, in the file's text; empty for one that is not fixable.

    ``lasting`` is False for what may be said otherwise the next time, such as that a process was killed.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    fixes: tuple[tuple[Edit, ...], ...] = ()
    statements: int = 0
    not_analysed: int = 0
    ignored: int = 0
    lasting: bool = True

    def named(self, path: str) -> FileReport:
        """Return the report under another path: the same text may stand in two places."""
        if path == self.path:
            return self
        return replace(self, path=path, findings=tuple(replace(finding, file=path) for finding in self.findings))

    def without(self, indexes: frozenset[int]) -> FileReport:
        """Return the report without the findings at these indexes."""
        kept = [index for index in range(len(self.findings)) if index not in indexes]
        return replace(
            self,
            findings=tuple(self.findings[index] for index in kept),
            fixes=tuple(self.fixes[index] for index in kept),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON's values."""
        return {
            "path": self.path,
            "findings": [_fields(finding) for finding in self.findings],
            "fixes": [[_fields(edit) for edit in fix] for fix in self.fixes],
            "statements": self.statements,
            "not_analysed": self.not_analysed,
            "ignored": self.ignored,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> FileReport:
        """Read what ``to_json`` returned. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            path=value["path"],
            findings=tuple(
                Finding(**{**each, "severity": _SEVERITIES[each["severity"]]}) for each in value["findings"]
            ),
            fixes=tuple(tuple(Edit(**edit) for edit in fix) for fix in value["fixes"]),
            statements=int(value["statements"]),
            not_analysed=int(value["not_analysed"]),
            ignored=int(value["ignored"]),
        )
