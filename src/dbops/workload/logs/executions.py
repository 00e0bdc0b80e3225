"""What sessions executed, from a log's records: a statement with its parameters and its time."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dbops.workload.logs.record import Record

_SESSIONS = 10_000
"""Sessions whose last statement is remembered until its duration comes."""
_DURATION = re.compile(r"duration: (\d+\.\d+) ms(?:  (\w[^:]*): (.*))?\Z", re.DOTALL)
_STATEMENT = re.compile(r"(statement|execute [^:]*): (.*)\Z", re.DOTALL)
_PARAMETERS = re.compile(r"[Pp]arameters: (.*)\Z", re.DOTALL)
_FAILED = frozenset({"ERROR", "FATAL", "PANIC"})


class Execution(NamedTuple):
    """A statement that a session ran.

    ``at`` is when it ended, in seconds (None: unknown), ``ms`` how long it took (None: the log does not say).
    ``parameters`` are the bound values as the log spells them, None where there are none or none are logged.
    """

    at: float | None
    ms: float | None
    session: str
    transaction: str | None
    user: str | None
    database: str | None
    application: str | None
    sql: str
    parameters: str | None
    failed: bool


def executions(records: Iterable[Record]) -> Iterator[Execution]:
    """Yield each statement that was logged, once.

    With log_min_duration_statement (or log_statement_sample_rate) a line has duration and statement; with log_statement
    and log_duration they are two lines, the statement's first. Parsing and binding are parts of an execution and not
    one of their own; plans of auto_explain are left out, since the statement is logged beside them or not at all.
    """
    found = Executions()
    for record in records:
        yield from found.add(record)
    yield from found.rest()


class Executions:
    """Takes records as they come, gives executions; keeps, by session, the statements whose durations may yet come."""

    def __init__(self) -> None:
        self._begun: OrderedDict[str, Execution] = OrderedDict()

    def add(self, record: Record) -> tuple[Execution, ...]:
        """Take one more; returns the executions that are known because of it."""
        if record.message.startswith("duration: "):
            return self._ended(record)
        if record.message.startswith(("statement: ", "execute ")):
            return self._began(record)
        if record.level in _FAILED and record.statement:
            return self._failed(record)
        return ()

    def _began(self, record: Record) -> tuple[Execution, ...]:
        match = _STATEMENT.match(record.message)
        if match is None:
            return ()
        before = self._begun.pop(record.session, None)
        self._begun[record.session] = _execution(record, match[2], None)
        if before is not None:  # no duration is logged, or not of all
            return (before,)
        return (self._begun.popitem(last=False)[1],) if len(self._begun) > _SESSIONS else ()

    def _ended(self, record: Record) -> tuple[Execution, ...]:
        match = _DURATION.match(record.message)
        if match is None:
            return ()
        ms, what, text = match.groups()
        begun = self._begun.pop(record.session, None) if self._begun else None
        if what is None:
            return () if begun is None else (begun._replace(at=record.at, ms=float(ms)),)
        if what == "statement" or what.startswith("execute"):
            return (_execution(record, text, float(ms)),)
        if begun is not None:  # the time of a part of it
            self._begun[record.session] = begun
        return ()

    def _failed(self, record: Record) -> tuple[Execution, ...]:
        self._begun.pop(record.session, None)
        return (_execution(record, record.statement, None)._replace(failed=True),)

    def rest(self) -> Iterator[Execution]:
        """Yield the statements whose durations did not come."""
        yield from self._begun.values()
        self._begun.clear()


def _execution(record: Record, text: str, ms: float | None) -> Execution:
    parameters = _PARAMETERS.match(record.detail) if record.detail else None
    return Execution(
        record.at,
        ms,
        record.session,
        record.transaction,
        record.user,
        record.database,
        record.application,
        text,
        parameters[1] if parameters else None,
        failed=False,
    )
