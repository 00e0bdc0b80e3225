"""A money column means what lc_monetary says.

Why: `money` has no currency, and its fraction digits and its text come from the server's `lc_monetary`: a dump that is
restored under another locale changes the amounts. Division rounds to the cent, and most drivers hand it out as text.

Instead: `numeric(19, 4)` with the currency in a column of its own, or a `bigint` of the smallest unit.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.definitions import STATEMENTS, defined
from dbops.lint.rule import Found
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
NODES = STATEMENTS
BAD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, total money)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders ADD COLUMN tip money",
)
GOOD = ("CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(19, 4), currency text, tip_cents bigint)",)


def check(change: Change) -> Iterator[Found]:
    """Find money columns."""
    for column in defined(change):
        if column.type == "money":
            yield change.found(
                f"the amounts in {column.table}.{column.sql} change their meaning with the server's lc_monetary",
                f"{column.sql} numeric(19, 4), and the currency in a column of its own",
                location=column.location,
            )
