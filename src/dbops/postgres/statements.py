"""pg_stat_statements: what all statements have cost, and their texts."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from dbops.postgres.query import render
from dbops.postgres.session import Session

_INFO_SINCE = (1, 9)
"""pg_stat_statements_info came with PostgreSQL 14's version; an upgraded server may still have an older one."""
WAL_SINCE = (1, 8)
"""WAL is counted since PostgreSQL 13's version."""


@dataclass(frozen=True, slots=True)
class Extension:
    """Where pg_stat_statements is installed in a database, and which version."""

    schema: str
    version: tuple[int, ...]


def extension(session: Session) -> Extension | None:
    """Return where the extension is, None where it isn't installed in this database."""
    said = session.json(render("workload/extension"))
    return None if said is None else Extension(said["schema"], tuple(map(int, said["version"].split("."))))


def settings(session: Session) -> dict[str, Any]:
    """Return ``io_timing``, ``block_size`` (bytes), ``track``, ``available`` and ``loaded`` (None: unknown).

    Also ``queryids``, the setting compute_query_id (None before PostgreSQL 14), and ``version``, that of the extension
    which the server would install.
    """
    found: dict[str, Any] = session.json(render("workload/settings"))
    return found


def sample(session: Session, where: Extension, *, everywhere: bool) -> dict[str, Any]:
    """Return ``at`` (the server's clock, epoch) and ``rows``, the counters of each statement so far.

    A row is database's oid, queryid (None: of a role that this one may not see), whether it was called by a client,
    calls, ms, rows, blocks hit, read and written, temporary blocks, bytes of WAL, ms of I/O. Of all databases when
    ``everywhere``. Raises ServerError (55000) where the library isn't loaded.
    """
    found: dict[str, Any] = session.json(render("workload/sample", schema=where.schema, everywhere=everywhere))
    return found


def counted_since(session: Session, where: Extension) -> dict[str, Any] | None:
    """Return ``since`` (epoch), ``at`` (the same as text), ``thrown_out``; None before version 1.9."""
    if where.version < _INFO_SINCE:
        return None
    found: dict[str, Any] = session.json(render("workload/reset", schema=where.schema))
    return found


def texts(session: Session, where: Extension, wanted: Collection[tuple[int, int]]) -> list[list[Any]]:
    """Return oid, queryid, database's name, text, and whether it is dbops's own, of statements by oid and queryid.

    dbops's own are returned whether wanted or not.
    """
    asked = json.dumps([list(pair) for pair in wanted])
    found: list[list[Any]] = session.json(render("workload/texts", schema=where.schema, wanted=asked))
    return found
