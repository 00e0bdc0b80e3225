"""What a query asks of each of its tables, level by level. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from dbops.explain.advise.candidates.access import Access, How
from dbops.explain.advise.candidates.conditions import accesses
from dbops.explain.advise.candidates.ordering import Order, orders
from dbops.explain.advise.candidates.reads import reads
from dbops.explain.advise.candidates.scene import Scene
from dbops.explain.advise.candidates.terms import of_column
from dbops.lint.queries.conditions import Condition, conditions, conjuncts, disjuncts
from dbops.lint.queries.from_items import pairings
from dbops.lint.queries.query import Source, folded
from dbops.lint.queries.types import plain
from dbops.schema.model import Table
from dbops.sql.query import exp

_MOST_OPERANDS = 16
"""Operands of an OR that are looked at."""
_MOST_CONDITIONS = 200
"""Conditions of a SELECT or write that are looked at."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one item of a FROM, or the target of a write, is asked for.

    ``accesses`` must all hold, ``alternatives`` are the operands of its ORs, of each what it asks of this item.
    ``reads`` are the columns that the query reads of it, None where that isn't known, or more than columns is needed.
    """

    table: Table
    alias: str
    accesses: tuple[Access, ...] = ()
    alternatives: tuple[tuple[Access, ...], ...] = ()
    orders: tuple[Order, ...] = ()
    reads: frozenset[str] | None = None


@dataclass(slots=True)
class _Draft:
    """A demand that is being put together."""

    source: Source
    table: Table
    accesses: list[Access] = field(default_factory=list)
    alternatives: list[tuple[Access, ...]] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)


def demands(scene: Scene) -> tuple[Demand, ...]:
    """Return what is asked of each table that an index can be made on, outer levels first."""
    drafts = dict(_drafts(scene))
    for reader in scene.query.all_readers:
        own = {id(source.node) for source in scene.query.sources(reader)}
        for condition in islice(conditions(reader), _MOST_CONDITIONS):
            _note(scene, drafts, own, condition)
        for access in _using(scene, reader, drafts):
            drafts[access.source].accesses.append(access)
        for order in orders(scene, reader) if isinstance(reader, exp.Select) else ():
            if order.source in drafts:
                drafts[order.source].orders.append(order)
    columns = reads(scene)
    return tuple(
        Demand(
            draft.table,
            draft.source.alias,
            tuple(dict.fromkeys(draft.accesses)),
            tuple(draft.alternatives),
            tuple(dict.fromkeys(draft.orders)),
            columns.get(item),
        )
        for item, draft in drafts.items()
    )


def _drafts(scene: Scene) -> Iterator[tuple[int, _Draft]]:
    for reader in scene.query.all_readers:
        for source in scene.query.sources(reader):
            table = scene.table(source)
            inserted = isinstance(reader, exp.Insert) and any(source.node is each for each in _target(reader))
            if table is not None and not inserted:
                yield id(source.node), _Draft(source, table)


def _target(insert: exp.Insert) -> tuple[object, object]:
    """Return what is inserted into: the table, or below the list of its columns."""
    return insert.this, insert.this.this


def _note(scene: Scene, drafts: dict[int, _Draft], own: Iterable[int], condition: Condition) -> None:
    """Note what a condition asks, of its reader's own items and, where it ties outer ones to them, of those."""
    own = frozenset(own)
    certain, alternatives = _asked(scene, condition.node)
    for access in certain:
        if access.source in drafts and _applies(access, own, condition):
            drafts[access.source].accesses.append(access)
    for item in own & drafts.keys():
        operands = [tuple(access for access in operand if access.source == item) for operand in alternatives]
        if all(operands) and (condition.narrows is None or item in condition.narrows):
            drafts[item].alternatives += operands


def _applies(access: Access, own: frozenset[int], condition: Condition) -> bool:
    if access.source not in own:
        return access.how is How.EQUAL and not access.constant
    return condition.narrows is None or access.source in condition.narrows


def _asked(scene: Scene, node: exp.Expr) -> tuple[list[Access], list[tuple[Access, ...]]]:
    """Return what a condition asks for certain, and the operands of an OR that can only be answered together."""
    if not isinstance(node, exp.Or):
        return list(accesses(scene, node)), []
    operands = list(disjuncts(node))
    if len(operands) > _MOST_OPERANDS:
        return [], []
    asked = [_certain(scene, operand) for operand in operands]
    common = [each for each in asked[0] if all(_same(each, others) for others in asked[1:])]
    return [_merged(access, asked) for access in common], [] if common else asked


def _certain(scene: Scene, operand: exp.Expr) -> tuple[Access, ...]:
    """Return what an operand asks that an index could answer."""
    found = (each for part in conjuncts(operand) for each in accesses(scene, part))
    return tuple(each for each in found if each.how is not How.ONLY)


def _same(access: Access, others: tuple[Access, ...]) -> bool:
    return any(_ties(access) == _ties(other) for other in others)


def _ties(access: Access) -> tuple[int, str, frozenset[int]]:
    return access.source, access.term.canonical, access.partners


def _merged(access: Access, asked: list[tuple[Access, ...]]) -> Access:
    """Return what all operands ask of one term: for one of their values, unless it is a join that they share."""
    alike = [each for operand in asked for each in operand if _ties(each) == _ties(access)]
    hows = {each.how for each in alike}
    one_of = access.constant and hows <= {How.EQUAL, How.SEVERAL}
    how = How.SEVERAL if one_of else access.how if len(hows) == 1 else How.RANGE
    return Access(access.source, access.term, how, None, access.partners)


def _using(scene: Scene, reader: exp.Expr, drafts: dict[int, _Draft]) -> Iterator[Access]:
    """Yield what a join with USING ties: each side's column to those of the other side."""
    for pairing in pairings(reader):
        names = () if pairing.join is None else pairing.join.args.get("using") or ()
        left, right = frozenset(map(id, pairing.left)), frozenset(map(id, pairing.right))
        for name in map(folded, names):
            if pairing.side in {"", "LEFT"}:
                yield from _tied(drafts, right, left, name)
            if pairing.side in {"", "RIGHT"}:
                yield from _tied(drafts, left, right, name)


def _tied(drafts: dict[int, _Draft], items: frozenset[int], partners: frozenset[int], name: str) -> Iterator[Access]:
    for item in sorted(items & drafts.keys()):
        column = drafts[item].table.column(name)
        if column is not None:
            yield Access(item, of_column(column, plain(column.type)), How.EQUAL, f"USING ({name})", partners)
