"""Moving something to another schema breaks the code that uses it under the old one.

Why: It is a new name for everybody at the same moment: until the last old process is gone, queries with the old schema
fail, and so do those that find it through a search_path without the new one.

Instead: For a table or view, leave a view under the old name, made in the same transaction. For all else make a second
one in the new schema, move the code, and drop the old one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import is_down, made_again, made_here, place, subject
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation, choice

SEVERITY = Severity.WARNING
NODES = ("AlterObjectSchemaStmt",)
BAD = (
    "-- schema: CREATE SCHEMA archive\n-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
    "ALTER TABLE orders SET SCHEMA archive",
    "-- schema: CREATE SCHEMA archive\n-- schema: CREATE TYPE state AS ENUM ('new')\n"
    "ALTER TYPE state SET SCHEMA archive",
)
GOOD = (
    "-- schema: CREATE SCHEMA archive\nCREATE TABLE orders (id bigint PRIMARY KEY);\n"
    "ALTER TABLE orders SET SCHEMA archive",
    "-- schema: CREATE SCHEMA archive\n-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
    "ALTER TABLE orders SET SCHEMA archive;\nCREATE VIEW orders AS SELECT id FROM archive.orders",
)
_KINDS = {
    "OBJECT_AGGREGATE": "aggregate",
    "OBJECT_DOMAIN": "domain",
    "OBJECT_EXTENSION": "extension",
    "OBJECT_FOREIGN_TABLE": "foreign table",
    "OBJECT_FUNCTION": "function",
    "OBJECT_MATVIEW": "materialized view",
    "OBJECT_PROCEDURE": "procedure",
    "OBJECT_ROUTINE": "routine",
    "OBJECT_SEQUENCE": "sequence",
    "OBJECT_TABLE": "table",
    "OBJECT_TYPE": "type",
    "OBJECT_VIEW": "view",
}


def check(change: Change) -> Iterator[Found]:
    """Find what gets another schema, while nothing takes its place in the same script."""
    what = _KINDS.get(choice(change.node, "object_type"))
    if what is None or is_down(change):
        return
    old = subject(change.node)
    if made_here(change, old) or change.is_new(old) or made_again(change, old):
        return
    new = Relation(change.node.newschema, old.name)
    yield Found(
        f"code that uses {what} {old} fails from the moment it is {new}",
        _hint(what, old, new),
        *place(change, old.name),
    )


def _hint(what: str, old: Relation, new: Relation) -> str:
    if what == "extension":
        return "put its new schema at the end of every search_path first: ALTER DATABASE … SET search_path = …"
    if what.endswith(("table", "view")):
        return f"-- leave a view under the old name, in the same transaction:\nCREATE VIEW {old} AS TABLE {new};"
    return f"make {new} beside {old}, move the code, and drop {old} in a later release"
