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
    if isinstance(one, Constant) and one.value is None:
        return replace(other, varies=varies)
    if isinstance(other, Constant) and other.value is None:
        return replace(one, varies=varies)
    match one, other:
        case Row(), Row() if one.model is other.model and one.path == other.path:
            return replace(one, root=_root(one.root, other.root), varies=varies)
        case QuerySet(), QuerySet() if one.root.model is other.root.model:
            narrowed = one.narrowed or other.narrowed
            root, keyed = _root(one.root, other.root), one.keyed & other.keyed
            return replace(one, root=root, keyed=keyed, varies=varies, narrowed=narrowed)
        case Statement(), Statement() if len(one.entities) == len(other.entities):
            pairs = zip(one.entities, other.entities, strict=True)
            entities = tuple(_root(*pair) if pair[0] and pair[1] else None for pair in pairs)
            return replace(one, entities=entities, keyed=one.keyed & other.keyed, varies=varies)
        case Pair(), Pair() if len(one.items) == len(other.items):
            return Pair(varies, tuple(_both(*pair) for pair in zip(one.items, other.items, strict=True)))
        case ((Pair() | Many()), (Pair() | Many())):
            inner = [each.of if isinstance(each, Many) else joined(each.items) for each in (one, other) if _holds(each)]
            return Many(varies, joined(inner), one.few and other.few)
        case ((Table() | Record()), (Table() | Record())) if not isinstance(one, Record) or not one.entries:
            return replace(other, varies=varies)
        case ((Table() | Record()), Record()) if not other.entries:
            return replace(one, varies=varies)
        case Record(), Record():
            entries = dict(one.entries)
            entries.update({name: _both(entries.get(name, value), value) for name, value in other.entries})
            return Record(varies, tuple(entries.items()), one.more or other.more)
    return Value(varies)


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
