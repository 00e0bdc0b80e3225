"""What a server tells of what its statements read, and of its own cache."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from dbops.postgres.errors import INSUFFICIENT_PRIVILEGE, QUERY_CANCELED, ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.sql.dependence import SESSION_WORDS
from dbops.sql.nodes import Relation

_STATEMENT_TIMEOUT = 10.0
_GRACE = 5.0


def tables(session: Session, relations: Collection[str]) -> list[dict[str, Any]]:
    """Return what is behind names of relations, views and partitions included, an object for each name and relation.

    ``asked`` is the name, ``root`` whether it is that relation itself, ``name`` its own, ``kind`` as in pg_class,
    ``derives`` whether an UPDATE may change columns that it does not name, ``numbers`` its columns that can be counted
    up, ``written`` its rows written so far (None: it has no counters), ``unique`` the columns of its unique keys.
    """
    found: list[dict[str, Any]] = session.json(render("workload/cache/tables", relations=json.dumps(sorted(relations))))
    return found


def opaque(session: Session, functions: Collection[Relation]) -> dict[Relation, bool]:
    """Return which of the functions may read tables that no text tells of, and whether one looks at who asks."""
    asked = json.dumps([[each.schema, each.name] for each in functions])
    words = rf"\m({'|'.join(sorted(SESSION_WORDS))})\M"
    found: list[Any] = session.json(render("workload/cache/functions", functions=asked, words=words))
    return {Relation(schema, name): asks for schema, name, asks in found}


def server(session: Session) -> dict[str, Any]:
    """Return sizes and counters of the server's cache for this database; see ``server.sql``."""
    found: dict[str, Any] = session.json(render("workload/cache/server"))
    return found


def relations(session: Session) -> list[list[Any]]:
    """Return oid, name, table's name, pages, and blocks hit and read so far of the database's tables and indexes."""
    found: list[list[Any]] = session.json(render("workload/cache/relations"))
    return found


def resident(session: Session, schema: str) -> dict[str, Any] | None:
    """Return ``used`` (blocks) and ``relations`` (oid, blocks) of what is in shared_buffers now.

    None where the role may not see it, or a large cache takes longer than ten seconds to look through.
    """
    limit = f"SET LOCAL statement_timeout = {_STATEMENT_TIMEOUT * 1000:.0f}"
    query = render("workload/cache/resident", schema=schema)
    try:
        found: dict[str, Any] = session.json(
            f"BEGIN READ ONLY; {limit}; {query}; ROLLBACK", bound=_STATEMENT_TIMEOUT + _GRACE
        )
    except ServerError as error:
        with suppress(ServerError):
            session.run("ROLLBACK")
        if error.sqlstate in {INSUFFICIENT_PRIVILEGE, QUERY_CANCELED}:
            return None
        raise
    return found
