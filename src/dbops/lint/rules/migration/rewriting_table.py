"""`SET LOGGED`, `SET UNLOGGED`, `SET TABLESPACE` and `SET ACCESS METHOD` write the whole table anew.

Why: They hold an ACCESS EXCLUSIVE lock until the last row is copied: nobody reads or writes the table meanwhile.

Instead: Decide it when the table is made, or do it when nobody needs the table; pg_repack moves a table to another
tablespace while it is in use.

Versions: `SET ACCESS METHOD` is there since PostgreSQL 15.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import choice, kind

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt", "AlterTableMoveAllStmt")
LOCK = Mode.ACCESS_EXCLUSIVE
REWRITES = True
_WORDS = {
    "AT_SetLogged": "SET LOGGED",
    "AT_SetUnLogged": "SET UNLOGGED",
    "AT_SetTableSpace": "SET TABLESPACE",
    "AT_SetAccessMethod": "SET ACCESS METHOD",
}
_REWRITTEN = frozenset({"OBJECT_TABLE", "OBJECT_MATVIEW", "OBJECT_INDEX"})
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders SET UNLOGGED",
    "-- schema: CREATE UNLOGGED TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders SET LOGGED",
)
GOOD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nALTER TABLE orders SET UNLOGGED",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders SET WITHOUT OIDS",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders SET (fillfactor = 70)",
)


def check(change: Change) -> Iterator[Found]:
    """Find statements that copy a table as it is."""
    if kind(change.node) == "AlterTableMoveAllStmt":
        yield change.found(
            f"moving a tablespace's relations copies them one by one, each under an {LOCK} lock that is held until the "
            "last one is done: reads and writes wait",
            "move them one by one, each in a migration of its own, or with pg_repack --tablespace",
        )
    elif change.is_shared() and choice(change.node, "objtype") in _REWRITTEN and not change.is_partitioned():
        for (start, end), command in zip(change.pieces(), change.commands, strict=True):
            words = _WORDS.get(choice(command, "subtype"))
            if words is not None:
                yield _found(change, words, start, end)


def _found(change: Change, words: str, start: int, end: int) -> Found:
    mode = change.locks[0].mode
    first, *_ = words.split()
    word = change.word(first, words.split()[1], after=start)
    hint = "decide it when the table is made, or run this when nobody needs it"
    if words == "SET TABLESPACE":
        hint = f"pg_repack --table {change.target} --tablespace … moves it while it is in use"
    return Found(
        f"{words} copies {change.sized()} under an {mode} lock: {mode.blocks} wait",
        hint,
        start if word is None else word.end - len(" ".join(words.split()[:2])),
        end,
        weighed(change.table(), SEVERITY),
    )
