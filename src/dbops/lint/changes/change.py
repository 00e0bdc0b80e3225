"""A statement of a migration as the rules see it: its parse tree, its transaction, and the schema before it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from dbops.lint.rule import Edit, Found
from dbops.lint.script import Origin, Script, State
from dbops.lint.size import described
from dbops.results.lint import Severity
from dbops.schema.model import TEMPORARY_SCHEMA, Schema, Table
from dbops.sql.lexer import Kind, code
from dbops.sql.lock_modes import Lock
from dbops.sql.nodes import Node, Relation, inner, relation
from dbops.sql.split import Statement

_AFTER_EXPRESSION = frozenset(
    {
        ",",
        "NOT",
        "NULL",
        "CHECK",
        "CONSTRAINT",
        "PRIMARY",
        "UNIQUE",
        "REFERENCES",
        "GENERATED",
        "DEFERRABLE",
        "INITIALLY",
    }
)
_NAME_PART = re.compile(r'"(?:[^"]|"")*"|[^."]+')
_DEPTH = {"(": 1, "[": 1, ")": -1, "]": -1}


class Word(NamedTuple):
    """A token of a statement that is no blank, comment or literal: its text in upper case, its place in the script."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Change:
    """``statement`` of ``script``, whose ``node`` is its parse tree, before which ``state`` holds.

    A dozen rules ask the same things of it, so the answers about its target are kept.
    """

    script: Script
    statement: Statement
    node: Node
    state: State

    @property
    def schema(self) -> Schema:
        """What is known of the schema just before the statement."""
        return self.state.schema

    @property
    def pg_version(self) -> int:
        """The major version it will run on."""
        return self.script.pg_version

    @property
    def in_transaction(self) -> bool:
        """Whether it runs in a transaction with other statements."""
        return self.state.opened is not None

    @property
    def may_stand_alone(self) -> bool:
        """Whether it could run outside of a transaction where it stands, without taking others out of theirs."""
        if self.script.origin is Origin.MIGRATION:
            return not self.script.insists and len(self.script.statements) == 1
        return not self.in_transaction

    @property
    def earlier(self) -> tuple[Statement, ...]:
        """The statements that run before it in the same transaction."""
        opened = self.state.opened
        return () if opened is None else self.script.statements[opened : self.statement.index]

    @property
    def later(self) -> tuple[Statement, ...]:
        """The statements that follow in the script."""
        return self.script.statements[self.statement.index + 1 :]

    @cached_property
    def target(self) -> Relation:
        """The relation in the node's ``relation`` field, as the statement writes it."""
        return relation(self.node.relation)

    @cached_property
    def _qualified_target(self) -> Relation:
        return self.schema.qualified(self.target)

    def _qualified(self, name: Relation | None) -> Relation:
        return self._qualified_target if name is None else self.schema.qualified(name)

    def table(self, name: Relation | None = None) -> Table | None:
        """Return what is known of a table (without a name: of the target) before the statement."""
        return self.schema.tables.get(self._qualified(name))

    def is_new(self, name: Relation | None = None) -> bool:
        """Whether the script itself made the table, so that nobody else can see it or wait for it."""
        return self._qualified(name) in self.state.made

    def undone(self, name: Relation, column: str | None = None) -> bool:
        """Whether this is a down, and the table (or its column) was made by the up that it undoes."""
        if self.script.base is None:
            return False
        before, after = self.script.base.table(name), self.script.schema.table(name)
        if before is None:
            return after is not None  # else nobody knows of it
        return column is not None and before.column(column) is None

    def is_shared(self, name: Relation | None = None) -> bool:
        """Whether others may be at work with the table: it is neither temporary nor made by this migration."""
        return self._target_is_shared if name is None else self._shared(self.schema.qualified(name))

    @cached_property
    def _target_is_shared(self) -> bool:
        return self._shared(self._qualified_target)

    def _shared(self, name: Relation) -> bool:
        return name.schema != TEMPORARY_SCHEMA and not self.is_new(name) and not self.undone(name)

    def is_partitioned(self, name: Relation | None = None) -> bool:
        """Whether the table is known to have partitions."""
        table = self.table(name)
        return table is not None and table.kind == "partitioned"

    def sized(self, name: Relation | None = None) -> str:
        """Return the table's name for a message, with its size where that is known."""
        size = described(self.table(name))
        return f"{name or self.target} ({size})" if size else str(name or self.target)

    @cached_property
    def commands(self) -> tuple[Node, ...]:
        """The subcommands of an ALTER TABLE."""
        return tuple(inner(command) for command in self.node.cmds)

    @cached_property
    def locks(self) -> tuple[Lock, ...]:
        """The locks it takes on relations that exist before it, the strongest first."""
        return self.script.locks[self.statement.index]

    def held(self) -> Iterator[tuple[Statement, Lock]]:
        """Yield the locks that earlier statements of the transaction hold on tables the script did not make."""
        for statement in self.earlier:
            for lock in self.script.locks[statement.index]:
                if not (lock.named and self.made(lock)):
                    yield statement, lock

    def made(self, lock: Lock) -> bool:
        """Whether the lock is on a relation that the script itself made."""
        return lock.named and self.is_new(locked(lock))

    def line(self, statement: Statement) -> int:
        """Return the line of the file that a statement of the script begins in."""
        if self.script.lines:
            return next(line for start, line in reversed(self.script.lines) if start <= statement.start)
        return self.script.first_line + statement.line - 1

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The statement's words and signs, in order."""
        text, start = self.statement.text, self.statement.start
        return tuple(
            Word(text[begin:end].upper(), start + begin, start + end)
            for which, begin, end in code(text)
            if which is not Kind.STRING and which is not Kind.DOLLAR
        )

    def word(self, *texts: str, after: int = 0) -> Word | None:
        """Return the last word of the first place, from offset ``after`` on, where these stand in a row.

        Offsets are those of the script. None when they stand nowhere.
        """
        first, *others = texts
        for index, word in enumerate(self.words):
            if word.text == first and word.start >= after:
                following = self.words[index : index + len(texts)]
                if [each.text for each in following[1:]] == others:
                    return following[-1]
        return None

    def place(self, location: int, words: int = 1) -> tuple[int, int]:
        """Return start and end of ``words`` tokens from where a node's ``location`` points to."""
        start = self.statement.offset(location)
        last = None
        for word in islice((word for word in self.words if word.start >= start), words):
            last = word
        return start, last.end if last else self.statement.start + len(self.statement.text)

    def pieces(self) -> tuple[tuple[int, int], ...]:
        """Return start and end of each subcommand of an ALTER TABLE: of what stands between its outermost commas."""
        return self._pieces

    @cached_property
    def _pieces(self) -> tuple[tuple[int, int], ...]:
        depth, cuts = 0, [self.statement.start]
        for word in self.words:
            depth += _DEPTH.get(word.text, 0)
            if word.text == "," and depth == 0:
                cuts += [word.start, word.end]
        cuts.append(self.statement.start + len(self.statement.text))
        found = tuple(zip(cuts[::2], cuts[1::2], strict=True))
        return found if len(found) == len(self.commands) else ((cuts[0], cuts[-1]),) * len(self.commands)

    def expression(self, location: int) -> str:
        """Return the source text of the expression behind a keyword, such as DEFAULT, that a ``location`` points to.

        It ends where PostgreSQL's grammar lets a column's next constraint begin.
        """
        start = self.statement.offset(location)
        within = [token for token in code(self.statement.text) if self.statement.start + token.start >= start][1:]
        depth, end = 0, 0
        for token in within:
            text = self.statement.text[token.start : token.end].upper()
            depth += _DEPTH.get(text, 0)
            if depth < 0 or (depth == 0 and text in _AFTER_EXPRESSION):
                break
            end = token.end
        return self.statement.text[within[0].start : end] if within and end else ""

    def inserted(self, after: Word | None, text: str) -> tuple[Edit, ...]:
        """Return the edit that puts ``text`` behind a word, or nothing without one."""
        return () if after is None else (Edit(after.end, after.end, text),)

    def found(
        self,
        message: str,
        hint: str | None = None,
        *,
        location: int | None = None,
        words: int = 1,
        severity: Severity | None = None,
        edits: tuple[Edit, ...] = (),
    ) -> Found:
        """Return a finding about the statement, or about the ``words`` tokens from a node's ``location`` on."""
        if location is None or location < 0:
            return Found(message, hint, severity=severity, edits=edits)
        start, end = self.place(location, words)
        return Found(message, hint, start, end, severity, edits)


def locked(lock: Lock) -> Relation:
    """Return the relation that a lock names."""
    return _read(lock.relation)


@lru_cache(maxsize=1000)  # every statement is asked about the locks of those before it
def _read(text: str) -> Relation:
    *schema, name = (_unquoted(part) for part in _NAME_PART.findall(text))
    return Relation(schema[-1] if schema else None, name)


def _unquoted(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part
