"""A query, or what a plan says as one, with all that is known around it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from dbops.explain.advise.facts import Facts
from dbops.lint.queries.query import Query, Source
from dbops.lint.queries.written import name as quoted
from dbops.schema.model import Schema, Table
from dbops.sql.nodes import Relation
from dbops.sql.query import exp, parse
from dbops.sql.split import Statement

_INDEXABLE = frozenset({"table", "partitioned", "partition", "matview"})
_NO_LITERALS = frozenset({"", "NULL"})


@dataclass(frozen=True, slots=True)
class Scene:
    """``parameters`` are the texts that stand in the query where it has parameters: no constants of its own."""

    query: Query
    facts: Facts
    parameters: frozenset[str] = field(default=frozenset())

    @property
    def schema(self) -> Schema:
        """The tables there are."""
        return self.query.schema

    def table(self, source: Source) -> Table | None:
        """Return the table of an item of a FROM, None where an index can't be made on it."""
        return source.table if source.table is not None and source.table.kind in _INDEXABLE else None

    def relation(self, source: Source) -> Relation | None:
        """Return its qualified name."""
        table = self.table(source)
        return None if table is None else table.name

    def is_constant_of_its_own(self, text: str) -> bool:
        """Whether a condition's text holds none of the values that parameters were given."""
        return not any(value in text for value in self.parameters - _NO_LITERALS)


def asking(
    table: Relation, *, outputs: str = "1", alias: str | None = None, where: str | None = None, order: str | None = None
) -> str:
    """Return the text of a query about one table."""
    words = ["SELECT", outputs, "FROM", quoted(table.schema or "", table.name)]
    words += [] if alias is None else ["AS", quoted(alias)]
    words += ["WHERE", where] if where else []
    return " ".join([*words, *(["ORDER BY", order] if order else [])])


def scene(sql: str, schema: Schema, facts: Facts, parameters: frozenset[str] = frozenset()) -> Scene:
    """Return the scene of one query's text. Raises QueryUnreadable."""
    tree: exp.Expr = parse(sql)
    return Scene(Query(sql, 0, Statement(sql, 0, 1, 1, 0, None), tree, schema), facts, parameters)
