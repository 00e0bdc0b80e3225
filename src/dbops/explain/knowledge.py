"""What the target knows around a plan: its settings, and facts of the tables that the plan reads."""

from __future__ import annotations

from collections.abc import Mapping

from dbops.explain.findings.finding import Subject, TableFacts
from dbops.postgres.session import Session
from dbops.postgres.statement import facts
from dbops.results.plan import Plan
from dbops.sql.nodes import Relation

_FACTS = ("rows", "pages", "modified", "analyzed", "visible_share", "dead")


def relations(plan: Plan) -> frozenset[Relation]:
    """Return the tables that a plan reads or writes, by qualified names."""
    return frozenset(
        Relation(node.schema, node.relation) for node in plan.nodes() if node.relation is not None and node.schema
    )


def subject(session: Session, version: int, settings: Mapping[str, str], plan: Plan) -> Subject:
    """Return the plan as the findings see it."""
    found = facts(session, sorted(relations(plan), key=str))
    tables = {
        Relation(each["schema"], each["table"]): TableFacts(**{name: each[name] for name in _FACTS}) for each in found
    }
    return Subject(plan, version // 10000, {**settings, **plan.settings}, tables)
