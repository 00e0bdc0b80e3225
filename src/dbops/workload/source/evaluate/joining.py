"""What the values that a name may have have in common. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from dbops.workload.source.django.querysets import QuerySet
from dbops.workload.source.rows import Known, Root, Row
from dbops.workload.source.sqlalchemy.statements import Statement
from dbops.workload.source.values import UNKNOWN, Constant, Many, Pair, Record, Table, Value


def joined(values: Sequence[Value]) -> Value:
    """Return what all of the values are; what was loaded in one case is taken for loaded."""
    return reduce(_both, values) if values else UNKNOWN


def _both(one: Value, other: Value) -> Value:
    if one == other:
        return one
    varies = one.varies | other.varies
    for none, kept in ((one, other), (other, one)):
        if isinstance(none, Constant) and none.value is None:
            return replace(kept, varies=varies)
    found = _alike(one, other)
    if found is None:
        found = _collections(one, other)
    return Value(varies) if found is None else replace(found, varies=varies)


def _alike(one: Value, other: Value) -> Value | None:
    """Return what two rows or two queries of the same model have in common."""
    match one, other:
        case Row(), Row() if one.model is other.model and one.path == other.path:
            return replace(one, root=_root(one.root, other.root))
        case QuerySet(), QuerySet() if one.root.model is other.root.model:
            root, keyed = _root(one.root, other.root), one.keyed & other.keyed
            return replace(one, root=root, keyed=keyed, narrowed=one.narrowed or other.narrowed)
        case Statement(), Statement() if len(one.entities) == len(other.entities):
            pairs = zip(one.entities, other.entities, strict=True)
            entities = tuple(_root(mine, yours) if mine and yours else None for mine, yours in pairs)
            return replace(one, entities=entities, keyed=one.keyed & other.keyed)
    return None


def _collections(one: Value, other: Value) -> Value | None:
    """Return what two collections have in common; one that is empty adds nothing."""
    match one, other:
        case Pair(), Pair() if len(one.items) == len(other.items):
            return Pair(items=tuple(_both(*pair) for pair in zip(one.items, other.items, strict=True)))
        case ((Pair() | Many()), (Pair() | Many())):
            inner = [each.of if isinstance(each, Many) else joined(each.items) for each in (one, other) if _holds(each)]
            return Many(of=joined(inner), bounded=one.few and other.few)
        case Record(), Record():
            entries = dict(one.entries)
            entries.update({name: _both(entries.get(name, value), value) for name, value in other.entries})
            return Record(entries=tuple(entries.items()), more=one.more or other.more)
        case Table(), Table():
            filled = [each for each in (one, other) if each.of != UNKNOWN]
            return replace(filled[0], of=joined([each.of for each in filled])) if filled else one
        case (Record(entries=()), Table() as table) | (Table() as table, Record(entries=())):
            return table
    return None


def _holds(each: Value) -> bool:
    return not (isinstance(each, Pair) and not each.items)


def _root(one: Root, other: Root) -> Root:
    if one == other:
        return one
    kept = None if one.kept is None or other.kept is None else one.kept | other.kept
    return replace(
        one,
        loaded=one.loaded | other.loaded,
        known=one.known if one.known is other.known else Known.EVERYTHING,
        absent=one.absent & other.absent,
        kept=kept,
        extras=tuple(dict((*one.extras, *other.extras)).items()),
    )
