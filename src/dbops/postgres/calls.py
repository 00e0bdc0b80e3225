"""How often which role calls a statement, and how the relations that statements name refer to each other."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.postgres.statements import Extension


def calls(session: Session, where: Extension) -> list[list[Any]]:
    """Return role's oid, queryid, calls, rows and ms so far of each statement that clients called in this database.

    What the role may not see is left out.
    """
    found: list[list[Any]] = session.json(render("workload/callers", schema=where.schema))
    return found


def keys(session: Session, relations: Collection[str]) -> dict[str, Any]:
    """Return what is behind relations' names.

    ``relations`` are [name as asked, oid], ``columns`` and ``unique`` (by themselves) [oid, column], ``references``
    [oid, column, oid, column that is referred to].
    """
    found = session.json(render("workload/keys", relations=json.dumps(sorted(relations))))
    texts = ("unique", "references")
    return {kind: [json.loads(each) for each in rows] if kind in texts else rows for kind, rows in found.items()}
