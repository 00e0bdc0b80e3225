"""All rules as results: for ``--rules``, ``--explain``, SARIF and the docs. Pure."""

from __future__ import annotations

import difflib
from functools import cache

from dbops.errors import UsageError
from dbops.lint import example
from dbops.lint.rule import QUERY, Rule
from dbops.lint.rules import NOT_ANALYSED, UNUSED_IGNORE, every
from dbops.results.lint import RuleInfo, RulesResult, Severity

LINT = "lint"

_NOT_ANALYSED = """\
SQL that no rule, or not every rule, could look at.

Why: It may hold any of the findings, and "nothing found" would be untrue of it. The message says what stood in the
way: a syntax error, a command of psql, a nesting too deep, a file that is no text. It is an error where none of a
file could be read, and an info where only the query rules could not read a statement.

Instead: Mend what is an error. Read the rest with more care than what was looked at, and say that it is meant so:
`-- dbops: ignore not-analysed` and the reason."""

_UNUSED_IGNORE = """\
An ignore comment that silences nothing.

Why: What it was written for has been mended, or the rule's name is misspelt. Left there, it will silence the next
finding of its kind, which nobody has looked at.

Instead: Remove it, or correct the name."""


@cache
def catalogue() -> RulesResult:
    """Return all rules, those about linting itself last."""
    return RulesResult((*map(_described, every()), *_built_in()))


def info(slug: str) -> RuleInfo | None:
    """Return the rule of that slug."""
    return next((each for each in catalogue().rules if each.rule == slug), None)


def explain(slug: str) -> RuleInfo:
    """Return the rule a person means; raises UsageError, with those spelt like it, when there is none."""
    wanted = slug.strip().lower().replace("_", "-")
    found = info(wanted)
    if found is not None:
        return found
    near = _near(wanted)
    raise UsageError(
        f"there is no rule {slug!r}",
        hint=f"did you mean {' or '.join(near)}?" if near else "`dbops lint --rules` lists them",
    )


def _near(wanted: str) -> list[str]:
    slugs = [each.rule for each in catalogue().rules]
    containing = [slug for slug in slugs if wanted and wanted in slug]
    return containing[:3] or difflib.get_close_matches(wanted, slugs, n=3)


def _built_in() -> tuple[RuleInfo, ...]:
    return (
        _about_linting(NOT_ANALYSED, _NOT_ANALYSED, "SELEC id FROM orders", "SELECT id FROM orders WHERE id = 1"),
        _about_linting(
            UNUSED_IGNORE,
            _UNUSED_IGNORE,
            "-- dbops: ignore select-star the export needs them all\nSELECT id FROM orders WHERE id = 1",
            "-- dbops: ignore select-star the export needs them all\nSELECT * FROM orders WHERE id = 1",
        ),
    )


def _about_linting(slug: str, text: str, bad: str, good: str) -> RuleInfo:
    return RuleInfo(
        rule=slug,
        group=LINT,
        severity=Severity.WARNING,
        summary=text.split("\n", maxsplit=1)[0],
        text=text,
        bad=(bad,),
        good=(good,),
        fixable=False,
        default=True,
    )


def _described(rule: Rule) -> RuleInfo:
    return RuleInfo(
        rule=rule.slug,
        group=rule.group,
        severity=rule.severity,
        summary=rule.summary,
        text=rule.text,
        bad=_shown(rule, rule.bad, rule.good),
        good=_shown(rule, rule.good, rule.bad),
        fixable=rule.fixable,
        default=rule.default,
    )


def _shown(rule: Rule, texts: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Return the examples as they are read, each once.

    A query's verdict may hang on the schema, so that is told. A migration's example has one so that it can be run: it
    is told only where the same statement is an example of both kinds.
    """
    elsewhere = {example.read(text).sql for text in others}
    read = [example.read(text) for text in texts]
    return tuple(dict.fromkeys(_told(each, given=rule.group == QUERY or each.sql in elsewhere) for each in read))


def _told(each: example.Example, *, given: bool) -> str:
    lines = [f"-- given: {statement}" for statement in each.schema if given]
    if each.pg_version is not None:
        lines.append(f"-- on PostgreSQL {each.pg_version}")
    if each.plain:
        lines.append("-- a file of its own, no migration")
    return "\n".join([*lines, each.sql.strip()])
