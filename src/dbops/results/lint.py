"""Results of ``dbops lint``; the field names are the contract of its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dbops.results.target import Target


class Severity(StrEnum):
    """How bad a finding is: ``error`` takes production down or loses data, ``warning`` hurts, ``info`` is advice."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for info to 2 for error."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found, at a place of a file.

    ``line`` and ``column`` count from 1, in characters; ``end_column`` is the column after the last character.
    ``statement`` is the statement's text with passwords blanked, cut when it is long; empty where there is none.
    """

    rule: str
    severity: Severity
    message: str
    hint: str | None
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    statement: str
    fixable: bool = False


@dataclass(frozen=True, slots=True)
class LintResult:
    """What lint found, by file and place.

    ``files`` and ``statements`` count what was read, ``not_analysed`` what no rule could look at, ``ignored`` the
    findings that comments silence, ``baselined`` those that the baseline knows. ``schema`` says where the tables are
    known from, None when nothing is known of them. ``fixed`` are the files that ``--fix`` wrote. ``target`` is the
    database that was asked, if one was.
    """

    findings: tuple[Finding, ...]
    files: int
    statements: int
    not_analysed: int
    ignored: int = 0
    baselined: int = 0
    schema: str | None = None
    fixed: tuple[str, ...] = ()
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule as ``--rules`` and ``--explain`` show it.

    ``group`` is ``query``, ``migration`` or ``lint`` (about linting itself); ``default`` says whether it runs unless
    it is selected by name.
    """

    rule: str
    group: str
    severity: Severity
    summary: str
    text: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    fixable: bool
    default: bool


@dataclass(frozen=True, slots=True)
class RulesResult:
    """All rules, by group and name."""

    rules: tuple[RuleInfo, ...]
