"""PostgreSQL cuts names after 63 bytes.

Why: The rest is dropped with a mere notice. Two long names that begin alike become one, `IF NOT EXISTS` finds the wrong
one, and tools that look for the name as it was written find nothing. Letters beyond ASCII take two to four bytes.

Instead: A shorter name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.lint.changes.change import Change, Word
from dbops.lint.rule import Found
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
NODES = (
    "AlterTableStmt", "CompositeTypeStmt", "CreateDomainStmt", "CreateEnumStmt", "CreateFunctionStmt",
    "CreatePolicyStmt", "CreateRangeStmt", "CreateRoleStmt", "CreateSchemaStmt", "CreateSeqStmt", "CreateStmt",
    "CreateTableAsStmt", "CreateTrigStmt", "CreatedbStmt", "IndexStmt", "RenameStmt", "ViewStmt",
)  # fmt: skip
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
    "CREATE INDEX CONCURRENTLY this_index_has_a_name_that_says_more_than_sixty_three_bytes_can_hold ON orders (id)",
    'CREATE TABLE "zahlungsmöglichkeiten_für_auslandsüberweisungen_und_ähnliches_ö" (id bigint PRIMARY KEY)',
)
GOOD = (
    "CREATE TABLE a_table_whose_name_has_exactly_as_many_bytes_as_a_name_may_have (id bigint PRIMARY KEY)",
    "CREATE TABLE orders (id bigint PRIMARY KEY,"
    " note text DEFAULT 'a text may have more than sixty-three bytes, for nobody cuts it off at that place')",
)
_LIMIT = 63
_MAY_BE_LONG = re.compile(r'[\w$\x80-\U0010ffff]{16,}|"')
"""A name of more than 63 bytes has at least 16 characters, of four bytes each."""


def check(change: Change) -> Iterator[Found]:
    """Find names that are cut; each once."""
    if not _MAY_BE_LONG.search(change.statement.text):  # most statements: their words need not be looked at
        return
    told = set()
    for word in change.words:
        name = _name(change, word).encode()
        if len(name) > _LIMIT and name not in told:
            told.add(name)
            cut = name[:_LIMIT].decode(errors="ignore")
            yield Found(
                f"the name has {len(name)} bytes, of which PostgreSQL keeps {_LIMIT}: {cut}",
                None,
                word.start,
                word.end,
            )


def _name(change: Change, word: Word) -> str:
    """Return the name that a word is; "" for a sign or a number."""
    text = change.script.sql[word.start : word.end]
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    return text if text[0].isalpha() or text[0] == "_" else ""
