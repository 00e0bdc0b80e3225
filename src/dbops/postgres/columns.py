"""What the planner goes by: statistics of tables, columns and indexes, and what it makes of single conditions."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbops.postgres.errors import LOCK_NOT_AVAILABLE, QUERY_CANCELED, ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier

STATEMENT_TIMEOUT = 10.0
"""Seconds for all of it; on a catalog of a thousand tables it takes a twentieth of one."""
LOCK_TIMEOUT = 1.0
_GRACE = 5.0


def facts(session: Session, tables: Collection[Relation], functions: Collection[str]) -> dict[str, Any]:
    """Return statistics and indexes of tables, by their qualified names, and how volatile functions of names are.

    It holds no values of rows. Raises ServerError, also when a lock on a table isn't given within a moment: spelling
    an index's expression needs one.
    """
    query = render(
        "advise/facts",
        tables=json.dumps([[table.schema, table.name] for table in tables]),
        functions=json.dumps(sorted(functions)),
        statement_timeout=f"{STATEMENT_TIMEOUT:.0f}s",
        lock_timeout=f"{LOCK_TIMEOUT:.0f}s",
    )
    document: dict[str, Any] = session.json(query, bound=STATEMENT_TIMEOUT + _GRACE)
    return document


@dataclass(frozen=True, slots=True)
class Ask:
    """How many of a table's rows meet a condition, which is SQL about no other table and calls this one ``alias``."""

    table: Relation
    alias: str
    condition: str


def expected_rows(session: Session, asked: Sequence[Ask]) -> Mapping[Ask, float]:
    """Return how many rows the planner expects of each condition; of one that it can't plan alone, nothing.

    Nothing is run. Raises ServerError when a lock isn't given within a moment, and ConnectionLost.
    """
    try:
        return dict(zip(asked, _planned(session, asked), strict=True))
    except ServerError as error:
        _unless_busy(error)
    found: dict[Ask, float] = {}
    for each in asked:
        try:
            found[each] = _planned(session, [each])[0]
        except ServerError as error:
            _unless_busy(error)
    return found


def _unless_busy(error: ServerError) -> None:
    """Raise the error again when the next question would meet with it, too."""
    if error.sqlstate in {LOCK_NOT_AVAILABLE, QUERY_CANCELED}:
        raise error


def _planned(session: Session, asked: Sequence[Ask]) -> list[float]:
    if not asked:
        return []
    lines = [
        "BEGIN READ ONLY",
        f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT * 1000:.0f}",
        f"SET LOCAL lock_timeout = {LOCK_TIMEOUT * 1000:.0f}",
        *(f"EXPLAIN (FORMAT JSON) SELECT FROM {_table(each)} WHERE {each.condition}\n" for each in asked),
        "ROLLBACK",
    ]
    try:
        results = session.run("; ".join(lines), bound=STATEMENT_TIMEOUT + _GRACE)
    except ServerError:
        session.run("ROLLBACK")
        raise
    documents = [json.loads(bytes(result.get_value(0, 0) or b"")) for result in results if result.ntuples]
    return [_rows(document[0]["Plan"]) for document in documents]


def _table(ask: Ask) -> str:
    schema = f"{identifier(ask.table.schema)}." if ask.table.schema else ""
    return f"{schema}{identifier(ask.table.name)} AS {identifier(ask.alias)}"


def _rows(plan: Mapping[str, Any]) -> float:
    return float(plan["Plan Rows"])
