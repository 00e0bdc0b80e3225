"""Findings as SARIF 2.1.0, the exchange format of static analysis (OASIS), which code hosts and editors read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from dbops.output.lint import markdown
from dbops.output.lint.examples import FEW
from dbops.results.lint import Finding, LintResult, RuleInfo, RulesResult, Severity

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(result: LintResult, rules: RulesResult, version: str) -> str:
    """Return the document; ``version`` is that of dbops."""
    places = {info.rule: place for place, info in enumerate(rules.rules)}
    driver = {"name": "dbops", "version": version, "rules": [_rule(info) for info in rules.rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(result, places)),
    }
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2)


def _rule(info: RuleInfo) -> dict[str, Any]:
    return {
        "id": info.rule,
        "shortDescription": {"text": info.summary},
        "fullDescription": {"text": info.text},
        "help": {"text": info.text, "markdown": markdown.body(info, FEW)},
        "defaultConfiguration": {"level": _LEVELS[info.severity], "enabled": info.default},
        "properties": {"tags": [info.group]},
    }


def _results(result: LintResult, places: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in result.findings:
        identity = (finding.rule, finding.file, " ".join(finding.statement.split()))
        seen[identity] += 1
        yield {
            "ruleId": finding.rule,
            **({"ruleIndex": places[finding.rule]} if finding.rule in places else {}),
            "level": _LEVELS[finding.severity],
            "message": {"text": finding.message + (f"\n{finding.hint}" if finding.hint else "")},
            "locations": [{"physicalLocation": _location(finding)}],
            "partialFingerprints": {"statement/v1": _fingerprint(*identity, str(seen[identity]))},
        }


def _location(finding: Finding) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(finding.file)},
        "region": {
            "startLine": finding.line,
            "startColumn": finding.column,
            "endLine": finding.end_line,
            "endColumn": finding.end_column,
        },
    }


def _uri(path: str) -> str:
    """Return the path as a relative reference, or a file's URI when it is absolute."""
    encoded = quote(path, safe="/", errors="surrogateescape")
    return f"file://{encoded}" if path.startswith("/") else encoded


def _fingerprint(*parts: str) -> str:
    """Return a hash that stays when lines are put in above; the last part counts equals in a file."""
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
