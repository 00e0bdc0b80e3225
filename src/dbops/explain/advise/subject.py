"""A query with all that is asked about it before candidates are priced."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dbops.explain.advise.candidates.demand import Demand
from dbops.explain.advise.candidates.instances import Instance
from dbops.explain.advise.candidates.proposals import conditions_of_parts, read
from dbops.explain.advise.candidates.scene import Scene, scene
from dbops.explain.advise.candidates.variants import Shares
from dbops.explain.advise.estimate.backend import Estimate, Known
from dbops.explain.advise.estimate.sites import questions, sites
from dbops.explain.advise.facts import Facts, facts_of
from dbops.postgres import columns
from dbops.postgres.columns import Ask
from dbops.postgres.session import Session
from dbops.results.plan import Plan
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation
from dbops.sql.query import QueryUnreadable

_CALL = re.compile(r"([A-Za-z_][A-Za-z0-9_$]*)\s*\(")


@dataclass(frozen=True, slots=True)
class Subject:
    """The query's text, what its plan reads, what the server knows of that, and what the query asks of it.

    ``single`` says that it is about one table, which its text names, and nothing else. ``shares`` say which share of a
    table meets the conditions that could be a partial index's.
    """

    query: str
    schema: Schema
    instances: Sequence[Instance]
    facts: Facts
    demands: Sequence[Demand]
    single: bool = False
    shares: Shares = field(default_factory=dict)

    @property
    def reads(self) -> Mapping[tuple[Relation, str], frozenset[str]]:
        """The columns that the query needs of a table, by its alias, where they are known."""
        return {(each.table.name, each.alias): each.reads for each in self.demands if each.reads is not None}


def gather(
    session: Session, query: str, found: Sequence[Instance], schema: Schema, literals: frozenset[str]
) -> Subject:
    """Ask the server for what matters to the query. Raises ServerError and ConnectionLost."""
    facts = facts_of(columns.facts(session, {each.table for each in found}, _functions(query, found)))
    try:
        text = scene(query, schema, facts, literals)
    except QueryUnreadable:  # the plan says most of it
        text = None
    demands = read(text, found, schema, facts)
    asks = {part: Ask(part[0], part[0].name, part[1]) for part in conditions_of_parts(demands, facts, schema)}
    known = _shares(session, asks.values())
    shares = {part: known[ask] for part, ask in asks.items() if ask in known}
    return Subject(query, schema, found, facts, demands, text is not None and _is_single(text, found), shares)


def _is_single(text: Scene, found: Sequence[Instance]) -> bool:
    """Whether the one item of the one FROM is the one table of the plan, so that PostgreSQL counts it as the first."""
    readers = text.query.all_readers
    if len(readers) != 1 or readers[0] is not text.query.tree or len(found) != 1:
        return False
    sources = text.query.sources(readers[0])
    return len(sources) == 1 and text.relation(sources[0]) == found[0].leaf == found[0].table


def estimate(session: Session, subject: Subject, plan: Plan, found: Sequence[Instance]) -> Estimate:
    """Return the estimate that starts from a plan, whose tables are ``found``. Raises ConnectionLost."""
    schema, facts = subject.schema, subject.facts
    asks = {
        (each.instance.alias, each.text): Ask(each.instance.leaf, each.instance.alias, each.text)
        for each in questions(found, schema, facts)
    }
    shares = _shares(session, asks.values())
    answers = {place: shares[ask] for place, ask in asks.items() if ask in shares}
    return Estimate(Known(plan, sites(found, schema, facts, answers, subject.reads), schema, facts, subject.shares))


def _functions(query: str, found: Sequence[Instance]) -> set[str]:
    """Return the names that are called in the query and in what the plan says."""
    texts = [query, *(text for each in found for text in (*each.conditions, *(text for _, text in each.joins)))]
    return {name.lower() for text in texts for name in _CALL.findall(text)}


def _shares(session: Session, asks: Collection[Ask]) -> Mapping[Ask, float]:
    """Return the shares of the rows that the planner expects to meet conditions (0 to 1)."""
    whole = {ask: Ask(ask.table, ask.alias, "true") for ask in asks}
    rows = columns.expected_rows(session, list(dict.fromkeys([*whole.values(), *asks])))
    return {ask: min(rows[ask] / rows[every], 1.0) for ask, every in whole.items() if ask in rows and every in rows}
