"""Dropping a database loses everything in it.

Why: All its tables and rows are gone at once, and only a backup brings them back. The statement can't run inside a
transaction, and a migration runs while connected to a database: it can never be its own.

Instead: Drop databases by hand, after a backup, from a connection to another one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation

SEVERITY = Severity.ERROR
NODES = ("DropdbStmt",)
BAD = ("-- schema: CREATE DATABASE shop\nDROP DATABASE shop", "DROP DATABASE IF EXISTS shop")
GOOD = ("DROP TABLE IF EXISTS shop",)


def check(change: Change) -> Iterator[Found]:
    """Find DROP DATABASE."""
    database = Relation(None, change.node.dbname)
    refused = ", and PostgreSQL refuses it inside a transaction" if change.in_transaction else ""
    yield change.found(
        f"database {database} is gone with all it holds{refused}",
        "take it out of the script, and drop the database by hand after a backup",
    )
