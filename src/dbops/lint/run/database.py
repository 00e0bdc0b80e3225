"""What a database knows of its tables."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.postgres.catalog import read
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.reach import reachable
from dbops.postgres.target import identify
from dbops.results.target import Target
from dbops.schema.catalog import schema_of
from dbops.schema.model import Schema


@dataclass(frozen=True, slots=True)
class Database:
    """A database that was asked; ``major`` is its version."""

    target: Target
    schema: Schema

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.target.server_version // 10000


def ask(dsn: Dsn, *, environment: str | None = None, interrupt: Interrupt | None = None) -> Database:
    """Read a database's catalog, a standby's as well. Raises what connecting raises."""
    interrupt = interrupt or Interrupt()
    with reachable(dsn, interrupt) as reached:
        session = connect(reached, "dbops lint", interrupt)
        try:
            facts = identify(session, environment=environment)
            return Database(facts.target, schema_of(read(session, facts.version)))
        finally:
            session.close()
