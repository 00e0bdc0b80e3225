"""Asking the rules about a script. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from dbops.lint.change import Change
from dbops.lint.rule import MIGRATION, QUERY, Found, Rule
from dbops.lint.rules import NOT_ANALYSED, rules
from dbops.lint.script import Origin, Script, State, states
from dbops.results.lint import Severity
from dbops.sql.nodes import kind
from dbops.sql.split import Statement


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding of a rule about a statement of a script; offsets are the script's."""

    rule: str
    severity: Severity
    found: Found
    statement: Statement | None

    @property
    def span(self) -> tuple[int, int]:
        """Where it is: the part that was found, or the statement's first token to its end."""
        if self.found.start is not None and self.found.end is not None:
            return self.found.start, self.found.end
        if self.statement is None:
            return 0, 0
        return self.statement.start, self.statement.start + len(self.statement.text)


def examine(script: Script, selected: Collection[str] | None = None) -> Iterator[Hit]:
    """Yield what the rules find, statement by statement; ``selected`` are slugs, None the rules' own defaults."""
    migration = [rule for rule in rules(MIGRATION) if _chosen(rule, selected)]
    query = [rule for rule in rules(QUERY) if _chosen(rule, selected)]
    if script.origin is Origin.MIGRATION:
        query = [rule for rule in query if rule.in_migrations]
    for statement, state in states(script):
        if statement.node is None:
            yield _not_analysed(statement, "it is nested too deeply")
            continue
        yield from _about_change(script, statement, state, migration)
        yield from _about_query(script, statement, state, query)


def _chosen(rule: Rule, selected: Collection[str] | None) -> bool:
    return rule.default if selected is None else rule.slug in selected


def _about_change(script: Script, statement: Statement, state: State, asked: list[Rule]) -> Iterator[Hit]:
    name = kind(statement.node)
    change = Change(script, statement, statement.node, state)
    for rule in asked:
        if rule.nodes is None or name in rule.nodes:
            yield from _hits(rule, rule.check(change), statement)


def _about_query(script: Script, statement: Statement, state: State, asked: list[Rule]) -> Iterator[Hit]:
    if not asked or kind(statement.node) not in _MAY_HOLD_QUERY:
        return
    from dbops.lint.query import Query
    from dbops.sql.query import QueryUnreadable, body, parse

    where = body(statement.text, statement.node)
    if where is None:
        return
    try:
        tree = parse(statement.text[where.start : where.end])
    except QueryUnreadable as error:
        yield _not_analysed(statement, str(error), Severity.INFO)
        return
    query = Query(
        sql=script.sql,
        start=statement.start + where.start,
        statement=statement,
        tree=tree,
        schema=state.schema,
        pg_version=script.pg_version,
        in_migration=script.origin is Origin.MIGRATION,
    )
    for rule in asked:
        yield from _hits(rule, rule.check(query), statement)


def _hits(rule: Rule, found: object, statement: Statement) -> Iterator[Hit]:
    for each in found:  # type: ignore[attr-defined]
        yield Hit(rule.slug, each.severity or rule.severity, each, statement)


def _not_analysed(statement: Statement, reason: str, severity: Severity = Severity.WARNING) -> Hit:
    found = Found(f"not looked at by any rule: {reason}", "read it with more care than the others")
    return Hit(NOT_ANALYSED, severity, found, statement)


_MAY_HOLD_QUERY = frozenset(
    {
        "SelectStmt",
        "InsertStmt",
        "UpdateStmt",
        "DeleteStmt",
        "MergeStmt",
        "ViewStmt",
        "CreateTableAsStmt",
        "DeclareCursorStmt",
        "ExplainStmt",
        "PrepareStmt",
        "CopyStmt",
    }
)
