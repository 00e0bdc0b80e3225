"""The foreign keys that a statement makes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.lint.changes.change import Change
from dbops.sql.nodes import Node, Relation, choice, definition, inner, kind, relation

_NAMED_WORDS = 4  # CONSTRAINT name FOREIGN KEY


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key from ``columns`` to ``table``, written in ``words`` words from a parse tree's ``location`` on."""

    columns: tuple[str, ...]
    table: Relation
    location: int
    words: int


def references(change: Change) -> Iterator[Reference]:
    """Yield the foreign keys of a CREATE TABLE or ALTER TABLE."""
    for element in _elements(change):
        if kind(element) == "Constraint":
            yield from _reference(element, tuple(inner(each).sval for each in element.fk_attrs))
        elif kind(element) == "ColumnDef":
            for constraint in map(inner, element.constraints):
                yield from _reference(constraint, (element.colname,))


def _elements(change: Change) -> list[Node]:
    if kind(change.node) == "CreateStmt":
        return [inner(item) for item in change.node.table_elts]
    adds = {"AT_AddColumn", "AT_AddConstraint"}
    return [definition(command) for command in change.commands if choice(command, "subtype") in adds]


def _reference(constraint: Node, columns: tuple[str, ...]) -> Iterator[Reference]:
    if choice(constraint, "contype") == "CONSTR_FOREIGN":
        words = _NAMED_WORDS if constraint.conname else 2
        yield Reference(columns, relation(constraint.pktable), constraint.location, words)
