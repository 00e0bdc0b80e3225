"""A migration as ``plan`` shows it. Pure."""

from __future__ import annotations

from dataclasses import replace

from dbops.files.migration import Migration
from dbops.migrate.alembic.revision import Revision
from dbops.migrate.record import APPLIED, Record
from dbops.migrate.script import Script, build
from dbops.results.migration import PlannedMigration, PlannedStatement
from dbops.sql.locks import taken
from dbops.sql.redact import secrets
from dbops.sql.split import Statement


def preview(migration: Migration, direction: str, record: Record, *, show_data: bool) -> PlannedMigration:
    """Return the statements with the lock each takes; passwords are blanked unless ``show_data``."""
    script = build(migration, direction)
    row = record.row(migration.key)
    if row is not None and row.state != APPLIED:
        script = replace(script, transactional=False)  # what was begun statement by statement is finished so
    done = sum(step.done for step in record.steps_of(migration.key, direction).values())
    statements = tuple(_statement(script, statement, show_data=show_data) for statement in script.statements)
    if script.section.unknown is not None:
        statements = (_unknown(script, script.section.unknown),)
    return PlannedMigration(
        migration.version,
        migration.name,
        script.path,
        script.transactional,
        done,
        statements,
        journalled=not isinstance(migration, Revision),
    )


def _unknown(script: Script, why: str) -> PlannedStatement:
    """Return what stands for SQL that is known only when it runs."""
    return PlannedStatement(f"-- known only when it runs: {why}", script.place(0)[0], script.transactional, "unknown")


def _statement(script: Script, statement: Statement, *, show_data: bool) -> PlannedStatement:
    locks = taken(statement.node)
    strongest = locks.strongest
    return PlannedStatement(
        sql=script.written(statement) if show_data else secrets(script.written(statement)),
        line=script.line(statement),
        transactional=script.transactional,
        lock=strongest.mode.value if strongest else "unknown" if locks.unknown else None,
        relations=tuple(
            script.section.hidden(lock.relation) for lock in locks.locks if strongest and lock.mode == strongest.mode
        ),
        blocks=strongest.mode.blocks if strongest else None,
    )
