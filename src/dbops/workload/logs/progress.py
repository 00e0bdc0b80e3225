"""How far the reading of logs is, and what they lack: the same for whoever reads them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dbops.results.progress import Event, QueryRunning
from dbops.workload.logs.executions import Execution
from dbops.workload.logs.record import Counted

_EVERY = 20_000
"""Statements between two reports of how far it is."""


def reported(found: Iterator[Execution], report: Callable[[Event], None]) -> Iterator[Execution]:
    """Yield what is found, and say now and then how far it is."""
    started = time.monotonic()
    for number, execution in enumerate(found):
        if number % _EVERY == 0 and number:
            report(QueryRunning(f"reading logs, {number:,} statements", time.monotonic() - started, None))
        yield execution


def lacking(counted: Counted, statements: int, database: str | None = None) -> Iterator[str]:
    """Yield what of logs could not be read; ``statements`` is how many were, of one database where it is named."""
    if not counted.records:
        yield "nothing was read as an entry of PostgreSQL's log"
    elif not statements:
        of = f" in database {database}" if database is not None else ""
        yield (
            f"no statement{of} is in the log: it must have them (log_min_duration_statement = 0 shows all), and in "
            "English (lc_messages = 'C')"
        )
    if counted.unreadable:
        yield f"{counted.unreadable:,} lines are no entry of a log, or were cut off"
