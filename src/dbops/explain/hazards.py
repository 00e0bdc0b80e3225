"""What running a statement may do that a rollback does not undo. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dbops.results.plan import Plan, PlanNode
from dbops.sql.lexer import Kind, code
from dbops.sql.nodes import Relation
from dbops.sql.volatility import HARMLESS

_SEQUENCES = frozenset({"nextval", "setval"})
_SESSIONS = frozenset({"pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_promote"})
_NAMES = frozenset({"Node Type", "Relation Name", "Schema", "Alias", "Index Name", "CTE Name", "Subplan Name"})
_OPERATIONS = frozenset({"Insert", "Update", "Delete", "Merge"})
_OUTSIDE = "what it does outside of this transaction"
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


def functions(plan: Plan) -> frozenset[Relation]:
    """Return the functions that the plan's expressions call, as they are written there.

    A plan shows those of views and of inlined SQL functions too. EXPLAIN qualifies what the search path doesn't find.
    """
    return frozenset(name for node in plan.nodes() for text in _expressions(node) for name in _called(text))


def written(plan: Plan) -> tuple[tuple[Relation, str], ...]:
    """Return the tables that the plan writes, with the operation."""
    return tuple(
        (Relation(node.schema, node.relation), str(node.raw["Operation"]))
        for node in plan.nodes()
        if node.raw.get("Operation") in _OPERATIONS and node.relation is not None
    )


def warnings(found: Mapping[str, Iterable[Sequence[str]]]) -> Iterator[str]:
    """Yield what to say before a statement is run, from what ``postgres.statement.hazards`` returns."""
    for schema, name in found["functions"]:
        shown = name if schema == "pg_catalog" else str(Relation(schema, name))
        if schema == "pg_catalog" and name in HARMLESS:
            continue
        if name in _SEQUENCES:
            yield f"{shown}() changes a sequence: a rollback does not turn it back"
        elif name in _SESSIONS:
            yield f"{shown}() acts on other sessions or the server: no transaction, read-only or not, holds it back"
        else:
            yield f"{shown}() is volatile: {_OUTSIDE} (dblink, files, sequences, other sessions) is not undone"
    for schema, table, trigger in found["triggers"]:
        yield f"trigger {trigger} of {Relation(schema, table)} fires: {_OUTSIDE} is not undone"
    for schema, name in found["sequences"]:
        yield f"it takes values from the sequence {Relation(schema, name)}: a rollback does not give them back"


def _expressions(node: PlanNode) -> Iterator[str]:
    for key, value in node.raw.items():
        if key not in _NAMES:
            if isinstance(value, str):
                yield value
            elif isinstance(value, list):
                yield from (each for each in value if isinstance(each, str))
    if node.kind == "Function Scan" and node.raw.get("Function Name"):
        yield f"{Relation(node.schema, str(node.raw['Function Name']))}()"


def _called(text: str) -> Iterator[Relation]:
    """Yield the names before parentheses, with the schema where one is written."""
    tokens = list(code(text))
    for place, token in enumerate(tokens):
        if text[token.start] != "(" or place == 0 or tokens[place - 1].kind not in {Kind.WORD, Kind.QUOTED}:
            continue
        name = _name(text[tokens[place - 1].start : tokens[place - 1].end])
        qualified = place > 2 and text[tokens[place - 2].start] == "."
        schema = _name(text[tokens[place - 3].start : tokens[place - 3].end]) if qualified else None
        yield Relation(schema, name)


def _name(text: str) -> str:
    match = _QUOTED.fullmatch(text)
    return match[1].replace('""', '"') if match else text.lower()
