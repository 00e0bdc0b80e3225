"""Plans that were captured elsewhere: read, explained without a database, compared, saved. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dbops.errors import ConfigError, InvalidPlan, InvalidQuery, UsageError
from dbops.explain import findings
from dbops.explain.compare import compare
from dbops.explain.findings.finding import Subject
from dbops.explain.judged import lint
from dbops.explain.limits import Limits, broken
from dbops.explain.plan.reading import PlanUnreadable, documents
from dbops.explain.plan.tree import plan_of
from dbops.explain.redact import Redactor
from dbops.explain.statement import Query, Source, find
from dbops.explain.summary import summary
from dbops.results.explain import ExplainResult
from dbops.results.plan import Plan

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    """What is returned, and the plan's document for ``--save``: an object as EXPLAIN (FORMAT JSON) gives it."""

    result: ExplainResult
    document: Document = field(repr=False)


def read_document(text: str, name: str) -> Document:
    """Return the one plan in a text, as EXPLAIN (FORMAT JSON) gives it. Raises InvalidPlan."""
    try:
        found = documents(text, name)
    except PlanUnreadable as error:
        raise InvalidPlan(
            error.message,
            hint=error.hint,
            details=[{"field": "plan", "error": error.message, "line": error.line, "column": error.column}],
        ) from None
    if len(found) > 1:
        raise InvalidPlan(
            f"{name}: {len(found)} plans, and one is explained at a time",
            hint="cut out the one that is meant",
            details=[{"field": "plan", "error": "several plans"}],
        )
    return found[0]


def explain_plan(document: Document, name: str, *, limits: Limits, redact: bool = False) -> Explained:
    """Explain a plan without a database. Raises ConfigError for a limit of what the plan doesn't tell."""
    redactor = Redactor(str(document.get("Query Text", ""))) if redact else None
    document = document if redactor is None else redactor.document(document)
    plan = plan_of(document)
    if limits.max_ms is not None and plan.ms is None:
        raise ConfigError(
            f"--max-ms: {name} was not run, so nobody knows how long it takes",
            hint="capture it with EXPLAIN (ANALYZE, FORMAT JSON), or limit its cost with --max-cost",
            details=[{"field": "--max-ms", "error": "not measured"}],
        )
    query = _query(plan, name)
    result = ExplainResult(
        plan=plan,
        summary=summary(plan),
        findings=findings.examine(Subject(plan, settings=plan.settings)),
        lint=() if query is None else lint(query),
        query=None if query is None else query.sql,
        source=name,
        not_analyzed=None if plan.analyzed else "it was captured without ANALYZE",
        broken=tuple(broken(plan, limits)),
        advice="index advice needs a database",
    )
    return Explained(result, document)


def with_comparison(explained: Explained, other: Document, name: str) -> Explained:
    """Return the same with another plan, called ``name``, beside it as what was before."""
    comparison = compare(plan_of(other), explained.result.plan, name)
    return replace(explained, result=replace(explained.result, comparison=comparison))


def saved(document: Document) -> str:
    """Return a document as a file that ``--plan``, ``--compare`` and other tools for PostgreSQL's plans read."""
    return json.dumps([document], ensure_ascii=False, indent=2) + "\n"


def _query(plan: Plan, name: str) -> Query | None:
    """Return the query that a plan came with, None where there is none or only a part of one."""
    if plan.query is None:
        return None
    try:
        return find(Source(plan.query, name))
    except (InvalidQuery, UsageError):
        return None
