"""Reading a table in pages by a key, as SQL for hints. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.lint.queries import passages
from dbops.lint.queries.predicates import integer, unwrapped
from dbops.lint.queries.query import Query, Source, folded
from dbops.schema.model import Table
from dbops.sql.nodes import Relation
from dbops.sql.query import exp


def key(source: Source, *, qualify: bool = False) -> tuple[str, ...]:
    """Return a unique key's columns as SQL; ``id`` where nothing is known of a table; nothing without a key."""
    table = source.table
    if table is None or (table.primary_key is None and not table.complete):
        columns: tuple[str | None, ...] = ("id",) if source.relation is not None else ()
    else:
        columns = _unique(table) if table.primary_key is None else table.primary_key.columns
    return tuple(str(Relation(source.alias if qualify else None, column)) for column in columns if column is not None)


def _unique(table: Table) -> tuple[str, ...]:
    """Return the columns of a unique key without NULLs, in the table's order."""
    for columns in table.keys:
        known = [column for column in table.columns if column.name in columns]
        if len(known) == len(columns) and all(column.nullable is False for column in known):
            return tuple(column.name for column in known)
    return ()


def ordering(query: Query, node: exp.Expr) -> list[tuple[exp.Column, bool]] | None:
    """Return the columns a query is ordered by, each with whether descending; None when it is by something else."""
    order = node.args.get("order")
    found = []
    for each in () if order is None else order.expressions:
        column = _meant(node, unwrapped(each.this))
        if not isinstance(column, exp.Column):
            return None
        found.append((column, bool(each.args.get("desc"))))
    return found


def _meant(node: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Return what a number or an output's name in ORDER BY stands for."""
    items = node.expressions if isinstance(node, exp.Select) else []
    place = integer(value)
    if place is not None and 0 < place <= len(items):
        item: exp.Expr = items[place - 1].unalias()
        return item
    if isinstance(value, exp.Column) and value.args.get("table") is None:
        for item in items:
            if isinstance(item, exp.Alias) and folded(item.args.get("alias")) == folded(value.this):
                return item.unalias()
    return value


def next_page(query: Query, node: exp.Expr, columns: Sequence[str], *, down: bool = False, count: str = "100") -> str:
    """Return the condition, order and limit of the page behind a row with these columns, as SQL to add to a query."""
    where = node.args.get("where")
    joint = "WHERE" if where is None else "AND"
    if where is not None and isinstance(where.this, exp.Or):  # binds less tightly than the AND
        joint = f"WHERE ({passages.text(query, where.this)}) AND"
    order = ", ".join(column + (" DESC" if down else "") for column in columns)
    behind = f"{joint} {row(columns)} {'<' if down else '>'} {_placeholders(query, len(columns))}"
    grouped = ", ".join(query.text(each) for each in group.expressions) if (group := node.args.get("group")) else ""
    return f"{behind}{f' GROUP BY {grouped}' if grouped else ''} ORDER BY {order} LIMIT {count}"


def _placeholders(query: Query, count: int) -> str:
    """Return parameters that the query does not have yet: ``$1``, or a row ``($2, $3)``."""
    used = (each.name for each in query.tree.find_all(exp.Parameter))
    first = max((int(name) for name in used if name.isdecimal()), default=0) + 1
    return row([f"${first + number}" for number in range(count)])


def row(parts: Sequence[str]) -> str:
    """Return the one part alone, several as a row."""
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
