"""A direction of a migration as it will be run: its statements, and whether they share a transaction. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dbops.errors import InvalidMigration
from dbops.files.migration import Migration, Section, at_line, line_and_column
from dbops.sql.split import CopyFromStdin, PsqlCommand, SqlSyntaxError, Statement, split
from dbops.sql.transactions import alone, control, unwrap

UP = "up"
DOWN = "down"


@dataclass(frozen=True, slots=True)
class Script:
    """``sql`` is the section's text (an outer BEGIN and COMMIT blanked); offsets in it are those of the section.

    ``alone`` are the reasons, by index of statement, why a statement can't run inside a transaction.
    """

    migration: Migration
    direction: str
    section: Section
    sql: str
    statements: tuple[Statement, ...]
    alone: dict[int, str]
    transactional: bool

    def place(self, offset: int) -> tuple[int, int]:
        """Return the file's line and column of a character offset of ``sql``."""
        return line_and_column(self.migration.text_of(self.section), self.section.offset(offset))

    @property
    def path(self) -> str:
        """Return the file it stands in."""
        return self.migration.path_of(self.section)

    def line(self, statement: Statement) -> int:
        """Return the file's line on which a statement starts."""
        return self.place(statement.start)[0]

    def written(self, statement: Statement) -> str:
        """Return a statement as it stands in the file, variables by name."""
        if not self.section.spans:
            return statement.text
        start, end = (self.section.offset(at) for at in (statement.start, statement.start + len(statement.text)))
        return self.migration.text_of(self.section)[start:end]

    def hash(self, statement: Statement) -> str:
        """Return what tells an edited statement from the one that was run: SHA-256 of its text, blanks folded."""
        return hashlib.sha256(" ".join(self.written(statement).split()).encode()).hexdigest()

    def statement_at(self, offset: int) -> Statement | None:
        """Return the statement that an offset lies in."""
        return next((s for s in reversed(self.statements) if s.start <= offset), None)


def build(migration: Migration, direction: str) -> Script:
    """Read one direction of a migration. Raises InvalidMigration, naming file and line.

    Call it for a down only when there is one.
    """
    section = migration.up if direction == UP else migration.down
    assert section is not None, "an irreversible migration is refused before"
    try:
        statements = split(section.sql)
    except SqlSyntaxError as error:
        raise _unreadable(migration, section, error) from None
    sql, unwrapped = unwrap(section.sql, statements)
    wants = "it stands between BEGIN and COMMIT" if len(unwrapped) < len(statements) else None
    if section.transaction is True:
        wants = "the marker says transaction:true"
    statements = unwrapped
    script = Script(migration, direction, section, sql, statements, alone(statements), transactional=True)
    _refuse_control(script)
    if wants and script.alone:
        index, reason = next(iter(script.alone.items()))
        raise at_line(
            script.path,
            script.line(statements[index]),
            f"{reason} cannot run inside a transaction, and {wants}",
            "take that out, and the migration runs statement by statement with a journal",
        )
    transactional = bool(wants) or (section.transaction is not False and not script.alone)
    return Script(migration, direction, section, sql, statements, script.alone, transactional)


def _refuse_control(script: Script) -> None:
    for statement in script.statements:
        kind = control(statement.node)
        if kind is not None:
            raise at_line(
                script.path,
                script.line(statement),
                f"{kind} inside a migration: dbops begins and ends the transaction",
                "take it out (one BEGIN … COMMIT around everything is fine), or make two migrations",
            )


def _unreadable(migration: Migration, section: Section, error: SqlSyntaxError) -> InvalidMigration:
    line, column = line_and_column(migration.text_of(section), section.offset(error.offset))
    if isinstance(error, PsqlCommand):
        hint = "psql's commands are not SQL: take the line out, and write what it does as SQL"
    elif isinstance(error, CopyFromStdin):
        hint = "write the rows as INSERT (pg_dump --inserts does), or load the data outside of migrations"
    else:
        hint = "correct the SQL; nothing was run"
    return at_line(migration.path_of(section), line, section.hidden(error.message), hint, column=column)
