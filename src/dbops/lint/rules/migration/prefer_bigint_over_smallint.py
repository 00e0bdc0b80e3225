"""A 16-bit integer column ends at 32,767.

Why: A key that counts up to its end stops every insert, and changing its type then rewrites the table, its indexes
and every column that references it. A `smallint` saves six bytes a row, which alignment often takes back.

Instead: `bigint`, or `integer` for what can't grow. A column that references a smallint key has that key's type and is
left alone. Off unless selected: where somebody chose a smallint, it is mostly on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.definitions import STATEMENTS, defined
from dbops.lint.changes.integers import Integer, narrow
from dbops.lint.rule import Found
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
DEFAULT = False
NODES = STATEMENTS
FIXABLE = True
BAD = (
    "CREATE TABLE shops (id smallint PRIMARY KEY)",
    "CREATE TABLE shops (id smallserial PRIMARY KEY)",
    "-- schema: CREATE TABLE shops (id bigint PRIMARY KEY)\nALTER TABLE shops ADD COLUMN stars int2",
)
GOOD = (
    "CREATE TABLE shops (id bigint PRIMARY KEY, stars integer)",
    "-- schema: CREATE TABLE regions (id smallint PRIMARY KEY)\n"
    "CREATE TABLE shops (id bigint PRIMARY KEY, region_id smallint REFERENCES regions (id))",
)
_SMALLINT = Integer({"int2": "bigint", "smallserial": "bigserial", "serial2": "bigserial"}, "32,767", Severity.INFO)


def check(change: Change) -> Iterator[Found]:
    """Find columns of 16 bits."""
    for column in defined(change):
        yield from narrow(change, column, _SMALLINT)
