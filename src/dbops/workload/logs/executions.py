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

    def add(self, record: Record) -> Iterator[Execution]:
        """Take one more; yields the executions that are known because of it."""
        if record.message.startswith("duration: "):
            yield from self._ended(record)
        elif record.message.startswith(("statement: ", "execute ")):
            yield from self._began(record)
        elif record.level in _FAILED and record.statement:
            yield from self._failed(record)

    def _began(self, record: Record) -> Iterator[Execution]:
        match = _STATEMENT.match(record.message)
        if match is None:
            return
        before = self._begun.pop(record.session, None)
        if before is not None:  # no duration is logged, or not of all
            yield before
        self._begun[record.session] = _execution(record, match[2], None)
        if len(self._begun) > _SESSIONS:
            yield self._begun.popitem(last=False)[1]

    def _ended(self, record: Record) -> Iterator[Execution]:
        match = _DURATION.match(record.message)
        if match is None:
            return
        ms, what, text = match.groups()
        begun = self._begun.get(record.session)
        if what is None and begun is not None:
            del self._begun[record.session]
            yield begun._replace(at=record.at, ms=float(ms))
        elif what is not None and (what == "statement" or what.startswith("execute")):
            self._begun.pop(record.session, None)
            yield _execution(record, text, float(ms))

    def _failed(self, record: Record) -> Iterator[Execution]:
        self._begun.pop(record.session, None)
        yield _execution(record, record.statement, None)._replace(failed=True)

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
