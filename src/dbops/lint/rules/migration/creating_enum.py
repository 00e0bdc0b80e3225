"""The values of an enum can be added and renamed, but not removed or put in another order.

Why: To be rid of one value, the type has to be made anew and every column of it rewritten. A new value can't be used in
the transaction that adds it.

Instead: `text` with a CHECK, which is changed without a rewrite (NOT VALID, then VALIDATE), or a table of the values
and a foreign key to it. For values that are never removed an enum is fine: it takes four bytes and sorts by its order.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import is_down
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import inner, named
from dbops.sql.quote import literal

SEVERITY = Severity.INFO
NODES = ("CreateEnumStmt",)
BAD = ("CREATE TYPE state AS ENUM ('new', 'done')",)
GOOD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL CHECK (state IN ('new', 'done')))",
    "CREATE TYPE point3 AS (x float8, y float8, z float8)",
)
_SHOWN = 4


def check(change: Change) -> Iterator[Found]:
    """Find new enums."""
    if is_down(change) or not change.node.vals:  # a down puts back what was there
        return
    enum = named(change.node.type_name)
    values = [literal(inner(each).sval) for each in change.node.vals]
    shown = ", ".join(values[:_SHOWN]) + (", …" if len(values) > _SHOWN else "")
    yield change.found(
        f"values of {enum} can't be removed or reordered later without rewriting every column of it",
        f"{enum.name} text NOT NULL CHECK ({enum.name} IN ({shown})), or a table of the values",
    )
