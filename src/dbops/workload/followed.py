"""What sessions did, from PostgreSQL's logs, for ``dbops advise replicas --log``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from dbops.postgres.interrupt import Interrupt
from dbops.results.progress import Event
from dbops.results.workload import Identity
from dbops.workload.freshness.facts import Facts
from dbops.workload.freshness.history import History
from dbops.workload.freshness.identity import LOOKED_AT, recognised
from dbops.workload.logs.executions import Execution, executions
from dbops.workload.logs.opening import read
from dbops.workload.logs.progress import lacking, reported
from dbops.workload.logs.record import Counted

QUICK_MS = 1.0
"""A log in which no statement is quicker has not all of them: some of any application's are."""


@dataclass(frozen=True, slots=True)
class Log:
    """Which logs, and how to read them.

    ``prefix`` and ``encoding`` are as in :mod:`dbops.workload.loops`. ``identity`` is what tells clients apart, None
    for what is recognised.
    """

    files: tuple[Path, ...]
    prefix: str | None = None
    encoding: str = "utf-8"
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of the statements that were asked for, what told clients apart, and what the log lacks."""

    history: History
    identity: Identity
    notes: tuple[str, ...]


def refuse_unreadable(log: Log) -> None:
    """Raise UsageError for a file that can't be read as a log; what can be read only once is left alone."""
    for file in log.files:
        if file.is_fifo() or str(file) == "-":
            continue
        next(read((file,), Counted(), prefix=log.prefix, encoding=log.encoding), None)


def follow(
    log: Log,
    database: str,
    facts: Facts,
    wanted: Collection[str],
    lag: float | None,
    *,
    interrupt: Interrupt,
    report: Callable[[Event], None],
) -> Seen:
    """Read the logs once, line by line: how large they are does not matter.

    ``wanted`` are fingerprints of statements of that database, ``lag`` is in seconds. Raises UsageError for a log that
    can't be read, and Interrupted.
    """
    counted = Counted()
    with interrupt.raising():  # who writes to a pipe may be silent for long
        here = of_database(log, database, counted, report)
        begin = list(islice(here, LOOKED_AT))
        identity = log.identity or recognised(begin)
        history = History(facts, wanted, identity, lag)
        for execution in chain(begin, here):
            history.add(execution)
        history.end()
    return Seen(history, identity, tuple(_notes(counted, history, database)))


def of_database(log: Log, database: str, counted: Counted, report: Callable[[Event], None]) -> Iterator[Execution]:
    """Yield what a database's sessions executed, apart from dbops's own."""
    found = executions(read(log.files, counted, prefix=log.prefix, encoding=log.encoding))
    return (each for each in reported(found, report) if each.database in {None, database} and not _own(each))


def _own(execution: Execution) -> bool:
    """Whether dbops asked it."""
    return (execution.application or "").startswith("dbops ")


def _notes(counted: Counted, history: History, database: str) -> Iterator[str]:
    yield from lacking(counted, history.statements, database)
    if history.undated:
        yield (
            f"{history.undated:,} statements of the log have no time, and tell nothing: log_line_prefix needs %m, or %n"
        )
    elif history.statements and not history.writes:
        yield "nothing in the log writes: that what is read was not written before is then no news"
    if history.quickest_ms is not None and history.quickest_ms >= QUICK_MS:
        yield (
            f"no statement of the log was quicker than {history.quickest_ms:g} ms: it hasn't all of them "
            "(log_min_duration_statement = 0 shows all), and writes that are missing leave shares too high"
        )
