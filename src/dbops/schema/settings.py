"""The search path, as SET and set_config leave it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dbops.schema.model import DEFAULT_SCHEMA, EMPTY, TEMPORARY_SCHEMA, Schema
from dbops.sql.lexer import Kind, code
from dbops.sql.nodes import Node, choice, inner, kind

_PATH = "search_path"
_USER = "$user"


def set_variable(schema: Schema, node: Node) -> Schema:
    """SET and RESET; SET LOCAL is taken to last, for a transaction's end is not modelled."""
    match choice(node, "kind"):
        case "VAR_SET_VALUE" if node.name == _PATH:
            values = (inner(each) for each in node.args)
            return _with_path(schema, (value.sval.sval for value in values if kind(value) == "A_Const"))
        case "VAR_SET_DEFAULT" | "VAR_RESET" if node.name == _PATH:
            return _with_path(schema, EMPTY.search_path)
        case "VAR_RESET_ALL":
            return _with_path(schema, EMPTY.search_path)
    return schema


def set_config(schema: Schema, node: Node) -> Schema:
    """Follow ``SELECT set_config('search_path', …)``, with which pg_dump begins."""
    for target in (inner(each) for each in node.target_list):
        call = inner(target.val)
        if call is None or kind(call) != "FuncCall" or inner(call.funcname[-1]).sval != "set_config":
            continue
        values = [inner(each) for each in call.args]
        if len(values) == 3 and all(kind(value) == "A_Const" for value in values) and values[0].sval.sval == _PATH:
            schema = _with_path(schema, _listed(values[1].sval.sval))
    return schema


def _listed(text: str) -> Iterable[str]:
    """Read a list of identifiers as it stands in a setting's value."""
    for which, start, end in code(text):
        if which is Kind.QUOTED:
            yield text[start + 1 : end - 1].replace('""', '"')
        elif which is Kind.WORD:
            yield text[start:end].lower()


def _with_path(schema: Schema, names: Iterable[str]) -> Schema:
    """Set the path without what names no schema that could be known here: the user's own, and ""."""
    path = tuple(name for name in names if name and name != _USER)
    return schema if path == schema.search_path else replace(schema, search_path=path)


def next_session(schema: Schema, search_path: tuple[str, ...] = (DEFAULT_SCHEMA,)) -> Schema:
    """Return the schema as another session finds it: without temporary tables, with a search path of its own."""
    temporary = [name for name in schema.tables if name.schema == TEMPORARY_SCHEMA]
    return _with_path(schema.without_tables(temporary) if temporary else schema, search_path)
