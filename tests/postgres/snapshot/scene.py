"""Snapshots and dumps of a test's database."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.dump import programs
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.session import Session
from dbops.postgres.snapshot import read
from dbops.postgres.target import identify
from dbops.schema.snapshot import Snapshot, snapshot
from dbops.sql.split import split


@dataclass(frozen=True, slots=True)
class Scene:
    """A database, and a session on it."""

    dsn: str
    session: Session
    version: int

    @property
    def major(self) -> int:
        return self.version // 10000

    def run(self, sql: str) -> None:
        """Run a script's statements one by one."""
        for statement in split(sql):
            self.session.run(statement.text)

    def taken(self, **options: Any) -> Snapshot:
        """Return the database's snapshot."""
        return snapshot(self.version, read(self.session, self.version, **options))

    def dumped(self) -> str:
        """Return what pg_dump --schema-only writes, without the key that is another one each time."""
        command = [programs(self.version).path("pg_dump"), "--schema-only", self.dsn]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
        lines = ran.stdout.splitlines()
        return "\n".join(line for line in lines if not line.startswith(("\\restrict", "\\unrestrict")))


@contextmanager
def scene(dsn: str) -> Iterator[Scene]:
    """Open a session; subscriptions are dropped in the end, for they keep a database from being dropped."""
    with Interrupt() as interrupt, closing(connect(Dsn(dsn, "a test"), "test", interrupt)) as session:
        made = Scene(dsn, session, identify(session).version)
        try:
            yield made
        finally:
            for kind, name in made.taken().entries:
                if kind == "subscription":
                    made.run(f"ALTER SUBSCRIPTION {name} DISABLE; ALTER SUBSCRIPTION {name} SET (slot_name = NONE)")
                    made.run(f"DROP SUBSCRIPTION {name}")


def loaded(dsn: str, dump: str) -> None:
    """Load a dump into an empty database, also of a server that is older than pg_dump."""
    lines = (line for line in dump.splitlines() if not line.startswith("SET transaction_timeout"))
    text = re.sub(r", run_as_owner = '?true'?", "", "\n".join(lines))
    with closing(psycopg.connect(dsn, autocommit=True, connect_timeout=10)) as connection:
        connection.execute(text.encode())
