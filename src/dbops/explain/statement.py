"""The one statement that is to be explained, found in what a person gives. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dbops.errors import InvalidQuery, UsageError
from dbops.sql.lexer import position
from dbops.sql.nodes import Node, choice, kind, walk
from dbops.sql.offsets import Offsets
from dbops.sql.parameters import names, numbered, places
from dbops.sql.psql import blanked
from dbops.sql.query_place import body
from dbops.sql.redact import lines as without_secrets
from dbops.sql.split import SqlSyntaxError, Statement, split

_EXPLAINABLE = {
    "SelectStmt": "SELECT",
    "InsertStmt": "INSERT",
    "UpdateStmt": "UPDATE",
    "DeleteStmt": "DELETE",
    "MergeStmt": "MERGE",
    "CreateTableAsStmt": "CREATE TABLE AS",
}
_AROUND = frozenset({"ExplainStmt", "DeclareCursorStmt", "PrepareStmt", "CopyStmt"})
_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CreateTableAsStmt"})
_TAKES = "SELECT, VALUES, INSERT, UPDATE, DELETE, MERGE or CREATE TABLE AS"


@dataclass(frozen=True, slots=True)
class Source:
    """A text that holds a query, and what it is called in messages: a file, ``stdin``, ``the command line``."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Query:
    """One statement, without its semicolon and without an EXPLAIN, PREPARE, COPY or DECLARE around it.

    ``sql`` has ``$n`` for parameters of any style; ``parameters`` says what the text calls each. ``offsets`` lead from
    ``sql`` to the source's text. ``writes`` says in words what running it would write, None for nothing. ``alone`` says
    that the source has no other statement.
    """

    sql: str
    source: Source
    offsets: Offsets = field(repr=False)
    parameters: dict[int, str] = field(default_factory=dict)
    writes: str | None = None
    alone: bool = True


def find(source: Source, number: int | None = None) -> Query:
    """Return the statement of the text, of several the one with that number (from 1).

    Raises UsageError for a text without any or a number that is none of them, InvalidQuery for a syntax error, for
    several statements without a number, and for what EXPLAIN doesn't take.
    """
    cleared, _ = blanked(source.text)
    sql, offsets = numbered(cleared)
    try:
        statements = split(sql)
    except SqlSyntaxError as error:
        hint = "correct it: `dbops lint` finds more of them in a file"
        raise invalid(source, error.message, hint, offsets.source(error.offset)) from None
    statement = _chosen(source, statements, number)
    query = _query(source, sql, offsets, statement, names(cleared))
    return replace(query, alone=len(statements) == 1)


def invalid(source: Source, message: str, hint: str, offset: int | None = None) -> InvalidQuery:
    """Return the error about a source's text, with the line and a caret below the place where one is known."""
    if offset is None:
        return InvalidQuery(f"{source.name}: {message}", hint=hint, details=[{"field": "query", "error": message}])
    line, column = position(source.text, offset)
    shown = without_secrets(source.text).split("\n")[line - 1].expandtabs(1)
    excerpt = f"{shown}\n{' ' * (column - 1)}^"
    return InvalidQuery(
        f"{source.name}:{line}:{column}: {message}",
        hint=hint,
        details=[{"field": "query", "error": message, "line": line, "column": column, "statement": excerpt}],
    )


def _chosen(source: Source, statements: tuple[Statement, ...], number: int | None) -> Statement:
    if not statements:
        raise UsageError(
            f"{source.name}: there is no query",
            hint="give one: `dbops explain 'SELECT …'`, -f FILE, or on stdin",
            details=[{"field": "query", "error": "empty"}],
        )
    if number is not None and number > len(statements):
        raise UsageError(
            f"{source.name} has {len(statements)} statement{'s' if len(statements) > 1 else ''}, no number {number}",
            hint=f"--statement takes 1 to {len(statements)}",
            details=[{"field": "--statement", "error": "too large"}],
        )
    if number is None and len(statements) > 1:
        lines = ", ".join(f"{each.index + 1} at line {each.line}" for each in statements[:8])
        more = " …" if len(statements) > 8 else ""
        raise invalid(
            source,
            f"{len(statements)} statements, and one is explained at a time",
            f"choose one with --statement N: {lines}{more}",
            statements[1].start,
        )
    return statements[(number or 1) - 1]


def _query(source: Source, sql: str, offsets: Offsets, statement: Statement, parameters: dict[int, str]) -> Query:
    start, end, node = statement.start, statement.start + len(statement.text), statement.node
    if node is not None and kind(node) in _AROUND:
        within = body(statement.text, node)
        if within is not None:
            start, end = statement.start + within.start, statement.start + within.end
            node = split(sql[start:end])[0].node
    if node is not None and kind(node) not in _EXPLAINABLE:
        raise invalid(source, f"{_called(node)} has no plan", f"EXPLAIN takes {_TAKES}", offsets.source(start))
    shown = Offsets.shifted(end - start, start).through(offsets)
    used = {number: parameters[number] for number, _, _ in places(sql[start:end])}
    return Query(sql[start:end], source, shown, used, None if node is None else _writes(node))


def _called(node: Node) -> str:
    """Return what a statement is called: ``ALTER TABLE`` where its node's name tells it."""
    name = kind(node).removesuffix("Stmt")
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in name).strip()
    return words.upper()


def _writes(node: Node) -> str | None:
    """Say what the statement writes, also in a WITH query; FOR UPDATE writes its locks into the rows."""
    for each in walk(node):
        name = kind(each)
        if name in _WRITES:
            return _EXPLAINABLE[name]
        if name == "IntoClause":
            return "SELECT INTO"
        if name == "LockingClause":
            strength = choice(each, "strength").removeprefix("LCS_FOR").lower()
            return "FOR " + {"update": "UPDATE", "nokeyupdate": "NO KEY UPDATE", "share": "SHARE"}.get(
                strength, "KEY SHARE"
            )
    return None
