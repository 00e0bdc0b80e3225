"""What the indexes there are already do for a candidate, and it for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.candidates.scene import asking, scene
from dbops.explain.advise.candidates.terms import canonical
from dbops.explain.advise.facts import ExistingIndex, Facts
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation
from dbops.sql.query import QueryUnreadable, exp


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides whether one index can stand in for another; expressions in one spelling for all."""

    method: str
    predicate: str
    keys: tuple[tuple[str, str | None], ...]
    directions: tuple[tuple[bool, bool], ...]
    include: frozenset[str]

    def begins(self, other: _Shape) -> bool:
        """Whether the other's keys begin with all of these, read in this direction or backwards."""
        size = len(self.keys)
        if (self.method, self.predicate, self.keys) != (other.method, other.predicate, other.keys[:size]):
            return False
        theirs = other.directions[:size]
        return self.directions in {theirs, tuple((not down, not first) for down, first in theirs)}

    @property
    def columns(self) -> frozenset[str]:
        """All columns that the index holds."""
        return self.include | {key for key, _ in self.keys}


class Existing:
    """The indexes of the tables that candidates are for."""

    def __init__(self, facts: Facts, schema: Schema) -> None:
        self._facts = facts
        self._schema = schema
        self._spelled: dict[tuple[Relation, str], str] = {}

    def holder(self, candidate: Candidate) -> str | None:
        """Return an index that has all of a candidate: its keys in front, its method, rows and operators."""
        wanted = self._of_candidate(candidate)
        for index in self._of(candidate):
            found = self._of_index(candidate.table, index)
            if index.valid and not index.collated and wanted.begins(found) and wanted.include <= found.columns:
                return index.name
        return None

    def redundant(self, candidate: Candidate) -> tuple[str, ...]:
        """Return the indexes that nobody needs any more once the candidate is there."""
        made = self._of_candidate(candidate)
        return tuple(
            index.name
            for index in self._of(candidate)
            if not (index.needed or index.unique or index.collated)
            and (found := self._of_index(candidate.table, index)).begins(made)
            and found.include <= made.columns
        )

    def _of(self, candidate: Candidate) -> Sequence[ExistingIndex]:
        return self._facts.table(candidate.table).indexes

    def _of_candidate(self, candidate: Candidate) -> _Shape:
        return self._shape(candidate.table, candidate.method, candidate.predicate, candidate.keys, candidate.include)

    def _of_index(self, table: Relation, index: ExistingIndex) -> _Shape:
        return self._shape(table, index.method, index.predicate, index.keys, index.include)

    def _shape(
        self, table: Relation, method: str, predicate: str | None, keys: Sequence[Key], include: Iterable[str]
    ) -> _Shape:
        return _Shape(
            method,
            "" if predicate is None else self._spelling(table, predicate),
            tuple((key.column or self._spelling(table, key.expression), _bare(key.opclass)) for key in keys),
            tuple((key.descending, key.descending if key.nulls_first is None else key.nulls_first) for key in keys),
            frozenset(include),
        )

    def _spelling(self, table: Relation, sql: str) -> str:
        """Return what is the same for all spellings of an expression; the text itself where it can't be read."""
        if (table, sql) not in self._spelled:
            self._spelled[table, sql] = self._canonical(table, sql)
        return self._spelled[table, sql]

    def _canonical(self, table: Relation, sql: str) -> str:
        try:
            read = scene(asking(table, outputs=f"({sql})"), self._schema, self._facts)
        except QueryUnreadable:
            return sql
        outputs = read.query.tree.expressions if isinstance(read.query.tree, exp.Select) else []
        return canonical(read.query, outputs[0]) if len(outputs) == 1 else sql


def _bare(opclass: str | None) -> str | None:
    """Return an operator class without its schema."""
    return None if opclass is None else opclass.rpartition(".")[2].strip('"')
