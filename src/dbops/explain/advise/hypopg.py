"""HypoPG on the target as a what-if backend: its planner prices indexes that don't exist."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dbops.explain.advise.candidate import Candidate
from dbops.explain.advise.facts import Extension
from dbops.explain.advise.subject import Subject
from dbops.explain.advise.whatif import Priced
from dbops.explain.advise.worth import MOST_ROWS
from dbops.explain.plan.tree import plan_of
from dbops.postgres import hypopg
from dbops.postgres.errors import LOCK_NOT_AVAILABLE, ServerError
from dbops.postgres.session import Session
from dbops.results.explain import Basis
from dbops.results.plan import Plan, PlanNode

_METHODS = frozenset({"btree", "brin", "hash"})


_NAME = re.compile(r"<\d+>")


class HypoPG:
    """Prices by HypoPG of one query. ``refused`` has the candidates that PostgreSQL won't have, with its reason.

    HypoPG (1.4.3 still) does not tell the planner which of a query's tables a hypothetical index's condition and
    expressions are about: it takes the first. Of any other table they are ignored, and behind a view a condition makes
    the backend crash, and with it every session of the server (HypoPG's issue 116). So it is asked about such indexes
    only where the query reads a single table (``single``).
    """

    basis = Basis.PLANNED

    def __init__(self, session: Session, subject: Subject, extension: Extension, version: int) -> None:
        self._session = session
        self._subject = subject
        self._schema = extension.schema or ""
        self.detail = f"HypoPG {extension.installed} on PostgreSQL {version // 10000}.{version % 10000}"
        self.refused: dict[Candidate, str] = {}

    @staticmethod
    def is_there(extension: Extension | None) -> bool:
        """Whether the server has it, new enough."""
        return extension is not None and extension.installed is not None and hypopg.is_usable(extension.installed)

    def knows(self, candidate: Candidate) -> bool:
        """Whether HypoPG can be asked about such an index, and PostgreSQL did not refuse this one."""
        if candidate.method not in _METHODS or candidate.requires or candidate in self.refused:
            return False
        of_columns = candidate.predicate is None and all(key.column is not None for key in candidate.keys)
        return of_columns or self._subject.single

    def price(self, candidates: Collection[Candidate]) -> Priced:
        """Return the planner's cost. An index through which most of a table would be read counts for nothing.

        What PostgreSQL can't plan with prices like none, and a single index that it refuses is noted.
        """
        wanted = tuple(candidates)
        try:
            found = hypopg.plan(self._session, self._schema, _statements(wanted), self._subject.query)
        except ServerError as error:
            if not wanted or error.sqlstate == LOCK_NOT_AVAILABLE:  # which is not the indexes' fault
                raise
            if len(wanted) == 1:
                self.refused[wanted[0]] = error.report.message.removeprefix("hypopg: ")
            return self.price(())
        root = found.document["Plan"]
        names = dict(zip(found.names, wanted, strict=True))
        uses = [(names[name], rows) for name, rows in _indexes(root) if name in names]
        idle = {candidate for candidate, rows in uses if self._is_most(candidate, rows)}
        sizes = dict(zip(wanted, found.sizes, strict=True))
        if idle:
            rest = self.price([each for each in wanted if each not in idle])
            return Priced(rest.cost, rest.used, {**sizes, **rest.sizes})
        return Priced(float(root["Total Cost"]), frozenset(candidate for candidate, _ in uses), sizes)

    def plan(self, candidates: Collection[Candidate]) -> Plan:
        """Return the plan itself."""
        statements = _statements(tuple(candidates))
        found = hypopg.plan(self._session, self._schema, statements, self._subject.query, verbose=True)
        return plan_of(found.document)

    def _is_most(self, candidate: Candidate, rows: float) -> bool:
        whole = self._subject.facts.table(candidate.table).rows
        return whole is not None and rows > MOST_ROWS * whole


def _statements(candidates: tuple[Candidate, ...]) -> list[str]:
    return [f"CREATE INDEX ON {candidate.definition}" for candidate in candidates]


def _indexes(node: Mapping[str, Any], limited: bool = False, workers: float = 1.0) -> Iterator[tuple[str, float]]:
    """Yield the names of the indexes that a plan uses, with the rows it reads through each; below a LIMIT, none."""
    if "Index Name" in node:
        yield str(node["Index Name"]), 0.0 if limited else float(node["Plan Rows"]) * workers
    planned = float(node.get("Workers Planned", 0))
    if planned:  # of which each, with the leader's part, is counted as get_parallel_divisor does
        workers = planned + max(1.0 - 0.3 * planned, 0.0)
    limited = (limited or node["Node Type"] == "Limit") and not _reads_all(node)
    for child in node.get("Plans", ()):
        yield from _indexes(child, limited, workers)


def _reads_all(node: Mapping[str, Any]) -> bool:
    """Whether a node reads all below it before it gives its first row."""
    kind = node["Node Type"]
    return kind in {"Sort", "Hash"} or (kind == "Aggregate" and node.get("Strategy") != "Sorted")


def is_hypothetical(node: PlanNode) -> bool:
    """Whether a node of a plan reads through an index that HypoPG made up."""
    return any(each.index is not None and _NAME.match(each.index) for each in node.walk())
