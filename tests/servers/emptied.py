"""A database for one example after another: to empty it costs less than to make hundreds and drop them."""

from __future__ import annotations

import itertools
import os

import psycopg
from psycopg import sql

from servers.server import SharedServer

_SCHEMAS = """
SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
"""
# What lies outside of schemas and goes, or comes back, only with its database. What users made has ids from 16384 on;
# a new database has one extension, PL/pgSQL.
_OUTSIDE = """
SELECT (SELECT array_agg(oid < 16384) <> '{t}' FROM pg_extension) IS NOT FALSE
    OR EXISTS (SELECT 1 FROM pg_event_trigger)
    OR EXISTS (SELECT 1 FROM pg_publication)
    OR EXISTS (SELECT 1 FROM pg_foreign_data_wrapper)
    OR EXISTS (SELECT 1 FROM pg_cast WHERE oid >= 16384) OR EXISTS (SELECT 1 FROM pg_language WHERE oid >= 16384)
    OR EXISTS (SELECT 1 FROM pg_default_acl) OR EXISTS (SELECT 1 FROM pg_largeobject_metadata)
    OR EXISTS (SELECT 1 FROM pg_am WHERE oid >= 16384)
    OR EXISTS (SELECT 1 FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        WHERE d.datname = current_database())
"""


class Emptied:
    """Databases for one test after another."""

    def __init__(self, server: SharedServer, admin: psycopg.Connection) -> None:
        self._server = server
        self._admin = admin
        self._numbers = itertools.count(1)
        self._name: str | None = None

    def dsn(self) -> str:
        """Return the superuser's DSN of an empty database, which is nobody else's until it is emptied."""
        if self._name is None:
            self._name = f"examples_{os.getpid()}_{next(self._numbers)}"
            made = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
            self._admin.execute(made.format(sql.Identifier(self._name)))
        return self._server.dsn(self._name)

    def empty(self) -> None:
        """Make the database as it was, or drop it where that takes more than dropping its schemas."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            for (name,) in connection.execute(_SCHEMAS).fetchall():
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
            connection.execute("CREATE SCHEMA public")
            (spoilt,) = connection.execute(_OUTSIDE).fetchone() or (True,)
        if spoilt:
            self.drop()

    def drop(self) -> None:
        if self._name is not None:
            self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._name)))
        self._name = None
