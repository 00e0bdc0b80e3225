"""What pg_dump wrote, as statements that are the same between runs and versions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import unified_diff

from dbops.sql.nodes import Node, inner, kind
from dbops.sql.psql import blanked
from dbops.sql.split import split

_KEPT_SETTING = "default_table_access_method"
_USUAL_METHOD = "heap"
_SEQUENCES_UNLOGGED = 150000
# Before, the sequence of an unlogged table's identity column is logged, which pg_dump says since.
_LOGGED = re.compile(r"^(    SEQUENCE NAME [^\n]+\n)    LOGGED\n", re.MULTILINE)
HEADER = """\
-- The schema, written by `dbops migrate dump`. Load it into an empty database with psql.
SET check_function_bodies = false;
SET search_path = '';
"""


def statements(dumped: str, version: int) -> tuple[str, ...]:
    """Return the statements that make the schema, and the rows: no settings, no comments, no psql commands.

    What tells a sequence that it was never used is left out, and what a server of ``version``
    (``server_version_num``), the one that was dumped, doesn't know.
    """
    text, _ = blanked(dumped if version >= _SEQUENCES_UNLOGGED else _LOGGED.sub(r"\1", dumped))
    found = [each for each in split(text) if each.node is None or not _is_noise(each.node)]
    return tuple(each.text for each in found)


def document(made: Iterable[str], applied: Sequence[str]) -> str:
    """Return the file: a header, the statements, and which migrations are applied."""
    parts = [HEADER, *(f"{each};\n" for each in made)]
    if applied:
        listed = "".join(f"--   {label}\n" for label in applied)
        parts.append(
            f"-- Applied migrations (`dbops migrate baseline` records them in a database that was loaded):\n{listed}"
        )
    return "\n".join(parts)


def difference(there: str, wanted: str, name: str) -> str:
    """Return what would change in the file of that name, as a unified diff; empty when nothing would."""
    lines = unified_diff(there.splitlines(), wanted.splitlines(), name, "the database", n=3, lineterm="")
    return "\n".join(lines)


def _is_noise(node: Node) -> bool:
    if kind(node) == "VariableSetStmt":
        return not (node.name == _KEPT_SETTING and _value(node) != _USUAL_METHOD)
    return kind(node) == "SelectStmt" and not _moves_a_sequence(node)


def _moves_a_sequence(select: Node) -> bool:
    call = inner(inner(select.target_list[0]).val)
    if kind(call) != "FuncCall" or inner(call.funcname[-1]).sval != "setval":
        return False
    return bool(inner(call.args[-1]).boolval.boolval)


def _value(setting: Node) -> str:
    constant = inner(setting.args[0]) if setting.args else None
    return "" if constant is None else str(constant.sval.sval)
