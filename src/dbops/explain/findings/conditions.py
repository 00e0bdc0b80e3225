"""What a plan's conditions compare: ``((o.status = 'open'::text) AND (o.total > 5))`` as terms that all must hold.

A condition is as PostgreSQL spells it for EXPLAIN. That is SQL but for what stands for subqueries, which is replaced by
a parameter that no query has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from dbops.results.plan import PlanNode
from dbops.sql import deparse
from dbops.sql.nodes import Node, choice, conjuncts, inner, kind, walk
from dbops.sql.split import SqlSyntaxError, split

_SUBQUERY = 9999
ONCE = 9998
"""The parameter that stands for the result of an InitPlan, which is the same for all rows; before 17 it has its own."""
_PLACEHOLDERS = (
    (re.compile(r"\(alternatives: [^)]*\)"), f"(${_SUBQUERY})"),
    (re.compile(r"\b(?:EXISTS|ARRAY)\((?:hashed )?SubPlan [^\s()]+\)"), f"(${_SUBQUERY})"),
    (re.compile(r"\((?:hashed |rescan )?SubPlan [^\s()]+\)"), f"(${_SUBQUERY})"),
    (re.compile(r"(?:\b(?:EXISTS|ARRAY))?\(InitPlan [^\s()]+\)"), f"(${ONCE})"),
    (re.compile(r"\((?:ANY|ALL) \("), "(matches ("),
)
_RANGES = frozenset({"<", "<=", ">", ">="})
_PLAIN_CASTS = frozenset({"text"})
"""What a column is cast to without being changed: EXPLAIN shows a varchar's comparison as one of text."""


class Comparison(Enum):
    """How a term tests what stands on its one side."""

    EQUALITY = "equality"
    RANGE = "range"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a plan names it; ``alias`` is None in a plan of a single table that is not VERBOSE."""

    alias: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its columns, the one it consists of (or None), and its SQL without tables' names."""

    columns: frozenset[Column]
    column: Column | None
    sql: str


@dataclass(frozen=True, slots=True)
class Term:
    """One of the conditions that all must hold: two sides, or one where nothing is compared with another.

    ``parameters`` are the numbers of its ``$n``, ``subquery`` says whether a subquery is run or looked up for each row.
    """

    comparison: Comparison
    sides: tuple[Side, ...]
    parameters: frozenset[int]
    subquery: bool

    @property
    def columns(self) -> frozenset[Column]:
        """All columns in it."""
        return frozenset[Column]().union(*(side.columns for side in self.sides))

    def tested(self, alias: str | None) -> Side | None:
        """Return the side that is of this table alone, where the other has nothing of it: what an index could find."""
        for side, others in ((each, [other for other in self.sides if other is not each]) for each in self.sides):
            own = side.columns and all(belongs(column, alias) for column in side.columns)
            if own and not any(belongs(column, alias) for other in others for column in other.columns):
                return side
        return None


def belongs(column: Column, alias: str | None) -> bool:
    """Whether a column is of the table with that alias; one without a table's name is of the only table there is."""
    return column.alias is None or column.alias == alias


@lru_cache(maxsize=1024)
def terms(condition: str) -> tuple[Term, ...]:
    """Return the terms of a condition; none where it can't be read, or is empty."""
    wrapper = _parsed(condition)
    return () if wrapper is None else tuple(_term(each) for each in conjuncts(wrapper))


def of_scan(node: PlanNode) -> tuple[Term, ...]:
    """Return what a scan's rows must fulfil: the index's conditions and the filter's."""
    return tuple(each for key in ("Index Cond", "Recheck Cond", "TID Cond", "Filter") for each in terms(node.text(key)))


def indexable(conditions: Iterable[Term], alias: str | None) -> tuple[str, ...]:
    """Return columns of which a B-tree would find the rows: those compared by equality, then one by range."""
    equal: dict[str, None] = {}
    ranged: dict[str, None] = {}
    for term in conditions:
        side = term.tested(alias)
        if side is None or side.column is None or term.subquery:
            continue
        if term.comparison is Comparison.EQUALITY:
            equal[side.column.name] = None
        elif term.comparison is Comparison.RANGE:
            ranged[side.column.name] = None
    ranges = [name for name in ranged if name not in equal]
    return (*equal, *ranges[:1])


@lru_cache(maxsize=256)
def whole(expression: str) -> Side | None:
    """Return an expression, such as a sort or group key, as one side; None where it can't be read."""
    wrapper = _parsed(expression)
    return None if wrapper is None else _side(wrapper)


def _parsed(condition: str) -> Node | None:
    text = condition
    for pattern, replacement in _PLACEHOLDERS:
        text = pattern.sub(replacement, text)
    if not text.strip():
        return None
    try:
        statements = split(f"SELECT WHERE {text}")
    except SqlSyntaxError:
        return None
    node = statements[0].node if len(statements) == 1 else None
    return node.where_clause if node is not None and kind(node) == "SelectStmt" and inner(node.where_clause) else None


def _term(wrapper: Node) -> Term:
    node = inner(wrapper)
    comparison, sides = Comparison.OTHER, [wrapper]
    match kind(node):
        case "A_Expr" if inner(node.lexpr) is not None and inner(node.rexpr) is not None:
            comparison, sides = _compared(node), [node.lexpr, node.rexpr]
        case "NullTest" if choice(node, "nulltesttype") == "IS_NULL":
            comparison, sides = Comparison.EQUALITY, [node.arg]
        case "ColumnRef":
            comparison = Comparison.EQUALITY
        case "BoolExpr" if choice(node, "boolop") == "NOT_EXPR" and kind(inner(node.args[0])) == "ColumnRef":
            comparison, sides = Comparison.EQUALITY, [node.args[0]]
        case "BoolExpr":
            return _combined([_term(argument) for argument in node.args])
    numbers = {each.number for each in walk(node) if kind(each) == "ParamRef"}
    return Term(comparison, tuple(map(_side, sides)), frozenset(numbers - {_SUBQUERY}), _SUBQUERY in numbers)


def _combined(inside: list[Term]) -> Term:
    """Return what stands under OR or NOT as one term, with all of its sides."""
    return Term(
        Comparison.OTHER,
        tuple(side for term in inside for side in term.sides),
        frozenset[int]().union(*(term.parameters for term in inside)),
        any(term.subquery for term in inside),
    )


def _compared(node: Node) -> Comparison:
    operator, form = inner(node.name[-1]).sval, choice(node, "kind")
    if operator == "=" and form == "AEXPR_OP":
        return Comparison.EQUALITY
    if operator == "=" and form == "AEXPR_OP_ANY" and not _columns(node.rexpr):
        return Comparison.EQUALITY
    return Comparison.RANGE if operator in _RANGES and form == "AEXPR_OP" else Comparison.OTHER


def _side(wrapper: Node) -> Side:
    return Side(_columns(wrapper), _bare(wrapper), _sql(wrapper))


def _columns(wrapper: Node) -> frozenset[Column]:
    named = (_named(each) for each in walk(wrapper) if kind(each) == "ColumnRef")
    return frozenset(column for column in named if column is not None)


def _bare(wrapper: Node) -> Column | None:
    """Return the column that a node is, or casts without changing it."""
    node = inner(wrapper)
    if kind(node) == "TypeCast" and inner(node.type_name.names[-1]).sval in _PLAIN_CASTS:
        node = inner(node.arg)
    return _named(node) if kind(node) == "ColumnRef" else None


def _named(reference: Node) -> Column | None:
    """Return the column of a reference; None for a whole row."""
    parts = [inner(field) for field in reference.fields]
    if any(kind(part) != "String" for part in parts):
        return None
    return Column(parts[-2].sval if len(parts) > 1 else None, parts[-1].sval)


def _sql(wrapper: Node) -> str:
    """Return an expression's SQL with columns that don't name their table."""
    copied = type(wrapper)()
    copied.CopyFrom(wrapper)
    for each in walk(copied):
        if kind(each) == "ColumnRef" and len(each.fields) > 1:
            del each.fields[:-1]
    return deparse.expression(copied)
