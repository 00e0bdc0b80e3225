"""A query as the rules see it: its tree, where its nodes stand, and what the schema knows of its tables. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.schema.model import Column, Schema, Table
from dbops.sql.nodes import Relation
from dbops.sql.query import Span, exp, span
from dbops.sql.split import Statement

_READERS = (exp.Select, exp.Update, exp.Delete, exp.Merge)


@dataclass(frozen=True, slots=True)
class Source:
    """One item of a FROM, or the target of a write, by the name it goes by in its query.

    ``relation`` is None for a subquery, a function or a CTE; ``table`` is what the schema knows of the relation.
    """

    alias: str
    node: exp.Expr
    relation: Relation | None = None
    table: Table | None = None


@dataclass(frozen=True)
class Query:
    """``sql`` is the script's text, in which ``tree``'s own text begins at character ``start``."""

    sql: str
    start: int
    statement: Statement
    tree: exp.Expr
    schema: Schema = field(repr=False)
    pg_version: int = 18
    in_migration: bool = False

    def span(self, node: exp.Expr) -> Span:
        """Return where the node stands in the script; the whole statement for one whose place is not known."""
        within = span(node)
        if within is None:
            return Span(self.statement.start, self.statement.start + len(self.statement.text))
        return Span(self.start + within.start, self.start + within.end)

    def text(self, node: exp.Expr) -> str:
        """Return the node's source text, from its first to its last token that has a place."""
        start, end = self.span(node)
        return self.sql[start:end]

    def found(
        self, node: exp.Expr, message: str, hint: str | None = None, *, severity: Severity | None = None
    ) -> Found:
        """Return a finding at the node."""
        start, end = self.span(node)
        return Found(message, hint, start, end, severity)

    @cached_property
    def selects(self) -> tuple[exp.Select, ...]:
        """Every SELECT of the statement, outer ones first."""
        return tuple(self.tree.find_all(exp.Select))

    def sources(self, reader: exp.Expr) -> tuple[Source, ...]:
        """Return what a SELECT, UPDATE, DELETE or MERGE reads itself (not what its subqueries read)."""
        return tuple(self._source(node) for node in _items(reader))

    def reader(self, node: exp.Expr) -> exp.Expr | None:
        """Return the nearest SELECT, UPDATE, DELETE or MERGE that the node stands in."""
        parent = node.parent
        while parent is not None and not isinstance(parent, _READERS):
            parent = parent.parent
        return parent

    def origin(self, column: exp.Column) -> tuple[Source, Column | None] | None:
        """Return the item of a FROM that a column comes from, and the column if the schema knows it.

        None when it can't be told, as of an unqualified column among several tables that are not all known.
        """
        wanted = folded(column.args.get("table"))
        reader = self.reader(column)
        while reader is not None:
            sources = self.sources(reader)
            found = _qualified(sources, wanted) if wanted else _unqualified(sources, folded(column.this))
            if found is not None:
                known = None if found.table is None else found.table.column(folded(column.this))
                return found, known
            if not wanted and not _surely_elsewhere(sources):
                return None
            reader = self.reader(reader)
        return None

    def _source(self, node: exp.Expr) -> Source:
        alias = folded(node.args["alias"].this) if node.args.get("alias") else folded(node.this)
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
            return Source(alias, node)
        schema = folded(node.args.get("db")) or None
        relation = Relation(schema, folded(node.this))
        if schema is None and relation.name in self.ctes(node):
            return Source(alias, node)
        return Source(alias, node, relation, self.schema.table(relation))

    def ctes(self, node: exp.Expr) -> dict[str, exp.CTE]:
        """Return the WITH queries that can be named where the node stands."""
        found: dict[str, exp.CTE] = {}
        parent = node.parent
        while parent is not None:
            clause = parent.args.get("with_")
            if clause is not None:
                for cte in clause.expressions:
                    found.setdefault(folded(cte.args["alias"].this), cte)
            parent = parent.parent
        return found


def folded(identifier: object) -> str:
    """Return a name after PostgreSQL's case folding; "" for what is no name."""
    if not isinstance(identifier, exp.Identifier):
        return ""
    return str(identifier.this) if identifier.args.get("quoted") else str(identifier.this).lower()


def _items(reader: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the items of a FROM, its joins included, and the target of a write."""
    if not isinstance(reader, exp.Select) and isinstance(reader.this, exp.Table):
        yield reader.this
    clauses = [reader.args.get("from_"), reader.args.get("using")]
    for clause in clauses:
        for item in clause if isinstance(clause, list) else [clause]:
            if isinstance(item, exp.From):
                yield from _with_joins(item.this)
            elif isinstance(item, exp.Expr):
                yield from _with_joins(item)
    for join in reader.args.get("joins") or ():
        yield from _with_joins(join.this)


def _with_joins(item: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(item, exp.Paren):
        yield from _with_joins(item.this)
        return
    yield item
    for join in item.args.get("joins") or ():
        yield from _with_joins(join.this)


def _qualified(sources: tuple[Source, ...], alias: str) -> Source | None:
    return next((source for source in sources if source.alias == alias), None)


def _unqualified(sources: tuple[Source, ...], name: str) -> Source | None:
    """Return the only source that can have the column."""
    having = [source for source in sources if source.table is not None and source.table.column(name) is not None]
    if len(having) == 1:
        return having[0]
    if len(sources) == 1 and not having and not _surely_elsewhere(sources):
        return sources[0]
    return None


def _surely_elsewhere(sources: tuple[Source, ...]) -> bool:
    """Whether all columns of these are known, so that one they lack is an outer query's."""
    return all(source.table is not None and source.table.complete for source in sources)
