"""What the plan says of each table it reads: its conditions, joins and sorts, as PostgreSQL wrote them. Pure.

A plan shows what views, rules and partitions hide: the tables themselves, under aliases that are unique in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from dbops.explain.advise.candidates.scene import asking
from dbops.lint.queries.written import name as quoted
from dbops.results.plan import Plan, PlanNode
from dbops.schema.model import Schema
from dbops.sql.lexer import Kind, code
from dbops.sql.nodes import Relation
from dbops.sql.query import QueryUnreadable, parse

_SCANS = frozenset(
    {
        "Seq Scan", "Sample Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Scan", "Tid Range Scan",
    }
)  # fmt: skip
_OWN = ("Index Cond", "Recheck Cond", "Filter")
_JOINS = ("Hash Cond", "Merge Cond", "Join Filter")
_APPENDS = frozenset({"Append", "Merge Append"})
_SUBPLAN = re.compile(r"\((?:hashed )?(?:SubPlan|InitPlan) \d+\)(?:\.col\d+)?")
_NUMBERED = re.compile(r"_\d+\Z")
MOST = 1000
"""Tables and partitions of a plan that are looked at, those first that take the most."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A base table as the plan reads it, at ``node``, with the nodes above it from its parent to the root.

    ``table`` is the table that an index would be made on: a partition's topmost parent. ``alias`` is what the texts
    here call it: for a partition its parent's, so that all of them say the same. ``names`` are all aliases it has in
    the plan. ``conditions`` are those of the scan itself, ``joins`` those of joins above that name it,
    ``sorts`` the keys of sorts above, as far as they are its own.
    """

    node: PlanNode
    above: tuple[PlanNode, ...]
    table: Relation
    leaf: Relation
    alias: str
    names: frozenset[str]
    conditions: tuple[str, ...] = ()
    joins: tuple[tuple[PlanNode, str], ...] = ()
    sorts: tuple[tuple[PlanNode, tuple[str, ...]], ...] = ()

    def sql(self, conditions: Sequence[str], *, order: Sequence[str] = (), limit: bool = False) -> str:
        """Return a query that asks of the table what the plan asks of it."""
        where = " AND ".join(f"({each})" for each in conditions)
        text = asking(self.table, alias=self.alias, where=where, order=", ".join(order))
        return f"{text} LIMIT 1" if limit else text


def root_of(schema: Schema, name: Relation) -> Relation:
    """Return the topmost partitioned table that a partition belongs to; any other table is its own."""
    table = schema.tables.get(name)
    while table is not None and table.kind != "table" and table.parents:
        name = table.parents[0]
        table = schema.tables.get(name)
    return name


def instances(plan: Plan, schema: Schema) -> tuple[Instance, ...]:
    """Return the base tables of a plan, those first whose nodes cost the most."""
    found = list(_scans(plan.root, ()))
    found.sort(key=lambda each: -sum(node.estimate.cost_share for node in each[0].walk()))
    return tuple(instance for node, above in found[:MOST] if (instance := _instance(node, above, schema)) is not None)


def _scans(node: PlanNode, above: tuple[PlanNode, ...]) -> Iterator[tuple[PlanNode, tuple[PlanNode, ...]]]:
    if node.kind in _SCANS and node.relation is not None:
        yield node, above
    for child in node.children:
        yield from _scans(child, (node, *above))


def _instance(node: PlanNode, above: tuple[PlanNode, ...], schema: Schema) -> Instance | None:
    leaf = Relation(node.schema, node.relation or "")
    leaf = leaf if leaf.schema is not None else schema.qualified(leaf)
    if leaf not in schema.tables:
        return None
    aliases = (node.alias or leaf.name, *_aliases_above(above))
    names, alias = frozenset(aliases), aliases[-1]
    said = (_renamed(node.text(key), names, alias) for key in _OWN if node.text(key))
    conditions = tuple(readable for text in said if (readable := _readable(text)))
    joins = tuple((each, text) for each in above for text in _join(each, names, alias))
    sorts = tuple((each, keys) for each in above if (keys := _sort(each, names, alias)))
    return Instance(node, above, root_of(schema, leaf), leaf, alias, names, conditions, joins, sorts)


def _aliases_above(above: tuple[PlanNode, ...]) -> Iterator[str]:
    """Yield what the nodes above call a partition: by its parents' aliases, which the Append's output shows."""
    for node in above:
        if node.kind not in _APPENDS:
            return
        for output in node.raw.get("Output", ()):
            qualifier = _qualifiers(str(output))
            if qualifier:
                yield qualifier[0]
                break


def _join(node: PlanNode, names: frozenset[str], alias: str) -> Iterator[str]:
    for key in _JOINS:
        text = node.text(key)
        if text and names & set(_qualifiers(text)):
            readable = _readable(_renamed(text, names, alias))
            if readable:
                yield readable


def _sort(node: PlanNode, names: frozenset[str], alias: str) -> tuple[str, ...]:
    """Return the first keys of a sort that are of the table."""
    found: list[str] = []
    for key in node.raw.get("Sort Key", ()) if "Sort" in node.kind else ():
        if not set(_qualifiers(str(key))) <= names or not _qualifiers(str(key)):
            break
        found.append(_renamed(str(key), names, alias))
    return tuple(found) if found and _parses(f"SELECT 1 ORDER BY {', '.join(found)}") else ()


def _readable(text: str) -> str:
    """Return a condition with parameters for the results of subplans; "" where it can't be read all the same."""
    text = _SUBPLAN.sub("$1", text)
    return text if text and _parses(f"SELECT 1 WHERE {text}") else ""


@lru_cache(maxsize=256)  # the conditions of partitions are all alike
def _parses(sql: str) -> bool:
    try:
        parse(sql)
    except QueryUnreadable:
        return False
    return True


def _qualifiers(text: str) -> list[str]:
    """Return the names that stand before a point."""
    found: list[str] = []
    before: str | None = None
    for kind, start, end in code(text):
        if text[start:end] == "." and before is not None:
            found.append(before)
        before = _name(text[start:end], kind)
    return found


def _renamed(text: str, names: frozenset[str], alias: str) -> str:
    """Return the text with one alias for all names of the table."""
    pieces: list[str] = []
    done = 0
    tokens = list(code(text))
    for (kind, start, end), following in pairwise(tokens):
        if _name(text[start:end], kind) in names and text[following.start : following.end] == ".":
            pieces += (text[done:start], quoted(alias))
            done = end
    return "".join([*pieces, text[done:]])


def _name(token: str, kind: Kind) -> str | None:
    if kind is Kind.QUOTED:
        return token.strip('"').replace('""', '"')
    return token if kind is Kind.WORD else None


def stem(alias: str) -> str:
    """Return an alias without the number by which a plan tells it from another of the same name."""
    return _NUMBERED.sub("", alias)
