"""The rows, from the target into the scratch database: one snapshot, one stream, and out of everybody's way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from dbops.errors import DbopsError, LockTimeout, NotProvable
from dbops.explain.prove.failure import of_target, on_scratch, on_target
from dbops.explain.prove.involved import Involved, qualified
from dbops.explain.prove.scratch import APPLICATION, Scratch
from dbops.explain.prove.share import WHOLE, shares
from dbops.explain.prove.trial import Limits
from dbops.postgres.connect import connect
from dbops.postgres.copy import SourceFailed, copy
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.explain import LOCK_TIMEOUT
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.results.progress import Event
from dbops.results.progress import Session as Waiter
from dbops.results.proof import CopiedTable, CopyAhead, Copying
from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier

# COPY's text is a table's own size, its indexes may be twice that, and a write-ahead log comes on top.
_ROOM = 3
_EVERY = 0.5
_GRACE = 15.0
_WATCH_BOUND = 5.0

# One process reads each table from its first page to its last, so that the copy has its rows in the same order; values
# are spelt so that they are read back the same under any setting.
_SETTINGS = {
    "synchronize_seqscans": "off",
    "max_parallel_workers_per_gather": "0",
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
    "enable_bitmapscan": "off",
    "row_security": "on",
    "extra_float_digits": "1",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "lc_monetary": "C",
}


def load(
    target: Session,
    scratch: Scratch,
    involved: Sequence[Involved],
    limits: Limits,
    *,
    dsn: Dsn,
    interrupt: Interrupt,
    report: Callable[[Event], None],
) -> tuple[CopiedTable, ...]:
    """Copy the rows of what is stored, as many as ``limits`` allow, and return how much of each table that was.

    All tables are read in one transaction: as they were at one moment. It is given up when somebody waits for a lock
    on one of them. Raises NotProvable when there is no room or no time for them, LockTimeout, ConnectionFailed,
    PermissionDenied, Interrupted.
    """
    stored = [each for each in involved if each.stored]
    sizes = {each.name: each.bytes for each in stored}
    portions = shares(sizes, limits.copy_bytes)
    expected = {name: round(sizes[name] * portions[name] / WHOLE) for name in sizes}
    _refuse_full(scratch, sum(expected.values()))
    tables = tuple((str(name), portions[name]) for name in sizes)
    report(CopyAhead(tables, sum(expected.values()), f"{scratch.described} ({scratch.where})"))
    with on_scratch("preparing the copy"):
        scratch.session.run("SET lc_monetary = 'C'")
    deadline = time.monotonic() + limits.copy_seconds
    with _snapshot(target), _Watch(dsn, interrupt, _pid(target)) as watch:
        return tuple(
            _copy(target, scratch, each, portions[each.name], expected[each.name], deadline, watch, report)
            for each in stored
        )


def _refuse_full(scratch: Scratch, expected: int) -> None:
    free = scratch.free_bytes()
    if free is not None and free < expected * _ROOM:
        raise NotProvable(
            f"{scratch.folder} has {free >> 20} MB free, and copying {expected >> 20} MB needs {_ROOM} times that",
            hint="copy less, or name a server with more room with --scratch-dsn",
            details=[{"field": "disk", "error": f"{free} bytes free"}],
        )


@contextmanager
def _snapshot(target: Session) -> Iterator[None]:
    settings = {**_SETTINGS, "lock_timeout": str(round(LOCK_TIMEOUT * 1000))}
    lines = [f"SET LOCAL {identifier(name)} = '{value}'" for name, value in settings.items()]
    with on_target("copying"):
        try:
            target.run("; ".join(["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", *lines]))
            yield
        finally:
            if not target.closed:
                target.run("ROLLBACK")


def _pid(target: Session) -> int:
    return int(target.json(render("prove/pid")))


def _copy(
    target: Session,
    scratch: Scratch,
    table: Involved,
    percent: float,
    expected: int,
    deadline: float,
    watch: Callable[[float], None],
    report: Callable[[Event], None],
) -> CopiedTable:
    name = str(table.name)
    form = " (FORMAT binary)" if table.binary and scratch.same_major else ""
    progress = _Progress(name, expected, report)
    left = max(deadline - time.monotonic(), 0.001)
    target.run(f"SET LOCAL statement_timeout = {left * 1000:.0f}")
    with on_scratch(f"storing the rows of {name}"):
        try:
            copied = copy(
                target,
                f"COPY {_source(table, percent)} TO STDOUT{form}",
                scratch.session,
                f"COPY {qualified(table.name)}{_listed(table)} FROM STDIN{form}",
                bound=left + _GRACE,
                tick=watch,
                report=progress,
            )
        except SourceFailed as failed:
            raise of_target(failed.error, f"copying {name}") from failed.error
    report(Copying(name, copied.size, copied.size))
    return CopiedTable(name, percent, copied.rows, copied.size, table.hidden)


def _source(table: Involved, percent: float) -> str:
    """Return what stands behind COPY: a table itself is read by its place, whatever the planner likes."""
    name = qualified(table.name)
    if percent >= WHOLE and table.kind == "r":
        return name + _listed(table)
    sample = "" if percent >= WHOLE else f" TABLESAMPLE SYSTEM ({percent:.6f}) REPEATABLE (0)"
    return " ".join(["(SELECT", _columns(table), "FROM ONLY", f"{name}{sample})"])


def _columns(table: Involved) -> str:
    return ", ".join(identifier(column.name) for column in table.columns)


def _listed(table: Involved) -> str:
    return f" ({_columns(table)})" if table.columns else ""


class _Progress:
    """Reports how far a table is, not more often than an eye can follow."""

    def __init__(self, table: str, expected: int, report: Callable[[Event], None]) -> None:
        self._table = table
        self._expected = expected
        self._report = report
        self._next = time.monotonic() + _EVERY

    def __call__(self, size: int) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY
            self._report(Copying(self._table, size, max(self._expected, size)))


class _Watch:
    """Looks about once a second whether somebody waits for a table that is being copied: then copying gives way.

    Where no second connection can be had, nobody looks; the lock is the one that every SELECT takes.
    """

    def __init__(self, dsn: Dsn, interrupt: Interrupt, pid: int) -> None:
        self._dsn = dsn
        self._interrupt = interrupt
        self._pid = pid
        self._session: Session | None = None
        self._tried = False

    def __call__(self, _elapsed: float) -> None:
        """Raise LockTimeout when somebody waits."""
        if not self._tried:
            self._tried = True
            with suppress(DbopsError):
                self._session = connect(self._dsn, f"{APPLICATION} watch", self._interrupt)
        if self._session is None:
            return
        try:
            said = self._session.json(render("prove/waiters", pid=self._pid), bound=_WATCH_BOUND) or []
        except (ServerError, ConnectionLost):
            self._close()
            return
        if said:
            waiter = Waiter(**said[0])
            raise LockTimeout(
                f"stopped copying: {waiter} waits for a table that was being copied",
                hint="try again when it is done, or copy less",
                details=[{"field": "lock", "error": f"pid {waiter.pid} waits"}],
                retryable=True,
            )

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def settle(scratch: Scratch, involved: Sequence[Involved]) -> None:
    """Give the copy what a table has after a while: statistics, and a visibility map."""
    with on_scratch("gathering statistics"):
        for each in involved:
            if each.stored:
                scratch.session.run(f"VACUUM (ANALYZE) {qualified(each.name)}", bound=None, heed=True)
        for each in involved:
            if each.kind == "p" or (each.kind == "r" and each.omitted):
                scratch.session.run(f"ANALYZE {qualified(each.name)}", bound=None, heed=True)


def whole(copied: Sequence[CopiedTable], involved: Sequence[Involved]) -> set[Relation]:
    """Return the tables of which the copy has all rows."""
    complete: Mapping[str, bool] = {each.table: each.percent >= WHOLE and not each.hidden for each in copied}
    return {each.name for each in involved if complete.get(str(each.name), False)}
