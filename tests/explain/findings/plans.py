"""Plans by hand, and what is found in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbops.explain.findings import examine
from dbops.explain.findings.finding import Subject, TableFacts
from dbops.results.explain import PlanFinding
from dbops.results.plan import Plan
from dbops.sql.nodes import Relation
from explain.documents import node, plan


def found(
    made: Plan | dict[str, Any],
    slug: str,
    *,
    version: int | None = 18,
    settings: Mapping[str, str] | None = None,
    facts: TableFacts | None = None,
) -> list[PlanFinding]:
    """Return what one check finds; of a node, in the plan of which it is the root and took all the time.

    ``facts`` are those of each table.
    """
    if isinstance(made, dict):
        ms = made.get("Actual Total Time")
        made = plan(made, ms=None if ms is None else ms * made.get("Actual Loops", 1))
    tables = {Relation(each.schema, each.relation): facts for each in made.nodes() if each.relation and facts}
    subject = Subject(made, version, settings or {}, tables)
    return [each for each in examine(subject) if each.finding == slug]


def scan(table: str = "orders", kind: str = "Seq Scan", **attributes: Any) -> dict[str, Any]:
    """Return a scan that took its time in 2,000 blocks."""
    return node(kind, **{"table": table, "ms": 50.0, "Shared_Hit_Blocks": 2000, "cost": 5000.0, **attributes})


def inner(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the node as a join's inner side."""
    return raw | {"Parent Relationship": "Inner"}
