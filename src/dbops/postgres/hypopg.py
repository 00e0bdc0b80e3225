"""HypoPG: indexes that exist for one session's planner alone, so that it says what a query would cost with them.

Everything goes as one message: it works through a transaction pooler, in a read-only transaction and on a standby, and
leaves nothing, for HypoPG keeps what it makes in the memory of the backend and :func:`plan` has it forget that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dbops.postgres.errors import ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session

OLDEST = (1, 1)
"""The version since which an index's size can be asked for by all."""
STATEMENT_TIMEOUT = 5.0
"""Seconds that one question may take."""
LOCK_TIMEOUT = 1.0
_GRACE = 5.0


@dataclass(frozen=True, slots=True)
class Hypothetical:
    """The plan's JSON document, and of each index that was asked for the name that the plan calls it, and its size."""

    document: Mapping[str, Any]
    names: tuple[str, ...]
    sizes: tuple[int, ...]


def is_usable(version: str) -> bool:
    """Whether an installed version is new enough."""
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    return numbers >= OLDEST


def plan(
    session: Session, schema: str, statements: Sequence[str], query: str, *, verbose: bool = False
) -> Hypothetical:
    """Return how the query would be planned with the indexes that these CREATE INDEX statements make.

    ``schema`` is where the extension is. The query is not run. A requested interrupt cancels it. Raises ServerError,
    also for an index that can't be; the session is then as it was before all the same.
    """
    forget = render("advise/forget", schema=schema)
    lines = [
        "BEGIN READ ONLY",
        f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT * 1000:.0f}",
        f"SET LOCAL lock_timeout = {LOCK_TIMEOUT * 1000:.0f}",
        forget,
        *(render("advise/hypothetical", schema=schema, create=each) for each in statements),
        f"EXPLAIN (FORMAT JSON, VERBOSE {'ON' if verbose else 'OFF'}) {query}\n",
        forget,
        "ROLLBACK",
    ]
    try:
        results = session.run("; ".join(lines), bound=STATEMENT_TIMEOUT + _GRACE, heed=True)
    except BaseException:
        if not session.closed:
            with suppress(ServerError):  # in one message, so that a pooler sends it to the same backend
                session.run(f"ROLLBACK; {forget}")
        raise
    _, *made, explained, _ = [result for result in results if result.ntuples]
    return Hypothetical(
        document=json.loads(bytes(explained.get_value(0, 0) or b""))[0],
        names=tuple(bytes(each.get_value(0, 0) or b"").decode() for each in made),
        sizes=tuple(int(bytes(each.get_value(0, 1) or b"0")) for each in made),
    )
