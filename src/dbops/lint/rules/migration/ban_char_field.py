"""A char(n) column pads its values with blanks.

Why: `char(n)` (also `character`, `bpchar`) stores blanks up to n, and drops them again in comparisons and casts to
text: `'a ' = 'a'` is true of char and false of text, LIKE and regular expressions see the blanks. `char` alone is
char(1). It is no faster than text, and leaving it later rewrites the table.

Instead: `text`, with `CHECK (length(code) = 2)` where the length is part of the meaning.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.definitions import STATEMENTS, defined
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import inner

SEVERITY = Severity.WARNING
NODES = STATEMENTS
BAD = (
    "CREATE TABLE countries (id bigint PRIMARY KEY, code char(2) NOT NULL)",
    "CREATE TABLE flags (id bigint PRIMARY KEY, yes character)",
    "-- schema: CREATE TABLE countries (id bigint PRIMARY KEY)\nALTER TABLE countries ADD COLUMN code bpchar",
)
GOOD = (
    "CREATE TABLE countries (id bigint PRIMARY KEY, code text NOT NULL CHECK (length(code) = 2))",
    "CREATE TABLE countries (id bigint PRIMARY KEY, code varchar(2))",
    'CREATE TABLE flags (id bigint PRIMARY KEY, kind "char")',
)


def check(change: Change) -> Iterator[Found]:
    """Find columns that are padded."""
    for column in defined(change):
        if column.type != "bpchar":
            continue
        modifiers = [inner(each).ival.ival for each in column.node.type_name.typmods]
        length = f" CHECK (length({column.sql}) = {modifiers[0]})" if modifiers else ""
        yield change.found(
            f"{column.table}.{column.sql} is padded with blanks, which comparisons ignore and LIKE does not",
            f"{column.sql} text{length}",
            location=column.location,
        )
