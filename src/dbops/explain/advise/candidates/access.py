"""What a condition asks of one table, as far as an index could answer it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dbops.explain.advise.candidates.scene import Scene
from dbops.explain.advise.candidates.terms import Found, Term, term, whole, written
from dbops.lint.queries.predicates import unwrapped
from dbops.sql.query import exp


class How(StrEnum):
    """How an index would be asked."""

    EQUAL = "equal"
    """For one value: what follows in the index keeps its order."""
    SEVERAL = "several"
    """For any of several values."""
    RANGE = "range"
    PREFIX = "prefix"
    """For how text begins."""
    INVERTED = "inverted"
    """For what is in a value: an index of another method than btree, named by the opclass."""
    ONLY = "only"
    """Not at all; but it may say which rows a partial index holds."""


@dataclass(frozen=True, slots=True)
class Access:
    """A condition on ``term`` of the item ``source`` (the ``id()`` of its node).

    ``text`` is how the query writes it, None where that can't be told. ``partners`` are the items that the other side
    is made of, none for constants. ``predicate`` is the condition as a partial index's WHERE, where it is of the
    query's own constants alone. ``row`` are the terms that follow in a comparison of rows. ``opclass`` is that of an
    inverted index, ``extension`` what has it; ``remark`` says what keeps the planner from using the index although it
    seems to fit.
    """

    source: int
    term: Term
    how: How
    text: str | None
    partners: frozenset[int] = frozenset()
    predicate: str | None = None
    row: tuple[Term, ...] = ()
    opclass: str | None = None
    extension: str | None = None
    remark: str | None = None

    @property
    def constant(self) -> bool:
        """Whether it compares with what is known before the table is read."""
        return not self.partners


_CONSTANTS = (
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Cast,
    exp.DataType,
    exp.DataTypeParam,
    exp.Array,
    exp.Tuple,
    exp.Neg,
    exp.Paren,
    exp.Any,
)
_MOST_PARTS = 100
"""Nodes of a condition that may say what a partial index holds: a longer one is a program's list of values."""


def indexable(scene: Scene, node: exp.Expr) -> Found | None:
    """Return the term that an expression is, None where there can be no index on it."""
    found = term(scene.query, node, scene.facts)
    return found if found is not None and scene.table(found[0]) is not None else None


def made(
    scene: Scene,
    node: exp.Expr,
    found: Found,
    how: How,
    *,
    partners: frozenset[int] = frozenset(),
    predicate: bool = False,
    row: tuple[Term, ...] = (),
) -> Access:
    """Return what the condition ``node`` asks; with ``predicate`` it may say which rows a partial index holds."""
    source, asked = found
    text = written(scene.query, node)
    fixed = predicate and not partners and text is not None and _is_fixed(node)
    where = whole(scene.query, node) if fixed and scene.is_constant_of_its_own(text or "") else None
    return Access(id(source.node), asked, how, text, partners, where, row)


def text_of(node: exp.Expr) -> str | None:
    """Return the text of a literal, perhaps cast."""
    node = unwrapped(node)
    while isinstance(node, exp.Cast):
        node = unwrapped(node.this)
    return str(node.name) if isinstance(node, exp.Literal) and node.is_string else None


def _is_fixed(node: exp.Expr) -> bool:
    """Whether a condition is about one column and constants that are written out."""
    columns = sum(isinstance(each, exp.Column) for each in node.walk())
    parts = sum(1 for _ in node.walk())
    sides = () if isinstance(node, exp.Column) else node.iter_expressions()
    return (
        columns == 1 and parts <= _MOST_PARTS and all(is_constant(each) for each in sides if not each.find(exp.Column))
    )


def is_constant(node: exp.Expr) -> bool:
    """Whether an expression is a constant that is written out."""
    return all(isinstance(each, _CONSTANTS) for each in node.walk())
