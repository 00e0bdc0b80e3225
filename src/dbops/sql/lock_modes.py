"""Relation locks as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from dbops.sql.nodes import Node, Relation, relation


class Mode(StrEnum):
    """A relation lock in PostgreSQL's words, from the weakest to the strongest."""

    ACCESS_SHARE = "ACCESS SHARE"
    ROW_SHARE = "ROW SHARE"
    ROW_EXCLUSIVE = "ROW EXCLUSIVE"
    SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
    SHARE = "SHARE"
    SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
    EXCLUSIVE = "EXCLUSIVE"
    ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

    @property
    def strength(self) -> int:
        """1 for the weakest to 8: PostgreSQL's own lock numbers."""
        return _STRENGTH[self]

    @property
    def blocks(self) -> str:
        """What of an application's work waits for this lock: the conflicts of lock.c, in three classes."""
        if self is Mode.ACCESS_EXCLUSIVE:
            return "reads and writes"
        return "writes" if self.strength >= Mode.SHARE.strength else "nothing but other DDL"


_STRENGTH = {mode: number for number, mode in enumerate(Mode, start=1)}


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on an existing relation.

    ``relation`` is its name as the statement writes it; where the statement does not name it (``named`` false), a
    phrase such as ``the table of index i``.
    """

    mode: Mode
    relation: str
    named: bool = True


@dataclass(frozen=True, slots=True)
class Unknown:
    """Relations that a statement may lock but its text does not tell: ``what``, in a phrase."""

    what: str


Fact = Lock | Unknown


def on(mode: Mode, target: Node | Relation) -> Lock:
    """Return a lock on what a ``RangeVar`` or a Relation names."""
    return Lock(mode, str(target if isinstance(target, Relation) else relation(target)))


def on_unnamed(mode: Mode, phrase: str) -> Lock:
    """Return a lock on relations the statement does not name."""
    return Lock(mode, phrase, named=False)


def without_unknown(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Leave out what only running would do: a view's query, say, is analysed but not run."""
    return (fact for fact in facts if isinstance(fact, Lock))
