"""A constraint that is added to a domain is checked in every table that uses it.

Why: PostgreSQL locks each table with a column of the domain in SHARE mode, so that writes wait, and reads all of them
before it is done.

Instead: `ADD CONSTRAINT … NOT VALID`, which holds for new values at once and reads nothing. VALIDATE CONSTRAINT takes
the same locks as it reads: leave it to a quiet hour, or have CHECK constraints on the tables, whose VALIDATE blocks
nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import made_here
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.schema.model import Table
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Relation, choice, definition, named

SEVERITY = Severity.WARNING
NODES = ("AlterDomainStmt",)
LOCK = Mode.SHARE
SCANS = True
BAD = (
    "-- schema: CREATE DOMAIN percent AS bigint\n-- schema: CREATE TABLE taxes (id bigint PRIMARY KEY, rate percent)\n"
    "ALTER DOMAIN percent ADD CONSTRAINT percent_range CHECK (value BETWEEN 0 AND 100)",
    "-- schema: CREATE DOMAIN percent AS bigint\n-- schema: CREATE TABLE taxes (id bigint PRIMARY KEY, rate percent)\n"
    "ALTER DOMAIN percent SET NOT NULL",
)
GOOD = (
    "-- schema: CREATE DOMAIN percent AS bigint\n-- schema: CREATE TABLE taxes (id bigint PRIMARY KEY, rate percent)\n"
    "ALTER DOMAIN percent ADD CONSTRAINT percent_range CHECK (value BETWEEN 0 AND 100) NOT VALID",
    "CREATE DOMAIN percent AS bigint;\n"
    "ALTER DOMAIN percent ADD CONSTRAINT percent_range CHECK (value BETWEEN 0 AND 100)",
)


def check(change: Change) -> Iterator[Found]:
    """Find constraints of domains that are checked at once."""
    node, domain = change.node, named(change.node.type_name)
    added = node.subtype == "C" and not definition(node).skip_validation
    if not (added or node.subtype == "O") or made_here(change, domain):
        return
    tables = [str(table.name.name) for table in _users(change, domain)]
    if change.schema.complete and not tables:
        return
    where = ", ".join(tables) if tables else f"each table with a column of {domain}"
    yield change.found(f"reads all of {where} under a {LOCK} lock: writes wait", _hint(change, domain))


def _users(change: Change, domain: Relation) -> list[Table]:
    """Return the known tables with a column of the domain."""
    spellings = {str(domain), domain.name, str(Relation(None, domain.name))}
    tables = change.schema.tables.values()
    return [table for table in tables if any(column.type in spellings for column in table.columns)]


def _hint(change: Change, domain: Relation) -> str:
    if change.node.subtype == "O" or choice(definition(change.node), "contype") == "CONSTR_NOTNULL":
        return "put NOT NULL on the columns of the tables"
    name = definition(change.node).conname or f"{domain.name}_check"
    return (
        f"-- in this migration, which then reads nothing:\n{change.statement.text} NOT VALID;\n"
        "-- in the next one, at a quiet hour:\n"
        f"ALTER DOMAIN {domain} VALIDATE CONSTRAINT {Relation(None, name)};"
    )
