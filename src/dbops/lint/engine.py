"""Asking the rules about a script. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from dbops.lint.changes.change import Change
from dbops.lint.options import Selection, slugs
from dbops.lint.rule import MIGRATION, QUERY, Found, Rule
from dbops.lint.rules import NOT_ANALYSED, rules, slugs_of
from dbops.lint.script import Origin, Script, State, states
from dbops.results.lint import Severity
from dbops.sql.lexer import code
from dbops.sql.nodes import kind
from dbops.sql.query_place import begins_query, body
from dbops.sql.rows import only_constants
from dbops.sql.split import Statement

if TYPE_CHECKING:
    from dbops.lint.queries.query import Query


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding of a rule about a statement of a script; offsets are the script's."""

    rule: str
    severity: Severity
    found: Found
    statement: Statement
    failed: bool = False
    """Whether this is about a rule that failed, which it need not do the next time."""

    @property
    def span(self) -> tuple[int, int]:
        """Where it is: the part that was found, or the statement's first token."""
        if self.found.start is not None and self.found.end is not None:
            return self.found.start, self.found.end
        start = self.statement.start
        first = next(code(self.statement.text), None)
        return start, start + (first.end if first else 0)


def examine(script: Script, selected: Selection | Collection[str] | None = None) -> Iterator[Hit]:
    """Yield what the rules find, statement by statement.

    ``selected`` says which rules are asked: slugs alone name them, None are the rules that run by default.
    """
    if not isinstance(selected, Selection):
        names = frozenset(selected) if selected is not None else None
        selected = Selection(slugs(), frozenset()) if names is None else Selection(names, names)
    for statement, state in states(script):
        where = _query_in(statement)
        if statement.node is not None:
            yield from _about_change(script, statement, state, selected)
            yield from _unseen(statement)
        elif where is None:
            yield _not_analysed(statement, "it is nested too deeply")
        if where is not None and not selected.slugs.isdisjoint(slugs_of(QUERY)):
            yield from _about_query(script, statement, where, state, selected)


@lru_cache(maxsize=1000)
def _asked_about(node: str, selection: Selection) -> tuple[Rule, ...]:
    """Return the rules about a kind of statement."""
    return tuple(
        rule for rule in rules(MIGRATION) if selection.takes(rule) and (rule.nodes is None or node in rule.nodes)
    )


@lru_cache(maxsize=100)
def _asked_about_queries(selection: Selection, in_migration: bool, partial: bool) -> tuple[Rule, ...]:
    asked = (rule for rule in rules(QUERY) if selection.takes(rule))
    return tuple(
        rule for rule in asked if (rule.in_migrations or not in_migration) and not (rule.needs_whole and partial)
    )


def _about_change(script: Script, statement: Statement, state: State, selection: Selection) -> Iterator[Hit]:
    change = Change(script, statement, statement.node, state)
    return _hits(_asked_about(kind(statement.node), selection), change, statement)


def _query_in(statement: Statement) -> tuple[int, int] | None:
    """Return where the statement's text holds a query that rules can say something about."""
    node = statement.node
    if node is None:  # PostgreSQL's tree of it was too deep to be handed out, which the other parser's need not be
        return (0, len(statement.text)) if begins_query(statement.text) else None
    # No rule finds anything in rows of constants, and there may be megabytes of them.
    return None if only_constants(node) else body(statement.text, node)


def _about_query(
    script: Script, statement: Statement, where: tuple[int, int], state: State, selection: Selection
) -> Iterator[Hit]:
    from dbops.lint.queries.query import Query
    from dbops.sql.query import QueryUnreadable, parse

    try:
        tree = parse(statement.text[slice(*where)])
    except QueryUnreadable as error:
        yield _not_analysed(statement, str(error), Severity.INFO)
        return
    query = Query(
        sql=script.sql,
        start=statement.start + where[0],
        statement=statement,
        tree=tree,
        schema=state.schema,
        pg_version=script.pg_version,
        in_migration=script.origin is Origin.MIGRATION,
    )
    partial = statement.index in script.partial
    yield from _hits(_asked_about_queries(selection, query.in_migration, partial), query, statement)


def _hits(asked: Iterable[Rule], subject: Change | Query, statement: Statement) -> Iterator[Hit]:
    for rule in asked:
        try:
            for found in rule.check(subject):
                yield Hit(rule.slug, found.severity or rule.severity, found, statement)
        except Exception as error:  # what the other rules find is to be said all the same
            reason = f"{rule.slug} failed with {type(error).__name__}, a defect of dbops"
            yield replace(_not_analysed(statement, reason), failed=True)


def _unseen(statement: Statement) -> Iterator[Hit]:
    if kind(statement.node) == "DoStmt":
        yield _not_analysed(statement, "what the block does is known only when it runs", Severity.INFO)


def _not_analysed(statement: Statement, reason: str, severity: Severity = Severity.WARNING) -> Hit:
    found = Found(f"not looked at by every rule: {reason}", "read it with more care than the others")
    return Hit(NOT_ANALYSED, severity, found, statement)
