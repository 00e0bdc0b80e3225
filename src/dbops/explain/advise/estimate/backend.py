"""dbops's own estimate as a what-if backend. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from dbops.explain.advise.candidate import Candidate
from dbops.explain.advise.candidates.scene import Scene, asking, scene
from dbops.explain.advise.candidates.terms import Term, canonical
from dbops.explain.advise.candidates.variants import Shares
from dbops.explain.advise.estimate import size
from dbops.explain.advise.estimate.options import Option, options
from dbops.explain.advise.estimate.paths import Index
from dbops.explain.advise.estimate.sites import Site
from dbops.explain.advise.facts import Facts
from dbops.explain.advise.whatif import Priced
from dbops.lint.queries.conditions import conditions
from dbops.results.explain import Basis
from dbops.results.plan import Plan
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation
from dbops.sql.query import QueryUnreadable


@dataclass(frozen=True, slots=True)
class Known:
    """All that the estimate goes by: the plan as it is, its sites, and what is known of the tables.

    ``shares`` say which share of a table a partial index would hold.
    """

    plan: Plan
    sites: Sequence[Site]
    schema: Schema
    facts: Facts
    shares: Shares = field(default_factory=dict)


class Estimate:
    """Prices of one query, reckoned from its plan."""

    basis = Basis.ESTIMATED
    detail = "dbops's own estimate from the plan and the statistics: no planner saw the index"

    def __init__(self, known: Known) -> None:
        self._known = known
        self._options: dict[Candidate, tuple[Option, ...]] = {}
        self._shares = {
            (table, key): share
            for (table, text), share in known.shares.items()
            for key in self._conditions(table, text)
        }

    def knows(self, candidate: Candidate) -> bool:
        """Whether it is of a method that the estimate has formulas for, on a table whose size is known."""
        table = self._known.facts.table(candidate.table)
        return candidate.method in {"btree", "brin", "gin"} and table.rows is not None

    def price(self, candidates: Collection[Candidate]) -> Priced:
        """Return the cost with the options that save the most, of which no two take the place of the same node."""
        found = [option for candidate in candidates for option in self._of(candidate)]
        found.sort(key=lambda option: (-option.saving, option.index.candidate.definition))
        taken: set[int] = set()
        used: set[Candidate] = set()
        cost = self._known.plan.root.estimate.total_cost
        for option in found:
            if taken.isdisjoint(option.nodes):
                taken |= option.nodes
                used.add(option.index.candidate)
                cost -= option.saving
        return Priced(max(cost, 0.0), frozenset(used), {each: self._bytes(each) for each in candidates})

    def _of(self, candidate: Candidate) -> tuple[Option, ...]:
        if candidate not in self._options:
            index = self._index(candidate)
            sites = [site for site in self._known.sites if site.instance.table == candidate.table]
            costs = self._known.facts.costs
            found = () if index is None else (each for site in sites for each in options(index, site, costs))
            self._options[candidate] = tuple(found)
        return self._options[candidate]

    def _index(self, candidate: Candidate) -> Index | None:
        """Return the candidate as sites know it; None where one of its expressions can't be read."""
        keys = ", ".join(f"({key.expression})" if key.column is None else key.expression for key in candidate.keys)
        read = self._read(asking(candidate.table, outputs=keys, where=candidate.predicate))
        outputs = read.query.tree.expressions if read is not None else []
        if read is None or len(outputs) != len(candidate.keys):
            return None
        terms = (
            Term(key.expression, key.column, None, canonical(read.query, node))
            for key, node in zip(candidate.keys, outputs, strict=True)
        )
        return Index(candidate, tuple(terms), self._conditions(candidate.table, candidate.predicate))

    def _conditions(self, table: Relation, where: str | None) -> frozenset[str]:
        """Return the conditions that a partial index's WHERE joins by AND, as sites know them."""
        read = None if where is None else self._read(asking(table, where=where))
        if read is None:
            return frozenset()
        return frozenset(canonical(read.query, each.node) for each in conditions(read.query.tree))

    def _read(self, sql: str) -> Scene | None:
        try:
            return scene(sql, self._known.schema, self._known.facts)
        except QueryUnreadable:
            return None

    def _bytes(self, candidate: Candidate) -> int:
        facts = self._known.facts
        table = facts.table(candidate.table)
        held = self._conditions(candidate.table, candidate.predicate)
        share = math.prod(self._shares.get((candidate.table, each), 1.0) for each in held)
        return size.pages(candidate, table, (table.rows or 0.0) * share, facts.costs) * facts.costs.page_bytes
