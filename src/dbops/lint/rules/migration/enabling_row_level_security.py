"""Row level security is enabled on a table without a policy: all but its owner see no row from then on.

Why: What no policy allows is denied, without an error. Queries of the application return nothing, updates change
nothing, inserts fail. (The table's owner, superusers and roles with BYPASSRLS see no difference, which is why tests
often don't either.)

Instead: Create the policies first, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import choice, kind, relation

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, owner text)\n"
BAD = (f"{_TABLE}ALTER TABLE orders ENABLE ROW LEVEL SECURITY",)
GOOD = (
    f"{_TABLE}CREATE POLICY own ON orders USING (owner = current_user);\nALTER TABLE orders ENABLE ROW LEVEL SECURITY",
    f"{_TABLE}ALTER TABLE orders ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON orders USING (owner = current_user)",
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nALTER TABLE orders ENABLE ROW LEVEL SECURITY",
    f"{_TABLE}ALTER TABLE orders DISABLE ROW LEVEL SECURITY",
)


def check(change: Change) -> Iterator[Found]:
    """Find tables with rows that nobody is allowed to see."""
    enabled = any(choice(each, "subtype") == "AT_EnableRowSecurity" for each in change.commands)
    if not enabled or not change.is_shared() or change.script.direction == "down" or _has_policy(change):
        return
    word = change.word("ENABLE")
    end = change.word("ENABLE", "ROW", "LEVEL", "SECURITY")
    yield Found(
        f"unless {change.target} has a policy already, all roles but its owner see no row of it, without an error",
        f"-- in the same transaction:\nCREATE POLICY … ON {change.target} USING (…);",
        word.start if word and end else None,
        end.end if end else None,
    )


def _has_policy(change: Change) -> bool:
    nodes = (each.node for each in change.script.statements if each.node is not None)
    return any(kind(node) == "CreatePolicyStmt" and relation(node.table) == change.target for node in nodes)
