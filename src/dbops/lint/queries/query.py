"""A query as the rules see it: its tree, where its nodes stand, and what the schema knows of its tables. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from dbops.lint.queries.extents import extent, words
from dbops.lint.queries.from_items import Item, folded, hides, is_reader, items, name
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.schema.model import Column, Schema, Table
from dbops.sql.nodes import Relation
from dbops.sql.query import Span, exp
from dbops.sql.split import Statement

__all__ = ["Query", "Source", "folded"]


@dataclass(frozen=True, slots=True)
class Source:
    """One item of a FROM, or the target of a write, by the name it goes by in its query.

    ``relation`` is None for a subquery, a function or a CTE; ``table`` is what the schema knows of the relation, None
    also where an alias gives its columns other names. ``optional`` says that an outer join can make it all NULL.
    """

    alias: str
    node: exp.Expr
    relation: Relation | None = None
    table: Table | None = None
    optional: bool = False

    @property
    def known(self) -> bool:
        """Whether all its columns are known."""
        return self.table is not None and self.table.complete and bool(self.table.columns)


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
        """Return where the node stands in the script; the whole statement for one whose place is not known.

        Calls, casts and parentheses are whole; keywords at its ends are left out.
        """
        within = extent(words(self.statement.text, self.statement.start), node, self.start)
        return within or Span(self.statement.start, self.statement.start + len(self.statement.text))

    def text(self, node: exp.Expr) -> str:
        """Return the node's source text."""
        start, end = self.span(node)
        return self.sql[start:end]

    def found(
        self, node: exp.Expr, message: str, hint: str | None = None, *, severity: Severity | None = None
    ) -> Found:
        """Return a finding at the node; the whole query is found at its statement's first token."""
        if node is self.tree:
            return Found(message, hint, severity=severity)
        start, end = self.span(node)
        return Found(message, hint, start, end, severity)

    @cached_property
    def selects(self) -> tuple[exp.Select, ...]:
        """Every SELECT of the statement, outer ones first."""
        return tuple(self.tree.find_all(exp.Select))

    @cached_property
    def all_readers(self) -> tuple[exp.Expr, ...]:
        """Every SELECT, INSERT, UPDATE, DELETE and MERGE of the statement, outer ones first."""
        kinds = (exp.Select, exp.Insert, exp.Update, exp.Delete, exp.Merge)
        return tuple(node for node in self.tree.find_all(*kinds) if is_reader(node))

    @cached_property
    def bounds(self) -> dict[int, bool]:
        """What :mod:`dbops.lint.queries.bounds` found of the statement's queries, by their ``id()``."""
        return {}

    @cached_property
    def unbounded(self) -> dict[int, tuple[Source, ...]]:
        """What it found of the SELECTs and writes: the items of each FROM of which ever more rows may be read."""
        return {}

    @cached_property
    def _origins(self) -> dict[int, tuple[Source, Column | None] | None]:
        return {}

    @cached_property
    def _sources(self) -> dict[int, tuple[Source, ...]]:
        return {}

    def sources(self, reader: exp.Expr) -> tuple[Source, ...]:
        """Return what a SELECT or a write reads itself (not what its subqueries read), the write's target first."""
        found = self._sources.get(id(reader))
        if found is None:
            found = self._sources[id(reader)] = tuple(self._source(item) for item in items(reader))
        return found

    def reader(self, node: exp.Expr) -> exp.Expr | None:
        """Return the nearest SELECT, INSERT, UPDATE, DELETE or MERGE that the node stands in."""
        parent = node.parent
        while parent is not None and not is_reader(parent):
            parent = parent.parent
        return parent

    def readers(self, node: exp.Expr) -> tuple[exp.Expr, ...]:
        """Return the SELECTs and writes whose sources the node can name, inner ones first.

        What stands in a FROM without LATERAL, or in a WITH, cannot name its neighbours.
        """
        child, parent, chain = node, node.parent, []
        while parent is not None and not is_reader(parent) and not hides(child, parent):
            if id(parent) in self._readers:
                break
            if isinstance(parent, exp.Connector):  # of which thousands can stand one in another
                chain.append(id(parent))
            child, parent = parent, parent.parent
        found = self._readers.get(id(parent))
        if found is None:
            found = tuple(_visible_readers(child, parent))
        self._readers.update(dict.fromkeys(chain, found))
        return found

    @cached_property
    def _readers(self) -> dict[int, tuple[exp.Expr, ...]]:
        return {}

    def origin(self, column: exp.Column) -> tuple[Source, Column | None] | None:
        """Return the item of a FROM that a column comes from, and the column if the schema knows it.

        None when it can't be told, as of an unqualified column among several tables that are not all known.
        """
        if id(column) not in self._origins:
            self._origins[id(column)] = self._origin(column)
        return self._origins[id(column)]

    def _origin(self, column: exp.Column) -> tuple[Source, Column | None] | None:
        wanted = folded(column.args.get("table"))
        for reader in self.readers(column):
            sources = self.sources(reader)
            found = _qualified(sources, wanted) if wanted else _unqualified(sources, folded(column.this))
            if found is not None:
                known = None if found.table is None else found.table.column(folded(column.this))
                return found, known
            if not wanted and not _surely_elsewhere(sources):
                return None
        return None

    def _source(self, item: Item) -> Source:
        node, alias = item.node, name(item)
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
            return Source(alias, node, optional=item.optional)
        schema = folded(node.args.get("db")) or None
        relation = Relation(schema, folded(node.this))
        if schema is None and not item.target and relation.name in self.ctes(node):
            return Source(alias, node, optional=item.optional)
        renamed = node.args.get("alias") is not None and bool(node.args["alias"].args.get("columns"))
        return Source(alias, node, relation, None if renamed else self.schema.table(relation), item.optional)

    def ctes(self, node: exp.Expr) -> dict[str, exp.CTE]:
        """Return the WITH queries that can be named where the node stands."""
        found: dict[str, exp.CTE] = {}
        child, parent = node, node.parent
        within: exp.Expr | None = None
        while parent is not None:
            clause = parent.args.get("with_")
            if isinstance(parent, exp.With):
                within = child
            elif clause is not None:
                for cte in _nameable(clause, within if child is clause else None):
                    found.setdefault(folded(cte.args["alias"].this), cte)
            child, parent = parent, parent.parent
        return found

    def inner(self, source: Source) -> exp.Expr | None:
        """Return the query that a subquery, LATERAL subquery or WITH query in FROM stands for; None for others."""
        node = source.node
        if isinstance(node, exp.Lateral):
            node = node.this
        if isinstance(node, exp.Subquery):
            return node
        if isinstance(node, exp.Table) and source.relation is None and isinstance(node.this, exp.Identifier):
            cte = self.ctes(node).get(folded(node.this))
            return None if cte is None else cte.this
        return None


def _visible_readers(child: exp.Expr, parent: exp.Expr | None) -> Iterator[exp.Expr]:
    hidden = False
    while parent is not None:
        hidden = hidden or hides(child, parent)
        if is_reader(parent):
            if not hidden:
                yield parent
            hidden = False
        elif isinstance(child, exp.With):
            hidden = False
        child, parent = parent, parent.parent


def _nameable(clause: exp.Expr, within: exp.Expr | None) -> Iterator[exp.CTE]:
    """Yield the queries of a WITH that can be named behind it, or in ``within``, one of them: those before it."""
    for cte in clause.expressions:
        if cte is within and not clause.args.get("recursive"):
            return
        yield cte


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
