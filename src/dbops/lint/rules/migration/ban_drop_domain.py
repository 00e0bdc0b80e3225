"""Dropping a domain breaks the code that casts to it; with CASCADE it drops the columns of that domain.

Why: Without CASCADE PostgreSQL refuses as long as a column or function has the domain, but code may still write
`'a@b.c'::email`. With CASCADE every column of the domain is dropped, with its data.

Instead: First release code that no longer names the domain, give its columns another type (`ALTER COLUMN … TYPE` to the
domain's own base type rewrites nothing), then drop it without CASCADE.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import type_drops
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import choice

SEVERITY = Severity.WARNING
NODES = ("DropStmt",)
BAD = (
    "-- schema: CREATE DOMAIN email AS text\nDROP DOMAIN email",
    "-- schema: CREATE DOMAIN email AS text\n-- schema: CREATE TABLE users (id bigint PRIMARY KEY, email email)\n"
    "DROP DOMAIN IF EXISTS email CASCADE",
)
GOOD = ("CREATE DOMAIN email AS text;\nDROP DOMAIN email",)


def check(change: Change) -> Iterator[Found]:
    """Find domains that are dropped."""
    if choice(change.node, "remove_type") == "OBJECT_DOMAIN":
        yield from type_drops(change, "domain")
