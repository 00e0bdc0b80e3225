"""``dbops nplusone --log``: from PostgreSQL's logs to the loops in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dbops.postgres.interrupt import Interrupt
from dbops.results.nplusone import Loop, NPlusOneResult
from dbops.results.progress import Event
from dbops.workload.logs.executions import Execution, executions
from dbops.workload.logs.opening import read
from dbops.workload.logs.progress import lacking, reported
from dbops.workload.logs.record import Counted
from dbops.workload.nplusone.judge import FEWEST
from dbops.workload.nplusone.summary import Summary
from dbops.workload.nplusone.units import Units


@dataclass(frozen=True, slots=True)
class Request:
    """Which logs, and how.

    ``prefix`` is log_line_prefix of logs that are plain text, None for the one that is recognised. Loops of less than
    ``fewest`` calls are left out, and those of other databases than ``database`` when that is given.
    """

    logs: tuple[Path, ...]
    prefix: str | None = None
    encoding: str = "utf-8"
    fewest: int = FEWEST
    database: str | None = None
    report: Callable[[Event], None] = lambda _event: None

    def takes(self, execution: Execution) -> bool:
        """Whether it is of the database that is asked for; what does not tell its database is."""
        return self.database is None or execution.database in {None, self.database}


def nplusone(request: Request, interrupt: Interrupt | None = None) -> NPlusOneResult:
    """Return the loops that sessions' statements show.

    Logs are read once, line by line: how large they are does not matter. Raises UsageError for a log that can't be
    read, and Interrupted.
    """
    counted, units, summary = Counted(), Units(), Summary()
    found = read(request.logs, counted, prefix=request.prefix, encoding=request.encoding)
    with (interrupt or Interrupt()).raising():  # who writes to a pipe may be silent for long
        for execution in reported(executions(found), request.report):
            if request.takes(execution):
                summary.take(units.add(execution), request.fewest)
        summary.take(units.rest(), request.fewest)
    return result(summary.loops(), counted, units)


def result(findings: tuple[Loop, ...], counted: Counted, units: Units) -> NPlusOneResult:
    """Return what was found in logs, and what keeps loops from being seen."""
    return NPlusOneResult(
        findings=findings,
        statements=units.statements,
        sessions=units.sessions,
        unreadable=counted.unreadable,
        unparsed=units.unparsed,
        notes=tuple(_notes(counted, units)),
    )


def _notes(counted: Counted, units: Units) -> Iterator[str]:
    yield from lacking(counted, units.statements)
    if units.undecoded:
        yield f"{units.undecoded:,} statements have bytes that are not of the encoding: --encoding says which it is"
    if units.unparsed:
        yield f"{units.unparsed:,} statements can't be parsed: cut off by the log, or no SQL of PostgreSQL's"
