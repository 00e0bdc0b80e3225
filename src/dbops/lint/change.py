"""A statement of a migration as the rules see it: its parse tree, its transaction, and the schema before it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dbops.lint.rule import Edit, Found
from dbops.lint.script import Origin, Script, State
from dbops.results.lint import Severity
from dbops.schema.model import Schema, Table
from dbops.sql import locks
from dbops.sql.lexer import Kind, code
from dbops.sql.lock_modes import Lock
from dbops.sql.nodes import Node, Relation, inner, relation
from dbops.sql.quote import identifier
from dbops.sql.split import Statement


@dataclass(frozen=True, slots=True)
class Word:
    """A token of a statement that is no blank, comment or literal: its text in upper case, its place in the script."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Change:
    """``statement`` of ``script``, whose ``node`` is its parse tree, before which ``state`` holds."""

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

    def table(self, name: Relation | None = None) -> Table | None:
        """Return what is known of a table (without a name: of the target) before the statement."""
        return self.schema.table(name or self.target)

    def is_new(self, name: Relation | None = None) -> bool:
        """Whether the script itself made the table, so that nobody else can see it or wait for it."""
        return self.schema.qualified(name or self.target) in self.state.made

    def undone(self, name: Relation, column: str | None = None) -> bool:
        """Whether this is a down, and the table (or its column) was made by the up that it undoes."""
        if self.script.base is None:
            return False
        before = self.script.base.table(name)
        return before is None or (column is not None and before.column(column) is None)

    @cached_property
    def commands(self) -> tuple[Node, ...]:
        """The subcommands of an ALTER TABLE."""
        return tuple(inner(command) for command in self.node.cmds)

    @cached_property
    def locks(self) -> tuple[Lock, ...]:
        """The locks it takes on relations that exist before it, the strongest first."""
        return locks.taken(self.node).locks

    def held(self) -> Iterator[tuple[Statement, Lock]]:
        """Yield the locks that earlier statements of the transaction hold on tables the script did not make."""
        for statement in self.earlier:
            for lock in locks.taken(statement.node).locks:
                if not (lock.named and self._made(lock)):
                    yield statement, lock

    def _made(self, lock: Lock) -> bool:
        return any(lock.relation in {str(name), name.name, identifier(name.name)} for name in self.state.made)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The statement's words and signs, in order."""
        text, start = self.statement.text, self.statement.start
        silent = {Kind.STRING, Kind.DOLLAR}
        return tuple(
            Word(text[token.start : token.end].upper(), start + token.start, start + token.end)
            for token in code(text)
            if token.kind not in silent
        )

    def word(self, *texts: str, after: int = 0) -> Word | None:
        """Return the last word of the first place, from offset ``after`` on, where these stand in a row.

        Offsets are those of the script. None when they stand nowhere.
        """
        words = [word for word in self.words if word.start >= after]
        for index in range(len(words) - len(texts) + 1):
            if all(words[index + step].text == text for step, text in enumerate(texts)):
                return words[index + len(texts) - 1]
        return None

    def place(self, location: int, words: int = 1) -> tuple[int, int]:
        """Return start and end of ``words`` tokens from where a node's ``location`` points to."""
        start = self.statement.offset(location)
        ends = [word.end for word in self.words if word.start >= start][:words]
        return start, ends[-1] if ends else self.statement.start + len(self.statement.text)

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
