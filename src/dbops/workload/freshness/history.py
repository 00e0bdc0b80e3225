"""Executions in their order: what each client wrote last, and what is read after that."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field

from dbops.results.workload import Identity
from dbops.workload.freshness.ages import bucket
from dbops.workload.freshness.facts import ANYTHING, Facts, Step
from dbops.workload.freshness.identity import identified
from dbops.workload.freshness.tally import Amount, Read, Tally
from dbops.workload.logs.executions import Execution

_SESSIONS = _CLIENTS = 10_000
"""So many are remembered: who was silent the longest is forgotten first."""
_KINDS = 1_000
"""Kinds of calls in a transaction that are kept until it ends; with more it counts as it is so far."""
_TABLES = 1_000
_WHOLE_S = 1.0
_BEGIN = frozenset({"BEGIN", "START TRANSACTION"})
_END = frozenset({"COMMIT", "ROLLBACK", "PREPARE TRANSACTION"})


@dataclass(slots=True)
class _Open:
    """A transaction: of a BEGIN when ``explicit``, else what the log's number of it (``number``) says.

    ``reads`` are kept until it ends, since only then is it known whether it ``stays`` on a primary.
    """

    number: str | None
    explicit: bool
    stays: bool = False
    client: str = ""
    ended: float | None = None
    writes: set[str] = field(default_factory=set)
    reads: dict[Read, Amount] = field(default_factory=dict)

    def is_over(self, number: str | None) -> bool:
        """Whether a statement with this number is in another one: the end of one with a BEGIN may not be logged."""
        return self.number != number and (not self.explicit or None not in {self.number, number})


class History:
    """Takes the executions of a log, gives a tally for each of the statements that are asked for.

    ``lag`` is in seconds, None where it is not known. A write counts from its commit on. ``undated`` are executions
    without a time: of those nothing can be told.
    """

    def __init__(self, facts: Facts, wanted: Collection[str], identity: Identity, lag: float | None) -> None:
        self._facts, self._wanted, self._identity, self._lag = facts, wanted, identity, lag
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._written: OrderedDict[str, dict[str, float]] = OrderedDict()
        self._precise = False
        self.tallies: dict[str, Tally] = {}
        self.statements = self.undated = self.writes = 0
        self.quickest_ms: float | None = None

    def add(self, execution: Execution) -> None:
        """Take one more."""
        if execution.failed:
            return
        self.statements += 1
        self._precise = self._precise or (execution.at is not None and not execution.at.is_integer())
        self._note_time(execution.ms)
        if execution.at is None:
            self.undated += 1
            return
        steps = self._facts.steps(execution.sql)
        calls = sum(step.control is None for step in steps)
        for step in steps:
            if step.control is not None:
                self._control(execution, step)
            else:
                self._step(execution, step, None if execution.ms is None else execution.ms / calls)

    def end(self) -> None:
        """Take what is still open for ended."""
        for session in list(self._open):
            self._close(session)

    def _note_time(self, ms: float | None) -> None:
        if ms is not None and (self.quickest_ms is None or ms < self.quickest_ms):
            self.quickest_ms = ms

    def _control(self, execution: Execution, step: Step) -> None:
        session, number = execution.session, _number(execution)
        if step.control in _BEGIN:
            before = self._open.get(session)
            if before is None or number is None or before.number != number:  # else it is one within the other: no other
                self._close(session)
                self._begin(session, _Open(number, explicit=True, stays=step.stays))
        elif step.control in _END:
            self._close(session, execution.at, lost=step.control == "ROLLBACK")
            if step.chained:
                self._begin(session, _Open(None, explicit=True))

    def _begin(self, session: str, transaction: _Open) -> None:
        self._open[session] = transaction
        if len(self._open) > _SESSIONS:
            self._close(next(iter(self._open)))

    def _step(self, execution: Execution, step: Step, ms: float | None) -> None:
        session, number = execution.session, _number(execution)
        now = self._open.get(session)
        if now is not None and now.is_over(number):
            self._close(session)
            now = None
        if now is None:
            now = _Open(number, explicit=False)
            self._begin(session, now)
        self._open.move_to_end(session)
        now.number = now.number or number
        now.client, now.ended = identified(execution, self._identity), execution.at
        now.stays = now.stays or step.stays
        now.writes |= step.writes
        self.writes += bool(step.writes)
        if not now.explicit:
            self._note(now.client, step.writes, execution.at or 0.0)
        if step.name in self._wanted and not step.stays:
            self._keep(now, self._read(execution, step, now.client), ms)
        if number is None and not now.explicit:
            self._close(session)

    def _keep(self, now: _Open, read: Read, ms: float | None) -> None:
        now.reads.setdefault(read, Amount()).add(1, ms)
        if len(now.reads) > _KINDS:
            self._count(now)

    def _read(self, execution: Execution, step: Step, client: str) -> Read:
        at = (execution.at or 0.0) - (execution.ms or 0.0) / 1000
        written = self._written.get(client, {})
        meant = written if ANYTHING in step.reads else (*step.reads, ANYTHING)
        last = max(((written[each], each) for each in meant if each in written), default=None)
        if last is None or not step.reads:
            return Read(step.name or "", None, young=False, after=None)
        # Times in whole seconds may be off by one: what may be young is taken to be.
        age = max(at - last[0] - (0.0 if self._precise else _WHOLE_S), 0.0)
        young = self._lag is not None and age < self._lag
        return Read(step.name or "", bucket(age), young, last[1] if young else None)

    def _close(self, session: str, at: float | None = None, *, lost: bool = False) -> None:
        """End a session's transaction, if there is one; ``lost`` says that what it wrote is undone."""
        over = self._open.pop(session, None)
        if over is None:
            return
        self._count(over)
        when = over.ended if at is None else at
        if not lost and when is not None:
            self._note(over.client, over.writes, when)

    def _count(self, over: _Open) -> None:
        for read, amount in over.reads.items():
            self.tallies.setdefault(read.name, Tally()).take(read, amount, stays=over.stays)
        over.reads.clear()

    def _note(self, client: str, tables: Collection[str], at: float) -> None:
        if not tables:
            return
        written = self._written.setdefault(client, {})
        self._written.move_to_end(client)
        for table in tables:
            written[table] = max(written.pop(table, at), at)
            if len(written) > _TABLES:
                del written[next(iter(written))]
        if len(self._written) > _CLIENTS:
            self._written.popitem(last=False)


def _number(execution: Execution) -> str | None:
    """Return the log's number of the transaction that a statement was in, None where it was over or isn't told."""
    number = execution.transaction
    return None if number is None or number.endswith("/0") else number
