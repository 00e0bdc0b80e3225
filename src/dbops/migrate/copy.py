"""A copy of a target's schema in a scratch database: all objects, no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbops.files.migration import Migration, Section
from dbops.migrate.scratch import Scratch, told
from dbops.migrate.script import UP, Script, build
from dbops.postgres import dump
from dbops.postgres.errors import ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.session import Session
from dbops.sql.nodes import choice, kind
from dbops.sql.psql import blanked
from dbops.sql.redact import message as redacted
from dbops.sql.split import Statement


@dataclass(frozen=True, slots=True)
class Copy:
    """A database of the scratch server; ``left_out`` says what could not be made there, and why."""

    database: str
    left_out: tuple[str, ...]


def dumped(source: Session, version: int, interrupt: Interrupt, *, without: Sequence[str]) -> Script:
    """Return the target's schema as a script; raises what pg_dump raises."""
    return as_script(dump.whole(source, dump.programs(version), interrupt, without=without), "the target's schema")


def as_script(text: str, name: str) -> Script:
    """Return what pg_dump wrote as a script, without psql's commands."""
    text, _ = blanked(text)
    return build(Migration("0", name, name, text, "", Section(text, 0, 1), None), UP)


def copied(scratch: Scratch, schema: Script) -> Copy:
    """Make the schema in a new database; what the server refuses is left out, and said.

    Extensions are made by the role that made the database: their scripts want its rights.
    """
    database = scratch.new()
    left_out = []
    with (
        scratch.session(database) as session,
        scratch.session(database, privileged=True) as privileged,
        told("copying the target's schema"),
    ):
        for statement in schema.statements:
            by = privileged if _of_extension(statement) else session
            try:
                by.run(statement.text, bound=None, heed=True)
            except ServerError as error:
                if _is_setting(statement):
                    continue  # one that this server's version doesn't know
                left_out.append(f"{_beginning(statement)}: {redacted(error.report.message)}")
    return Copy(database, tuple(left_out))


def without_extensions(schema: Script) -> Script:
    """Return the script without the extensions, which the copy makes with other rights."""
    statements = tuple(each for each in schema.statements if not _of_extension(each))
    return Script(schema.migration, UP, schema.section, schema.sql, statements, {}, transactional=True)


def _of_extension(statement: Statement) -> bool:
    node = statement.node
    if node is None:
        return False
    if kind(node) == "CommentStmt":
        return choice(node, "objtype") == "OBJECT_EXTENSION"
    return kind(node) == "CreateExtensionStmt"


def _is_setting(statement: Statement) -> bool:
    return statement.node is not None and kind(statement.node) == "VariableSetStmt"


def _beginning(statement: Statement, most: int = 60) -> str:
    text = " ".join(statement.text.split())
    return text if len(text) <= most else f"{text[:most]}…"
