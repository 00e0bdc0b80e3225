"""What changed between two states of a transaction. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dbops.results.trace import BuiltIndex, Touched, TracedLock, TracedStatement
from dbops.sql.lock_modes import Mode

_MODES = {f"{mode.value.title().replace(' ', '')}Lock": mode for mode in Mode}
_STORED = frozenset("rm")
_TABLES = _STORED | frozenset("pvf")
_INDEX = "i"


@dataclass(frozen=True, slots=True)
class Relation:
    """``kind`` is its relkind, ``table`` the oid of an index's table, ``scans`` how often this transaction did."""

    oid: int
    kind: str
    file: int | None
    name: str
    table: int | None
    scans: int


@dataclass(frozen=True, slots=True)
class State:
    """What the session holds and what there is, by oid."""

    locks: frozenset[tuple[int, Mode]]
    relations: Mapping[int, Relation]


def state_of(document: Mapping[str, Any]) -> State:
    """Return the state that ``postgres.traced.state`` found."""
    locks = frozenset((oid, _MODES[mode]) for oid, mode in document["locks"] if mode in _MODES)
    return State(locks, {row["oid"]: Relation(**row) for row in document["relations"]})


def effects(
    before: State, after: State, original: State, *, transactional: bool, empties: bool = False
) -> TracedStatement:
    """Return what a statement did to what was there ``original``-ly; sizes are still unknown.

    ``empties`` says that it is a TRUNCATE, whose new files hold nothing.
    """
    renewed = set() if empties else _renewed(before, after)
    rewritten = {oid for oid in renewed if oid in original.relations and after.relations[oid].kind in _STORED}
    held = _strongest(after.locks) if transactional else {}

    def touched(oids: Iterable[int]) -> tuple[Touched, ...]:
        return tuple(Touched(original.relations[oid].name, None, _blocks(held, oid)) for oid in _sorted(oids, original))

    scans = None
    if transactional:
        scans = touched(() if empties else _scanned(before, after, original) - rewritten)
    return TracedStatement(
        tuple(_locks(before, after, original)) if transactional else None,
        touched(rewritten),
        tuple(_builds(before, after, original, renewed, held)),
        scans,
    )


def named(statement: TracedStatement) -> Iterator[str]:
    """Yield the relations whose sizes matter."""
    yield from (each.relation for each in (*statement.rewrites, *(statement.scans or ())))
    yield from (each.relation for each in statement.builds)


def sized(statement: TracedStatement, sizes: Mapping[str, int] | None) -> TracedStatement:
    """Return it with the sizes that are known."""
    known = sizes or {}

    def touched(found: Iterable[Touched]) -> tuple[Touched, ...]:
        return tuple(replace(each, bytes=known.get(each.relation)) for each in found)

    return replace(
        statement,
        rewrites=touched(statement.rewrites),
        builds=tuple(replace(each, bytes=known.get(each.relation)) for each in statement.builds),
        scans=None if statement.scans is None else touched(statement.scans),
    )


def _sorted(oids: Iterable[int], state: State) -> list[int]:
    return sorted(oids, key=lambda oid: state.relations[oid].name)


def _renewed(before: State, after: State) -> set[int]:
    return {
        oid
        for oid, relation in after.relations.items()
        if oid in before.relations and relation.file is not None and relation.file != before.relations[oid].file
    }


def _builds(
    before: State, after: State, original: State, renewed: set[int], held: Mapping[int, Mode]
) -> Iterator[BuiltIndex]:
    for oid in _sorted(after.relations, after):
        index = after.relations[oid]
        table = None if index.table is None else original.relations.get(index.table)
        if table is None:
            continue
        new = oid not in before.relations
        if (new and index.kind == _INDEX) or oid in renewed:
            yield BuiltIndex(index.name, table.name, not new, None, _blocks(held, table.oid))


def _scanned(before: State, after: State, original: State) -> set[int]:
    return {
        oid
        for oid, relation in after.relations.items()
        if oid in original.relations
        and relation.kind in _STORED
        and relation.scans > (before.relations[oid].scans if oid in before.relations else 0)
    }


def _locks(before: State, after: State, original: State) -> Iterator[TracedLock]:
    held, taken = _strongest(before.locks), _strongest(after.locks - before.locks)
    known = [oid for oid in taken if oid in original.relations and original.relations[oid].kind in _TABLES]
    for oid in _sorted(known, original):
        mode = taken[oid]
        if oid not in held or mode.strength > held[oid].strength:
            yield TracedLock(original.relations[oid].name, mode.value, mode.blocks)


def _strongest(locks: Iterable[tuple[int, Mode]]) -> dict[int, Mode]:
    return dict(sorted(locks, key=lambda lock: lock[1].strength))


def _blocks(held: Mapping[int, Mode], oid: int) -> str | None:
    return held[oid].blocks if oid in held else None
