"""The rules as Markdown: a page of the docs, and the help that SARIF carries."""

from __future__ import annotations

import re

from dbops.output.lint.examples import labelled
from dbops.output.lint.rules import TITLES, by_group
from dbops.output.prose import outside_code, paragraphs
from dbops.results.lint import RuleInfo, RulesResult

_ACTIVE = re.compile(r"[*<\[]")


def page(rules: RulesResult) -> str:
    """Return an index by group, then a section a rule, whose anchor is the rule's slug."""
    parts = []
    groups = by_group(rules)
    for group, infos in groups:
        parts.append(
            "\n".join([f"**{TITLES[group]}**\n", "| Rule | Severity | `--fix` | What it finds |", "|---|---|---|---|"])
        )
        parts[-1] += "".join(f"\n{_row(info)}" for info in infos)
    for group, infos in groups:
        parts.append(f"## {TITLES[group]}")
        parts += [f"### {info.rule}\n\n{_facts(info)}\n\n{body(info)}" for info in infos]
    return "\n\n".join(parts) + "\n"


def body(info: RuleInfo, most: int | None = None) -> str:
    """Return the rule's text, and its examples or the first few of each kind."""
    parts = [
        (f"**{paragraph.label}:** " if paragraph.label else "") + escaped(paragraph.text)
        for paragraph in paragraphs(info.text)
    ]
    parts += [f"{label}\n\n```sql\n{text}\n```" for label, text in labelled(info, most)]
    return "\n\n".join(parts)


def _row(info: RuleInfo) -> str:
    cells = (
        f"[{info.rule}](#{info.rule})",
        info.severity.value + ("" if info.default else ", off"),
        "yes" if info.fixable else "",
        escaped(info.summary),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _facts(info: RuleInfo) -> str:
    facts = [f"Severity: {info.severity.value}"]
    if info.fixable:
        facts.append("`--fix` mends it where that is safe")
    if not info.default:
        facts.append("off unless it is selected")
    return "; ".join(facts) + "."


def escaped(text: str) -> str:
    """Return prose with what Markdown would take for its own outside of `code` made plain."""
    return outside_code(text, lambda plain: _ACTIVE.sub(r"\\\g<0>", plain))
