"""Which columns of which tables a query gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from dbops.sql.nodes import Node, Relation, inner, kind, relation


class Column(NamedTuple):
    """A column by its name; ``relation`` is None where the text does not say whose it is."""

    relation: Relation | None
    name: str


class Selection(NamedTuple):
    """What a query reads and gives.

    ``relations`` are the tables of its FROM by the names that they have in it. ``columns`` are those that it gives as
    they are, ``stars`` the tables of which it gives all.
    """

    relations: Mapping[str, Relation]
    columns: frozenset[Column]
    stars: frozenset[Relation]

    def column(self, parts: Sequence[str]) -> Column:
        """Return the column that a name's parts (``a.b`` is two) mean in the query."""
        *qualifier, name = parts
        if qualifier:
            # schema.table.column names its table itself, unless FROM gives it another name.
            whole = Relation(qualifier[-2] if len(qualifier) > 1 else None, qualifier[-1])
            return Column(self.relations.get(qualifier[-1], whole), name)
        only = next(iter(self.relations.values())) if len(self.relations) == 1 else None
        return Column(only, name)


@lru_cache(maxsize=4096)
def selection(sql: str) -> Selection | None:
    """Return what a query reads and gives, of a cursor's its query; None for what is no single query of tables."""
    select = _select(sql)
    if select is None:
        return None
    relations = {name: found for source in select.from_clause for name, found in _tables(inner(source))}
    plain = Selection(relations, frozenset(), frozenset())
    columns: set[Column] = set()
    stars: set[Relation] = set()
    for target in select.target_list:
        value = inner(inner(target).val)
        if kind(value) != "ColumnRef":
            continue
        parts = [inner(field) for field in value.fields]
        names = [part.sval for part in parts if kind(part) == "String"]
        if kind(parts[-1]) != "A_Star":
            columns.add(plain.column(names))
        elif names:
            owner = plain.column([*names, "*"]).relation
            stars |= {owner} if owner is not None else set()
        else:
            stars |= set(relations.values())
    return Selection(relations, frozenset(columns), frozenset(stars))


def _select(sql: str) -> Node | None:
    from postgast import PgQueryError, parse

    try:
        tree = parse(sql)
    except (PgQueryError, UnicodeEncodeError, ValueError):
        return None
    node = inner(tree.stmts[0].stmt) if len(tree.stmts) == 1 else None
    if node is not None and kind(node) == "DeclareCursorStmt":
        node = inner(node.query)
    return node if node is not None and kind(node) == "SelectStmt" and node.from_clause else None


def _tables(source: Node) -> Iterator[tuple[str, Relation]]:
    match kind(source):
        case "RangeVar":
            yield source.alias.aliasname or source.relname, relation(source)
        case "JoinExpr":
            yield from _tables(inner(source.larg))
            yield from _tables(inner(source.rarg))
