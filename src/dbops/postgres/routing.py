"""What a server tells of statements that a standby might answer."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.sql.nodes import Relation


def behind(session: Session, relations: Collection[str], functions: Collection[Relation]) -> dict[str, Any]:
    """Return what is behind the names that queries have.

    ``functions`` [schema as asked, name, schema, whether it is in C] are those that are declared volatile, ``nowhere``
    [schema as asked, name] those that nothing has, ``implicit`` [name, function] volatile functions of one's own that
    operators and casts to types of these names call, ``absent`` [relation as asked, name, u, t or S] relations without
    rows on a standby, or a sequence, ``below`` [relation as asked, name] the
    tables that it is or has below it, ``unknown`` names that nothing has, ``tables`` [relation as asked, oid, rows
    written so far] what is read.
    """
    found: dict[str, Any] = session.json(
        render(
            "workload/routing",
            relations=json.dumps(sorted(relations)),
            functions=json.dumps(
                sorted([each.schema, each.name] for each in functions if each.schema)
                + sorted([None, each.name] for each in functions if not each.schema)
            ),
        )
    )
    texts = ("functions", "absent", "below")
    return {kind: [json.loads(each) for each in rows] if kind in texts else rows for kind, rows in found.items()}


def views(session: Session, relations: Collection[str]) -> list[tuple[str, str]]:
    """Return relation as asked and definition of each view that is one of the relations or is read by one."""
    found = session.json(render("workload/views", relations=json.dumps(sorted(relations))))
    return [(relation, definition) for relation, definition in found]


def standbys(session: Session) -> dict[str, Any]:
    """Return ``at`` (the server's clock, epoch), where its WAL is ``written`` and ``flushed`` to, and ``standbys``.

    Those are pid, name, place of replay and seconds of the server's own replay lag (None: nothing is under way, or the
    role may not see it). Places are bytes since 0/0.
    """
    found: dict[str, Any] = session.json(render("workload/standbys"))
    return found
