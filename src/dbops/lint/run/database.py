"""What a database knows of its tables, and of the migrations that were applied to it."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.files.migration import Key, version_key
from dbops.postgres.catalog import read
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.query import render
from dbops.postgres.reach import reachable
from dbops.postgres.session import Session
from dbops.postgres.target import identify
from dbops.results.target import Target
from dbops.schema.catalog import schema_of
from dbops.schema.model import Schema
from dbops.sql.quote import identifier


@dataclass(frozen=True, slots=True)
class Database:
    """A database that was asked; ``major`` is its version.

    ``applied`` are the keys of the versions its history knows, None when it has no history, or none to be read.
    """

    target: Target
    schema: Schema
    applied: frozenset[Key] | None = None

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.target.server_version // 10000


def ask(
    dsn: Dsn, *, environment: str | None = None, interrupt: Interrupt | None = None, history: str = "dbops"
) -> Database:
    """Read a database's catalog, a standby's as well, and the history in that schema. Raises what connecting raises."""
    interrupt = interrupt or Interrupt()
    with reachable(dsn, interrupt) as reached:
        session = connect(reached, "dbops lint", interrupt)
        try:
            facts = identify(session, environment=environment)
            schema = schema_of(read(session, facts.version))
            return Database(facts.target, schema, _applied(session, history))
        finally:
            session.close()


def _applied(session: Session, schema: str) -> frozenset[Key] | None:
    """Return the versions in the history; a role that may lint may yet not read that one."""
    try:
        if not session.json(render("history/present", quoted_schema=identifier(schema)))["tables"]:
            return None
        return frozenset(map(version_key, session.json(render("applied_versions", schema=schema))))
    except (ServerError, ValueError):
        return None
