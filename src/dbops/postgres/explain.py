"""EXPLAIN of one statement, in a transaction that leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dbops.postgres.errors import ServerError
from dbops.postgres.session import Session
from dbops.sql.quote import identifier, literal

PLAN_TIMEOUT = 30.0
"""Seconds that planning alone may take."""
LOCK_TIMEOUT = 2.0
"""Seconds to wait for a table's lock: behind an ALTER TABLE that waits, all others would wait for us."""
_GRACE = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """How a statement is explained.

    ``analyze`` runs it, for ``timeout`` seconds at most (None: without end). ``timing`` measures each node, which costs
    time itself. ``buffers`` counts blocks, and with ``writes`` what goes into the write-ahead log. ``writes`` runs it
    in a transaction that may write; it is rolled back all the same. ``generic`` plans it for parameters without values
    (16+). ``settings`` hold for this one EXPLAIN. ``before`` are statements that run in its transaction before it, and
    are rolled back with it.
    """

    analyze: bool = False
    timing: bool = True
    buffers: bool = True
    verbose: bool = True
    writes: bool = False
    generic: bool = False
    timeout: float | None = PLAN_TIMEOUT
    lock_timeout: float = LOCK_TIMEOUT
    settings: Mapping[str, str] | None = None
    before: tuple[str, ...] = ()


def explain(
    session: Session, statement: str, version: int, options: Options, *, tick: Callable[[float], None] | None = None
) -> Mapping[str, Any]:
    """Return EXPLAIN's JSON document of one statement.

    ``version`` is ``server_version_num``. The transaction is read-only unless ``writes``, and is rolled back. A
    requested interrupt cancels it. Raises ServerError, whose ``position`` counts in the statement, and ConnectionLost.
    """
    prefix = f"EXPLAIN ({', '.join(_words(version, options))}) "
    bound = None if options.timeout is None else options.timeout + _GRACE
    try:
        session.run(_begin(options))
        for each in options.before:
            session.run(each, bound=bound, heed=True)
        try:
            results = session.run(prefix + statement, bound=bound, tick=tick, heed=True)
        except ServerError as error:
            raise placed(error, len(prefix)) from None
    finally:
        if not session.closed:
            session.run("ROLLBACK")
    document: Mapping[str, Any] = json.loads(bytes(results[-1].get_value(0, 0) or b""))[0]
    return document


def _begin(options: Options) -> str:
    timeout = 0 if options.timeout is None else max(round(options.timeout * 1000), 1)
    settings = {
        "statement_timeout": str(timeout),
        "lock_timeout": str(round(options.lock_timeout * 1000)),
        **(options.settings or {}),
    }
    mode = "READ WRITE" if options.writes else "READ ONLY"
    lines = [f"SET LOCAL {identifier(name)} = {literal(value)}" for name, value in settings.items()]
    return "; ".join([f"BEGIN {mode}", *lines])


def _words(version: int, options: Options) -> list[str]:
    """Return EXPLAIN's options, those that the version has."""
    words = ["FORMAT JSON", f"VERBOSE {_switch(options.verbose)}", "SETTINGS"]
    if options.generic:
        words.append("GENERIC_PLAN")
    if version >= 170000:
        words.append("MEMORY")
    if options.analyze:
        words += ["ANALYZE", f"TIMING {_switch(options.timing)}"]
        words += ["WAL"] if options.writes and options.buffers else []
        words += ["SERIALIZE TEXT"] if version >= 170000 and options.timing else []
    if options.buffers or version >= 180000:  # which has them on by itself when it analyzes
        words.append(f"BUFFERS {_switch(options.buffers)}")
    return words


def _switch(on: bool) -> str:
    return "ON" if on else "OFF"


def placed(error: ServerError, prefix: int) -> ServerError:
    """Return the error with its position counted in the statement."""
    position = error.report.position
    if position is None or position <= prefix:
        return error
    return ServerError(replace(error.report, position=position - prefix), error.results)
