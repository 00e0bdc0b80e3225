"""A SECURITY DEFINER function without a search_path of its own can be made to run others' code.

Why: It runs with its owner's rights and its caller's search_path. A caller who may create a table, function
or operator somewhere puts that schema first, and the function uses theirs.

Instead: `SET search_path = pg_catalog, pg_temp`, with schemas in the names of all else; pg_temp last. A body in
standard SQL (`BEGIN ATOMIC`, since 14) is bound to its objects when it is created and needs none.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Node, Relation, inner, kind, named

SEVERITY = Severity.WARNING
NODES = ("CreateFunctionStmt",)
BAD = (
    "CREATE FUNCTION seats() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM pg_class'",
    "CREATE OR REPLACE PROCEDURE clean() LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN NULL; END'",
)
GOOD = (
    "CREATE FUNCTION seats() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
    " AS 'SELECT count(*) FROM pg_class'",
    "CREATE FUNCTION seats() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM pg_class'",
    "CREATE FUNCTION seats() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint';\n"
    "ALTER FUNCTION seats() SET search_path = pg_catalog, pg_temp",
)


def check(change: Change) -> Iterator[Found]:
    """Find functions with their owner's rights and their caller's search_path."""
    node = change.node
    name = named(node.funcname)
    if (
        not _is_definer(node)
        or node.HasField("sql_body")
        or _sets_search_path(node.options)
        or _set_later(change, name)
    ):
        return
    what = "PROCEDURE" if node.is_procedure else "FUNCTION"
    word, last = change.word("SECURITY"), change.word("SECURITY", "DEFINER")
    yield Found(
        f"{name} runs with its owner's rights and looks up names in its caller's search_path",
        f"ALTER {what} {name} SET search_path = pg_catalog, pg_temp; -- or the same clause in CREATE {what}",
        word.start if word and last else None,
        last.end if word and last else None,
    )


def _is_definer(node: Node) -> bool:
    options = (inner(each) for each in node.options)
    return any(each.defname == "security" and inner(each.arg).boolval for each in options)


def _sets_search_path(options: Node) -> bool:
    settings = (inner(inner(each).arg) for each in options if inner(each).defname == "set")
    return any(each.name.lower() == "search_path" for each in settings)


def _set_later(change: Change, name: Relation) -> bool:
    """Whether a later ALTER FUNCTION of the script sets it."""
    alters = (each.node for each in change.later if each.node is not None and kind(each.node) == "AlterFunctionStmt")
    return any(named(node.func.objname) == name and _sets_search_path(node.actions) for node in alters)
