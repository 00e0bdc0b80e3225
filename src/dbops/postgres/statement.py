"""What the server knows of one statement and of what it reads: types of parameters, values, facts, hazards."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dbops.postgres.errors import ServerError
from dbops.postgres.explain import LOCK_TIMEOUT, PLAN_TIMEOUT, placed
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.sql.nodes import Relation

_NAME = "dbops_explain"
_GRACE = 15.0


def parameter_types(session: Session, statement: str) -> tuple[str, ...]:
    """Return the types PostgreSQL infers for ``$1``, ``$2`` …, as ``format_type`` spells them.

    The statement is only prepared. Raises ServerError, whose ``position`` counts in the statement.
    """
    prefix = f"PREPARE {_NAME} AS "
    session.run(f"BEGIN READ ONLY; SET LOCAL lock_timeout = {LOCK_TIMEOUT * 1000:.0f}")
    try:
        session.run(prefix + statement, bound=PLAN_TIMEOUT + _GRACE, heed=True)
        types: list[str] = session.json(render("explain/parameter_types", name=_NAME)) or []
        session.run(f"DEALLOCATE {_NAME}")
    except ServerError as error:
        raise placed(error, len(prefix)) from None
    finally:
        if not session.closed:
            session.run("ROLLBACK")
    return tuple(types)


def column_values(session: Session, columns: Collection[tuple[Relation, str]]) -> dict[tuple[Relation, str], Any]:
    """Return ``common``, ``frequencies`` and ``histogram`` of columns that have statistics the role may see."""
    asked = json.dumps([[table.schema, table.name, column] for table, column in columns])
    found = session.json(render("explain/column_values", columns=asked))
    return {(Relation(each["schema"], each["table"]), each["column"]): each for each in found}


def facts(session: Session, relations: Collection[Relation]) -> list[dict[str, Any]]:
    """Return sizes and statistics of tables, by their qualified names."""
    asked = json.dumps([[relation.schema, relation.name] for relation in relations])
    found: list[dict[str, Any]] = session.json(render("explain/facts", relations=asked))
    return found


def settings(session: Session) -> dict[str, str]:
    """Return the planner's settings, as SHOW spells them."""
    found: dict[str, str] = session.json(render("explain/settings"))
    return found


def hazards(
    session: Session, functions: Collection[Relation], written: Sequence[tuple[Relation, str]]
) -> Mapping[str, list[list[str]]]:
    """Return which functions are volatile, and triggers and sequences of the tables that are written.

    ``written`` are qualified names with the operation (``Insert``, ``Update``, ``Delete``, ``Merge``).
    """
    asked = render(
        "explain/hazards",
        functions=json.dumps([[each.schema, each.name] for each in functions]),
        written=json.dumps([[table.schema, table.name, operation] for table, operation in written]),
    )
    return {kind: [json.loads(each) for each in found] for kind, found in session.json(asked).items()}


def seen(session: Session, schema: str, queryid: int) -> dict[str, Any] | None:
    """Return what pg_stat_statements, installed in ``schema``, has of a statement; None when it has seen none."""
    found: dict[str, Any] | None = session.json(render("explain/statement", schema=schema, queryid=str(queryid)))
    return found
