"""Which index a scan could use instead of throwing rows away: a first guess, which the index advice examines."""

from __future__ import annotations

from collections.abc import Iterable

from dbops.explain.findings import names
from dbops.explain.findings.conditions import Comparison, Term, indexable, of_scan, terms
from dbops.explain.findings.scans import Scan
from dbops.results.plan import PlanNode

GUESS = "a guess from the plan alone: try it, or see the index advice"


def servable(node: PlanNode) -> bool:
    """Whether an index could find what the filter of a scan keeps: not where subqueries alone decide."""
    filtered = terms(node.text("Filter"))
    return not filtered or not all(term.subquery for term in filtered)


def remedy(scan: Scan) -> str:
    """Return CREATE INDEX for the columns that a scan's conditions compare, or words where those are not columns."""
    part = scan.first
    conditions = of_scan(part)
    columns = ", ".join(map(names.name, indexable(conditions, part.alias)))
    computed = _computed(conditions, part.alias)
    if computed and not _equal(conditions, part.alias):
        return f"only an index on the expression {computed[0]} could find the rows, or a condition on the bare column"
    if columns and len(scan.parts) == 1:
        return create(part, columns)
    if columns:
        return f"an index on ({columns}) of the partitioned table would find the rows; see the index advice"
    return "no plain index serves this filter: see the index advice, or make it one of columns and values"


def _computed(conditions: Iterable[Term], alias: str | None) -> list[str]:
    """Return the expressions that are compared with values."""
    compared = (term for term in conditions if not term.subquery and term.comparison is not Comparison.OTHER)
    sides = (term.tested(alias) for term in compared)
    return [side.sql for side in sides if side is not None and side.column is None and side.sql]


def _equal(conditions: Iterable[Term], alias: str | None) -> bool:
    """Whether a column is compared for equality: beside it, no expression needs to be indexed."""
    sides = (term.tested(alias) for term in conditions if term.comparison is Comparison.EQUALITY)
    return any(side is not None and side.column is not None for side in sides)


def create(node: PlanNode, columns: str) -> str:
    """Return CREATE INDEX on columns of a node's table."""
    return f"CREATE INDEX CONCURRENTLY ON {names.table(node)} ({columns});  -- {GUESS}"
