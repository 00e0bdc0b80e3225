"""Old findings that a project has decided to live with, in a file of its own.

A finding is known by its rule, its file and its statement's text with blanks folded, not by its line: it stays known
when lines above it come and go, and is new when the statement is edited. Pure.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable

from dbops.lint.report import FileReport
from dbops.results.lint import Finding

_VERSION = 1

Relative = Callable[[str], str]


def _as_it_is(path: str) -> str:
    return path


def fingerprint(finding: Finding, file: str) -> str:
    """Return what a finding in a file of that name is known by."""
    statement = " ".join(finding.statement.split())
    place = "\0".join((finding.rule, file, statement or finding.message))
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def write(findings: Iterable[Finding], relative: Relative = _as_it_is) -> str:
    """Return the file's text: a line a finding, in a stable order, so that its history can be read.

    ``relative`` returns a file's path as the baseline is to have it.
    """
    named = ((finding, relative(finding.file)) for finding in findings)
    entries = sorted((file, finding.rule, fingerprint(finding, file)) for finding, file in named)
    lines = ",\n".join("    " + json.dumps(list(entry)) for entry in entries)
    return (
        f'{{"version": {_VERSION}, "findings": [\n{lines}\n]}}\n'
        if lines
        else f'{{"version": {_VERSION}, "findings": []}}\n'
    )


def read(text: str) -> Counter[str]:
    """Return how often each fingerprint is known. Raises ValueError, saying what is wrong."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise ValueError(f"it is no baseline of version {_VERSION}") from None
    if not isinstance(value, dict) or value.get("version") != _VERSION or not isinstance(value.get("findings"), list):
        raise ValueError(f"it is no baseline of version {_VERSION}")
    entries = value["findings"]
    if not all(isinstance(entry, list) and len(entry) == 3 and isinstance(entry[2], str) for entry in entries):
        raise ValueError("a finding is a list of file, rule and fingerprint")
    return Counter(entry[2] for entry in entries)


def subtract(
    reports: Iterable[FileReport], known: Counter[str], relative: Relative = _as_it_is
) -> tuple[list[FileReport], int]:
    """Return the reports without the findings the baseline knows, and how many those were."""
    left = Counter(known)
    kept, count = [], 0
    for report in reports:
        gone = set()
        for index, finding in enumerate(report.findings):
            name = fingerprint(finding, relative(finding.file))
            if left[name] > 0:
                left[name] -= 1
                gone.add(index)
        count += len(gone)
        kept.append(report.without(frozenset(gone)) if gone else report)
    return kept, count
