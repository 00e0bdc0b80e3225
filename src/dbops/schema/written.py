"""Constraints as a statement writes them."""

from __future__ import annotations

from itertools import zip_longest
from typing import NamedTuple

from dbops.sql.nodes import Node, choice, inner


class Written(NamedTuple):
    """A ``Constraint`` node and its type, such as ``CONSTR_CHECK``; ``column`` is the one that it stands beside.

    ``enforced`` is False when NOT ENFORCED follows it there.
    """

    node: Node
    type: str
    column: str | None = None
    enforced: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a PRIMARY KEY or UNIQUE."""
        return strings(self.node.keys) or self._beside

    @property
    def referencing(self) -> tuple[str, ...]:
        """The columns of a FOREIGN KEY."""
        return strings(self.node.fk_attrs) or self._beside

    @property
    def _beside(self) -> tuple[str, ...]:
        return () if self.column is None else (self.column,)

    def validated(self, new: bool) -> bool:
        """Whether all rows are known to satisfy it; a ``new`` table has none that NOT VALID could spare."""
        return self.enforced and self.node.is_enforced and (new or not self.node.skip_validation)


def of_table(node: Node) -> Written:
    """Return a constraint that stands by itself."""
    return Written(node, choice(node, "contype"))


def of_column(definition: Node) -> tuple[Written, ...]:
    """Return the constraints of a ``ColumnDef``."""
    if not definition.constraints:
        return ()
    nodes = [inner(each) for each in definition.constraints]
    types = [choice(node, "contype") for node in nodes]
    return tuple(
        Written(node, which, definition.colname, following != "CONSTR_ATTR_NOT_ENFORCED")
        for node, which, following in zip_longest(nodes, types, types[1:])
    )


def strings(nodes: Node) -> tuple[str, ...]:
    """Return the names in a list of ``String`` nodes."""
    return tuple(inner(each).sval for each in nodes)
