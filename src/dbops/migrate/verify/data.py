"""A trial with rows: tables are filled, the migration goes up and down, and the rows must still be there."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.migrate.scratch import Scratch, told
from dbops.migrate.script import Script
from dbops.migrate.verify.rows import Content, contents, contents_query, in_turn, insert, lost, tables_of
from dbops.migrate.verify.run import run
from dbops.postgres.errors import ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.results.schema import Difference


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of the rows; ``unsure`` says in words what could not be tried."""

    lost: tuple[Difference, ...] = ()
    unsure: tuple[str, ...] = ()


def carry(scratch: Scratch, database: str, up: Script, down: Script) -> Carried:
    """Fill the tables of a database that the migration has not come to yet, and take them up and down."""
    with scratch.session(database, privileged=True) as session, told("filling tables"):
        unsure = _fill(session)
        before = _contents(session)
    for script, direction in ((up, "up"), (down, "down")):
        ran = run(scratch, database, script)
        if ran.error is not None:
            return Carried(unsure=(*unsure, f"{direction} fails where tables have rows: {ran.error}"))
    with scratch.session(database, privileged=True) as session, told("reading rows"):
        return Carried(tuple(lost(before, _contents(session))), unsure)


def _fill(session: Session) -> tuple[str, ...]:
    """Write rows to every table; returns which had none to take."""
    unsure = []
    for table in in_turn(tables_of(session.json(render("verify/tables")))):
        try:
            session.run(insert(table), bound=None, heed=True)
        except ServerError as error:
            unsure.append(f"no rows could be written to {table.name}: {error.report.message}")
    return tuple(unsure)


def _contents(session: Session) -> dict[int, Content]:
    tables = tables_of(session.json(render("verify/tables")))
    return contents(session.json(contents_query(tables), bound=None, heed=True))
