"""Schemas for tests: folded from DDL, and read from a server that ran it."""

from __future__ import annotations

from contextlib import closing

import psycopg

from dbops.postgres.catalog import read
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.target import identify
from dbops.schema.catalog import schema_of
from dbops.schema.fold import fold
from dbops.schema.model import EMPTY, Schema, Table
from dbops.sql.nodes import Relation
from dbops.sql.split import split


def folded(sql: str, schema: Schema = EMPTY) -> Schema:
    """Return the schema after a script's statements."""
    for statement in split(sql):
        schema = fold(schema, statement.node)
    return schema


def table(sql: str, name: str = "t") -> Table:
    """Return what is known of one table after a script."""
    found = folded(sql).table(Relation(None, name))
    assert found is not None
    return found


def ran(dsn: str, sql: str) -> None:
    """Run a script's statements one by one, in autocommit."""
    with closing(psycopg.connect(dsn, autocommit=True, connect_timeout=10)) as connection:
        for statement in split(sql):
            connection.execute(statement.text.encode())


def server_version(dsn: str) -> int:
    """Return ``server_version_num``."""
    with closing(psycopg.connect(dsn, connect_timeout=10)) as connection:
        return connection.info.server_version


def catalog(dsn: str) -> Schema:
    """Return the schema as the server's catalog has it."""
    with Interrupt() as interrupt, closing(connect(Dsn(dsn, "a test"), "test", interrupt)) as session:
        return schema_of(read(session, identify(session).version))
