"""What a statement of a log reads and writes, in terms of tables, and whether a standby would take it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dbops.sql.access import Access, accesses
from dbops.sql.fingerprint import fingerprint
from dbops.sql.nodes import Relation
from dbops.sql.purpose import Purpose
from dbops.workload.nplusone.tags import untagged
from dbops.workload.routing import Behind, judge

ANYTHING = "*"
"""What a function in SQL or a procedural language writes that is declared volatile, or reads that is stable."""
_REMEMBERED = 20_000


class Step(NamedTuple):
    """A statement: its fingerprint, or its command of transaction control; the tables that it reads and writes.

    Tables are told apart by their names without schemas: which schema a search path finds no log says. ``stays`` says
    that a standby would not take it, or that this can't be told.
    """

    name: str | None
    control: str | None = None
    chained: bool = False
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    stays: bool = False


class Facts:
    """Takes texts, gives their steps. ``below`` are the tables behind each relation, by its name as it is asked for."""

    def __init__(self, behind: Behind, below: Mapping[str, frozenset[str]]) -> None:
        self._behind = behind
        self._below = below
        self._known: OrderedDict[str, tuple[Step, ...]] = OrderedDict()

    def steps(self, sql: str) -> tuple[Step, ...]:
        """Return what each statement of a text does; nothing for one that can't be parsed."""
        name = fingerprint(untagged(sql))
        if name is None:
            return ()
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = tuple(self._steps(sql, name))
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    def _steps(self, sql: str, whole: str) -> Iterator[Step]:
        parts = accesses(sql)
        for part in parts:
            if part.control is not None:
                yield Step(None, part.control, part.chained, stays=part.purpose is not None)
                continue
            purpose = part.purpose
            yield Step(
                whole if len(parts) == 1 else fingerprint(part.text),
                reads=self._tables(purpose.relations if purpose else ()) | self._anything(purpose, self._behind.opaque),
                writes=self._tables(part.writes) | self._written(part),
                stays=purpose is not None and judge(purpose, self._behind).routable is not True,
            )

    def _tables(self, relations: frozenset[str] | tuple[()]) -> frozenset[str]:
        return frozenset().union(*(self._below.get(each, {bare(each)}) for each in relations))

    def _written(self, part: Access) -> frozenset[str]:
        """Return that any table may be written, where the statement calls what is said to write, or can't be read."""
        behind = self._behind
        if part.runs_others or (part.purpose is not None and part.purpose.unreadable is not None):
            return frozenset({ANYTHING})
        return self._anything(part.purpose, behind.volatile - behind.builtin - behind.compiled)

    def _anything(self, purpose: Purpose | None, functions: frozenset[Relation]) -> frozenset[str]:
        """Return that it may be any table, where one of these functions is called."""
        called = frozenset() if purpose is None else self._behind.called(purpose)
        return frozenset() if called.isdisjoint(functions) else frozenset({ANYTHING})


def bare(relation: str) -> str:
    """Return a relation's name without schema and quotes."""
    return relation.rsplit(".", 1)[-1].strip('"')
