"""A 32-bit integer column ends at 2,147,483,647.

Why: A key that counts up to its end stops every insert, and changing its type then rewrites the table, its indexes
and every column that references it. An `integer` saves four bytes a row, which alignment often takes back.

Instead: `bigint`. A column that references an integer key has that key's type and is left alone. Of columns that look
like no key (not a primary key, identity or serial, no name that ends in id) this is only advice.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.definitions import STATEMENTS, defined
from dbops.lint.changes.integers import Integer, narrow
from dbops.lint.rule import Found
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
NODES = STATEMENTS
FIXABLE = True
BAD = (
    "CREATE TABLE orders (id integer PRIMARY KEY)",
    "CREATE TABLE orders (id serial PRIMARY KEY)",
    "CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY, quantity int NOT NULL)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders ADD COLUMN shop_id int4",
    "-- schema: CREATE TABLE orders (id smallint PRIMARY KEY)\nALTER TABLE orders ALTER COLUMN id TYPE integer",
)
GOOD = (
    "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, quantity bigint)",
    "CREATE TABLE orders (id bigserial PRIMARY KEY, scores int[])",
    "-- schema: CREATE TABLE shops (id integer PRIMARY KEY)\n"
    "CREATE TABLE orders (id bigint PRIMARY KEY, shop_id integer REFERENCES shops (id))",
    "CREATE TEMPORARY TABLE chosen (id integer)",
)
_INT = Integer({"int4": "bigint", "serial": "bigserial", "serial4": "bigserial"}, "2.1 billion", Severity.INFO)


def check(change: Change) -> Iterator[Found]:
    """Find columns of 32 bits."""
    for column in defined(change):
        yield from narrow(change, column, _INT)
