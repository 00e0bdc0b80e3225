"""A trial with rows: tables are filled, the migration goes up and down, and the rows must still be there.

All as the migrating role: triggers and checks that migrations made must not run as a superuser.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from dbops.migrate.scratch import Scratch, told
from dbops.migrate.script import Script
from dbops.migrate.verify.contents import Content, alike, contents, lost, query
from dbops.migrate.verify.judge import Carried
from dbops.migrate.verify.rows import Table, in_turn, inserts, known_before, tables_of
from dbops.migrate.verify.run import run
from dbops.postgres.errors import ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session

_BOUND = 60.0
"""Seconds for writing a row, which may fire triggers."""


def carry(scratch: Scratch, database: str, up: Script, down: Script, *, without: str | None = None) -> Carried:
    """Fill the tables of a database that the migration has not come to yet, and take them up and down.

    Tables of the name ``without`` stay as they are.
    """
    with _session(scratch, database, "filling tables") as session:
        tables = _tables(session, without)
        unsure = [*_fill(session, tables)]
        before, unread = _contents(session, tables)
    unsure += unread
    unsure += [f"{each.name}: no values for {', '.join(each.without_values)}" for each in _bare(before)]
    ran = run(scratch, database, up)
    if ran.error is not None:
        return Carried(up_error=ran.error, unsure=tuple(unsure))
    with _session(scratch, database, "reading tables") as session:
        kept = known_before(tables, _tables(session, without))
    ran = run(scratch, database, down)
    if ran.error is not None:
        return Carried(error=ran.error, unsure=tuple(unsure), kept=kept)
    with _session(scratch, database, "reading rows") as session:
        known = [table for table in tables if table.oid in before]
        after, unread = _contents(session, alike(_tables(session, without), known))
    if unread:  # then what is not there and what can't be read look the same
        return Carried(unsure=(*unsure, *unread), kept=kept)
    return Carried(tuple(lost(before, after)), unsure=tuple(unsure), kept=kept)


@contextmanager
def _session(scratch: Scratch, database: str, doing: str) -> Iterator[Session]:
    with scratch.session(database) as session, told(doing):
        session.run("SET row_security = off")  # an error rather than a part of the rows
        yield session


def _tables(session: Session, without: str | None) -> tuple[Table, ...]:
    return tables_of(session.json(render("verify/tables", without=without)))


def _bare(found: Mapping[int, Content]) -> Iterator[Content]:
    return (content for content in found.values() if content.without_values)


def _fill(session: Session, tables: Sequence[Table]) -> Iterator[str]:
    """Write rows to every table, and yield which took none. One row is enough where a constraint refuses more."""
    for table in in_turn(tables):
        rows = inserts(table)
        try:
            session.run("; ".join(rows), bound=_BOUND, heed=True)
        except ServerError as error:
            if not any(_written(session, row) for row in rows):
                yield f"no rows could be written to {table.name}: {error.report.message}"


def _written(session: Session, row: str) -> bool:
    try:
        session.run(row, bound=_BOUND, heed=True)
    except ServerError:
        return False
    return True


def _contents(session: Session, tables: Sequence[Table]) -> tuple[dict[int, Content], list[str]]:
    """Return what is in the tables, and which can't be read."""
    try:
        return contents(tables, session.json(query(tables), bound=None, heed=True)), []
    except ServerError:
        pass
    found: dict[int, Content] = {}
    unread = []
    for table in tables:
        try:
            found |= contents([table], session.json(query([table]), bound=None, heed=True))
        except ServerError as error:
            unread.append(f"the rows of {table.name} could not be read: {error.report.message}")
    return found, unread
