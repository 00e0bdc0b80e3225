"""The places of a plan where an index could change something: base tables with their conditions. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dbops.explain.advise.candidates.access import Access, How
from dbops.explain.advise.candidates.conditions import accesses
from dbops.explain.advise.candidates.instances import Instance, stem
from dbops.explain.advise.candidates.ordering import OrderKey, orders
from dbops.explain.advise.candidates.scene import Scene, scene
from dbops.explain.advise.candidates.terms import Term, canonical
from dbops.explain.advise.estimate.scans import Heap
from dbops.explain.advise.facts import Facts, TableFacts
from dbops.lint.queries.conditions import conditions
from dbops.results.plan import PlanNode
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation
from dbops.sql.query import QueryUnreadable, exp

_EQUALITY = 0.005
_DEFAULTS = {How.RANGE: 1 / 3, How.ONLY: 1.0}
"""What the planner takes without statistics: DEFAULT_EQ_SEL (as DEFAULT_MATCH_SEL) and DEFAULT_INEQ_SEL of
selfuncs.h."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A condition on a table with the share of the rows that meet it (0 to 1).

    ``key`` is the same for all spellings of the condition, ``values`` how many values it asks for. ``row`` are the
    terms that follow in a comparison of rows.
    """

    term: Term
    how: How
    share: float
    key: str
    values: float = 1.0
    opclass: str | None = None
    row: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """A join that looks rows up by ``narrowings``; ``node`` is the plan's."""

    node: PlanNode
    narrowings: tuple[Narrowing, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A sort of the table's rows alone by ``keys``, as far as they are its own."""

    node: PlanNode
    keys: tuple[OrderKey, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Site:
    """A base table in a plan: what its own scan asks for (``own``), what joins above could look up, and sorts.

    ``heap`` is the table or partition that the scan reads, ``reads`` the columns the query needs, None when unknown.
    """

    instance: Instance
    table: TableFacts
    heap: Heap
    own: tuple[Narrowing, ...]
    joins: tuple[Joined, ...]
    sorts: tuple[Sorted, ...]
    reads: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition of constants, as the planner could be asked how many rows of ``instance``'s table meet it."""

    instance: Instance
    text: str


Answers = Mapping[tuple[str, str], float]
"""The share of the rows that meet a condition (0 to 1), by the node's alias and the condition's text."""
Reads = Mapping[tuple[Relation, str], frozenset[str]]
"""The columns that the query needs, by table and its alias in the query."""


class _Texts:
    """What the texts of a plan ask for; each is read once, for those of partitions are all alike."""

    def __init__(self, schema: Schema, facts: Facts) -> None:
        self.facts = facts
        self._schema = schema
        self._read: dict[str, Scene | None] = {}

    def scene(self, sql: str) -> Scene | None:
        """Return a text's scene, None where it can't be read."""
        if sql not in self._read:
            try:
                self._read[sql] = scene(sql, self._schema, self.facts)
            except QueryUnreadable:
                self._read[sql] = None
        return self._read[sql]

    def asked(self, sql: str) -> list[tuple[Access, str]]:
        """Return what the conditions of a text ask for, each with the condition's key."""
        read = self.scene(sql)
        if read is None:
            return []
        found = (
            (access, canonical(read.query, condition.node))
            for condition in conditions(read.query.tree)
            for access in accesses(read, condition.node)
        )
        return list(dict.fromkeys(found))

    def own(self, instance: Instance) -> list[tuple[Access, str]]:
        """Return what a scan's own conditions ask for, the two ends of a range as one."""
        found: list[tuple[Access, str]] = []
        ranges: dict[Term, Access] = {}
        for access, key in self.asked(instance.sql(instance.conditions)):
            if access.how is not How.RANGE or not access.constant:
                found.append((access, key))
            else:
                before = ranges.get(access.term)
                ranges[access.term] = access if before is None else _both(before, access)
        return [*found, *((access, "") for access in ranges.values())]


def _both(one: Access, other: Access) -> Access:
    texts = (one.text, other.text)
    return replace(one, text=None if None in texts else " AND ".join(f"({text})" for text in texts))


def questions(found: Sequence[Instance], schema: Schema, facts: Facts) -> tuple[Asked, ...]:
    """Return the conditions whose share of the rows the planner should tell; one partition stands for all."""
    texts = _Texts(schema, facts)
    asked: dict[tuple[str, str], Asked] = {}
    for instance in {(each.alias, each.conditions): each for each in reversed(found)}.values():
        for access, _ in texts.own(instance):
            if access.constant and access.text is not None:
                asked.setdefault((instance.alias, access.text), Asked(instance, access.text))
    return tuple(asked.values())


def sites(found: Sequence[Instance], schema: Schema, facts: Facts, answers: Answers, reads: Reads) -> tuple[Site, ...]:
    """Return the sites of a plan. A table that was never analyzed is none: nothing is known to reckon with."""
    texts = _Texts(schema, facts)
    leaves = {leaf.name: leaf for table in facts.tables.values() for leaf in table.leaves}
    known = ((each, leaves.get(each.leaf)) for each in found)
    return tuple(
        _site(texts, each, Heap(max(leaf.rows, 1.0), max(float(leaf.pages), 1.0), leaf.visible or 0.0), answers, reads)
        for each, leaf in known
        if leaf is not None and leaf.rows is not None and leaf.pages is not None
    )


def _site(texts: _Texts, instance: Instance, heap: Heap, answers: Answers, reads: Reads) -> Site:
    table = texts.facts.table(instance.table)
    names = {*instance.names, *map(stem, instance.names)}
    return Site(
        instance=instance,
        table=table,
        heap=heap,
        own=tuple(
            _narrowing(access, key, table, answers.get((instance.alias, access.text or "")))
            for access, key in texts.own(instance)
        ),
        joins=tuple(_joins(texts, instance, table)),
        sorts=tuple(_sorts(texts, instance)),
        reads=next((reads[instance.table, name] for name in sorted(names) if (instance.table, name) in reads), None),
    )


def _narrowing(access: Access, key: str, table: TableFacts, answer: float | None) -> Narrowing:
    column = table.column(access.term.column or "")
    values = column.values(table.rows)
    share = answer
    if share is None and access.how in {How.EQUAL, How.SEVERAL} and values is not None:
        share = (1.0 - (column.nulls or 0.0)) / values
    if share is None:
        share = _DEFAULTS.get(access.how, _EQUALITY)
    several = max(share * values, 1.0) if access.how is How.SEVERAL and values is not None else 1.0
    return Narrowing(access.term, access.how, share, key, several, access.opclass, access.row)


def _joins(texts: _Texts, instance: Instance, table: TableFacts) -> Iterator[Joined]:
    for node, text in instance.joins:
        asked = [each for each in texts.asked(instance.sql([text])) if not each[0].constant]
        found = {access.term: _narrowing(access, key, table, None) for access, key in asked if access.how is How.EQUAL}
        if found:
            yield Joined(node, tuple(found.values()))


def _sorts(texts: _Texts, instance: Instance) -> Iterator[Sorted]:
    for node, keys in instance.sorts:
        read = texts.scene(instance.sql((), order=keys))
        tree = None if read is None else read.query.tree
        if read is None or not isinstance(tree, exp.Select):
            continue
        for order in orders(read, tree):
            yield Sorted(node, order.keys, complete=len(order.keys) == len(node.raw.get("Sort Key", ())))
