"""The rules for people: all as a table, one in full."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from textwrap import indent

from dbops.output.lint.examples import FEW, labelled
from dbops.output.prose import paragraphs, styled, wrapped
from dbops.output.severity import PAINT
from dbops.output.style import Style
from dbops.results.lint import RuleInfo, RulesResult

TITLES = {"query": "Queries", "migration": "Migrations", "lint": "Linting itself"}
WIDEST = 100
"""Longer lines of prose are hard to read, however wide the terminal is."""
_SUMMARY_WIDTH = 40
_BESIDE = len("  " + "  warning" + "  fix off" + "  ")


def by_group(rules: RulesResult) -> list[tuple[str, list[RuleInfo]]]:
    """Return the groups with their rules, in the result's order."""
    return [(group, list(infos)) for group, infos in groupby(rules.rules, key=lambda info: info.group)]


def table(rules: RulesResult, style: Style, width: int | None = None) -> str:
    """Return a line a rule, by group; with a ``width``, what a rule finds is broken into lines.

    They stand beside the rule where there is room, else below it.
    """
    slugs = max((len(info.rule) for info in rules.rules), default=0)
    lines: list[str] = []
    for group, infos in by_group(rules):
        lines.append(style(TITLES[group], "bold"))
        for info in infos:
            lines += _row(info, slugs, style, width)
        lines.append("")
    count = len(rules.rules)
    lines.append(
        f"{count} rule{'' if count == 1 else 's'}; fix: --fix mends it where that is safe, off: runs only when it is "
        "selected."
    )
    lines.append("dbops lint --explain RULE tells why, and what to do instead.")
    return "\n".join(lines)


def explanation(info: RuleInfo, style: Style, width: int) -> str:
    """Return the rule's text in lines of the width, and the first of its examples."""
    facts = [info.group, style(info.severity.value, *PAINT[info.severity])]
    facts += ["fixable with --fix"] if info.fixable else []
    facts += [] if info.default else ["off unless it is selected"]
    parts = [f"{style(info.rule, 'bold')}  {', '.join(facts)}"]
    parts += [styled(paragraph, style, min(width, WIDEST)) for paragraph in paragraphs(info.text)]
    parts += [f"{style(label, 'bold')}\n\n{indent(text, '    ')}" for label, text in labelled(info, FEW)]
    return "\n\n".join(parts)


def _row(info: RuleInfo, slugs: int, style: Style, width: int | None) -> Iterator[str]:
    mark = " ".join([*(["fix"] if info.fixable else []), *([] if info.default else ["off"])])
    severity = style(info.severity.value, *PAINT[info.severity]) + " " * (7 - len(info.severity.value))
    marked = (style(mark, "green") if mark else "") + " " * (7 - len(mark))
    left = f"  {info.rule:<{slugs}}  {severity}  {marked}  "
    taken = slugs + _BESIDE
    if width is None:
        yield left + info.summary
    elif width - taken >= _SUMMARY_WIDTH:
        first, *others = wrapped(info.summary, width - taken) or [""]
        yield left + first
        yield from (" " * taken + line for line in others)
    else:
        yield left.rstrip()
        yield from wrapped(info.summary, width, indent="      ")
