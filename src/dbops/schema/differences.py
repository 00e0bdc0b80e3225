"""How one schema differs from another, object by object. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dbops.results.schema import Change, Difference
from dbops.schema.snapshot import Entry, Key, Snapshot

_POSITION = "position"
_ORDER = "column_order"


def compare(expected: Snapshot, actual: Snapshot, *, ignore_column_order: bool = False) -> tuple[Difference, ...]:
    """Return what differs, an object after what it belongs to, otherwise by kind and name.

    What belongs to a missing or unexpected object goes without saying. Columns that were added or dropped don't
    change the order of the others.
    """
    orders = {} if ignore_column_order else dict(_orders(expected, actual))
    keys = [key for key in {**expected.entries, **actual.entries} if key in orders or _differs(key, expected, actual)]
    keys.sort(key=lambda key: _path(key, expected, actual))
    found = (_difference(key, expected, actual, orders.get(key)) for key in keys)
    return tuple(each for each in found if each is not None)


def _differs(key: Key, expected: Snapshot, actual: Snapshot) -> bool:
    one, other = expected.entries.get(key), actual.entries.get(key)
    return one is None or other is None or one.parent != other.parent or one.attributes != other.attributes


def _path(key: Key, expected: Snapshot, actual: Snapshot) -> tuple[Key, ...]:
    entry = expected.entries.get(key) or actual.entries[key]
    known = entry.parent is not None and (entry.parent in expected.entries or entry.parent in actual.entries)
    return (*_path(entry.parent, expected, actual), key) if known and entry.parent is not None else (key,)


def _difference(
    key: Key, expected: Snapshot, actual: Snapshot, orders: tuple[list[str], list[str]] | None
) -> Difference | None:
    one, other = expected.entries.get(key), actual.entries.get(key)
    if one is None or other is None:
        return _alone(one, other, expected, actual)
    before, after = dict(_told(one)), dict(_told(other))
    if orders is not None:
        before[_ORDER], after[_ORDER] = orders
    if one.parent != other.parent:
        before["parent"], after["parent"] = (" ".join(each.parent or ()) for each in (one, other))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not names:
        return None
    return Difference(*key, Change.DIFFERENT, _only(names, before), _only(names, after))


def _alone(one: Entry | None, other: Entry | None, expected: Snapshot, actual: Snapshot) -> Difference | None:
    """Return an object that only one side has, unless that is so of what it belongs to."""
    if one is not None:
        if one.parent in expected.entries and one.parent not in actual.entries:
            return None
        return Difference(*one.key, Change.MISSING, dict(one.attributes), None)
    if other is None or (other.parent in actual.entries and other.parent not in expected.entries):
        return None
    return Difference(*other.key, Change.UNEXPECTED, None, dict(other.attributes))


def _told(entry: Entry) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in entry.attributes.items() if name != _POSITION)


def _only(names: list[str], attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: attributes.get(name) for name in names}


def _orders(expected: Snapshot, actual: Snapshot) -> Iterator[tuple[Key, tuple[list[str], list[str]]]]:
    """Yield the tables whose common columns stand in another order, with both orders."""
    one, other = _columns(expected, actual), _columns(actual, expected)
    for table, columns in one.items():
        if columns != other.get(table, columns):
            yield table, (columns, other[table])


def _columns(snapshot: Snapshot, common: Snapshot) -> dict[Key, list[str]]:
    """Return the columns in order of each table; of columns and tables those that both have."""
    placed = [
        (entry.parent, entry.attributes[_POSITION], entry.name)
        for entry in snapshot.entries.values()
        if entry.parent is not None and _POSITION in entry.attributes
        if entry.key in common.entries and entry.parent in common.entries
    ]
    columns: dict[Key, list[str]] = {}
    for table, _position, name in sorted(placed):
        columns.setdefault(table, []).append(name.removeprefix(f"{table[1]}."))
    return columns
