"""A privilege on a table is granted to PUBLIC, which is every role there is and will be.

Why: A role that is made for one report later can read the table, too; with INSERT, UPDATE or DELETE it can change it.
REVOKE from one role does not help against it.

Instead: A role for the purpose, granted to those who need it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Node, choice, inner, kind, relation

SEVERITY = Severity.INFO
NODES = ("GrantStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nGRANT SELECT ON orders TO PUBLIC",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nGRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nGRANT SELECT ON orders TO pg_monitor",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nREVOKE ALL ON orders FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
)
_READS = frozenset({"select", "references"})


def check(change: Change) -> Iterator[Found]:
    """Find GRANT … ON table TO PUBLIC: a warning where it allows to write."""
    node = change.node
    if not node.is_grant or choice(node, "objtype") != "OBJECT_TABLE":
        return
    for grantee in map(inner, node.grantees):
        if choice(grantee, "roletype") == "ROLESPEC_PUBLIC":
            writes = not node.privileges or any(inner(each).priv_name not in _READS for each in node.privileges)
            yield change.found(
                f"every role, also each one to come, can {'write to' if writes else 'read'} {_what(node)}",
                "REVOKE … FROM PUBLIC; grant it to a role for the purpose",
                location=grantee.location,
                severity=Severity.WARNING if writes else None,
            )


def _what(node: Node) -> str:
    """Return what is granted on: tables, or all tables of a schema."""
    names = [inner(each) for each in node.objects]
    tables = [str(relation(each)) for each in names if kind(each) == "RangeVar"]
    return ", ".join(tables) or f"all tables of {', '.join(each.sval for each in names)}"
