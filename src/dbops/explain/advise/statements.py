"""The statements that make and undo a candidate on a table as it is, under names that nothing has. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import count

from dbops.explain.advise.candidate import Candidate
from dbops.lint.queries.written import name as quoted
from dbops.schema import children
from dbops.schema.model import Schema, Table
from dbops.schema.naming import MAX_BYTES
from dbops.sql.nodes import Relation

_HOLDING = frozenset({"table", "partition", "partitioned", "matview"})


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements without semicolons, in order; none of them locks out writes for longer than a moment."""

    name: str
    create: tuple[str, ...]
    drop: tuple[str, ...]


class Namer:
    """Gives each index a name that no relation of its schema has, nor one that was given before."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._given: set[Relation] = set()

    def name(self, candidate: Candidate) -> str:
        """Return the candidate's own name, with a number where it is taken."""
        for wanted in _numbered(candidate.name):
            relation = Relation(candidate.table.schema, wanted)
            taken = (
                relation in self._schema.tables
                or self._schema.holders.get(relation) is not None
                or relation in self._given
            )
            if not taken:
                self._given.add(relation)
                return wanted
        raise AssertionError("unreachable: there is always another number")


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in count(2):
        room = MAX_BYTES - len(str(number)) - 1
        yield f"{name.encode()[:room].decode(errors='ignore')}_{number}"


def statements(candidate: Candidate, schema: Schema, namer: Namer) -> Statements:
    """Return how to make the index without locking out writes.

    CONCURRENTLY can't be said of a partitioned table. There each partition gets its index, and all are attached to one
    that is made on the partitioned table ONLY, which is valid once the last one is.
    """
    name = namer.name(candidate)
    table = schema.tables.get(candidate.table)
    if table is None or table.kind != "partitioned":
        return Statements(name, (candidate.create(name=name),), (candidate.drop(name=name),))
    made = tuple(_partitioned(candidate, name, table, schema, namer, set()))
    return Statements(name, made, (candidate.drop(name=name, concurrently=False),))


def _partitioned(
    candidate: Candidate, name: str, table: Table, schema: Schema, namer: Namer, seen: Collection[Relation]
) -> Iterator[str]:
    yield candidate.create(name=name, concurrently=False, only=True)
    for child in children.of(schema, table):
        if child.name in seen or child.kind not in _HOLDING:
            continue
        its = replace(candidate, table=child.name)
        its_name = namer.name(its)
        if child.kind == "partitioned":
            yield from _partitioned(its, its_name, child, schema, namer, {*seen, table.name})
        else:
            yield its.create(name=its_name)
        parent = quoted(candidate.table.schema or "", name)
        yield f"ALTER INDEX {parent} ATTACH PARTITION {quoted(child.name.schema or '', its_name)}"
