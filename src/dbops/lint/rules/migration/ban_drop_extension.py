"""Dropping an extension breaks what uses its types, functions and operators; with CASCADE it takes that along.

Why: Queries that call its functions fail from that moment on. With CASCADE every column of its types is dropped, with
its data, and so are the indexes that are built with its operator classes: queries become slow without any error.

Instead: Take its types, functions and indexes out of use one by one, then drop it without CASCADE.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import dropped, is_down, place
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import choice, kind

SEVERITY = Severity.WARNING
NODES = ("DropStmt",)
BAD = (
    "-- schema: CREATE EXTENSION IF NOT EXISTS plpgsql\nDROP EXTENSION plpgsql",
    "-- schema: CREATE EXTENSION IF NOT EXISTS plpgsql\nDROP EXTENSION IF EXISTS plpgsql CASCADE",
)
GOOD = ("CREATE SCHEMA tools;\nDROP SCHEMA tools",)


def check(change: Change) -> Iterator[Found]:
    """Find extensions that are dropped, and that the script did not create."""
    if choice(change.node, "remove_type") != "OBJECT_EXTENSION" or is_down(change):
        return
    cascade = choice(change.node, "behavior") == "DROP_CASCADE"
    for extension in dropped(change.node):
        if _created_here(change, extension.name):
            continue
        if cascade:
            message = f"each column, index and function that uses {extension} is dropped with it, and its data are gone"
        else:
            message = f"code that calls functions of {extension} fails once it is dropped"
        yield Found(
            message,
            f"-- after the last use of its types, functions and indexes is gone:\nDROP EXTENSION {extension};",
            *place(change, extension.name),
            Severity.ERROR if cascade else None,
        )


def _created_here(change: Change, name: str) -> bool:
    earlier = change.script.statements[: change.statement.index]
    return any(
        each.node is not None and kind(each.node) == "CreateExtensionStmt" and each.node.extname == name
        for each in earlier
    )
