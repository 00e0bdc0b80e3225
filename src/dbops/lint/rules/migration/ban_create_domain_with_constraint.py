"""A domain with a constraint is harder to change than a table with one.

Why: The constraint holds in every table with a column of the domain: a new one is checked in all of them while writes
to them wait, and there is no way to change it for one table alone.

Instead: The base type, and a CHECK or NOT NULL on each column, which is added NOT VALID and validated later.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import choice, inner, named

SEVERITY = Severity.INFO
NODES = ("CreateDomainStmt",)
BAD = (
    "CREATE DOMAIN percent AS bigint CHECK (value BETWEEN 0 AND 100)",
    "CREATE DOMAIN percent AS bigint NOT NULL",
)
GOOD = ("CREATE DOMAIN percent AS bigint", "CREATE DOMAIN percent AS bigint DEFAULT 0 NULL")


def check(change: Change) -> Iterator[Found]:
    """Find domains with a CHECK or NOT NULL."""
    domain = named(change.node.domainname)
    for constraint in map(inner, change.node.constraints):
        if choice(constraint, "contype") in {"CONSTR_CHECK", "CONSTR_NOTNULL"}:
            yield change.found(
                f"the next constraint of {domain} is checked in every table that uses it, while writes to them wait",
                "put the constraint on the columns of the tables",
                location=constraint.location,
            )
            return
