"""What findings guess about indexes, beside what the index advice found out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from dbops.explain.findings.indexes import GUESS
from dbops.results.explain import IndexAdvice, PlanFinding
from dbops.results.plan import Plan
from dbops.sql.nodes import Relation

_NONE = "no index was found that makes this query cheaper: see the index advice"


def settled(findings: Iterable[PlanFinding], plan: Plan, advised: Sequence[IndexAdvice]) -> Iterator[PlanFinding]:
    """Yield the findings, with the advised index in place of a guess at one on the same table.

    To be called where indexes were looked for: a guess on a table for which none was found is taken back.
    """
    names = {index.table: index.name for index in advised}
    for finding in findings:
        if finding.remedy is None or GUESS not in finding.remedy:
            yield finding
        else:
            yield replace(finding, remedy=_remedy(finding, plan, names))


def _remedy(finding: PlanFinding, plan: Plan, names: Mapping[str, str]) -> str:
    node = None if finding.node is None else plan.node(finding.node)
    nodes = () if node is None else node.walk()
    tables = {str(Relation(each.schema, each.relation)) for each in nodes if each.relation is not None}
    advised = [name for table, name in names.items() if table in tables]
    return f"the index {' and '.join(advised)}, which is advised below" if advised else _NONE
