"""``dbops nplusone --log … --follow``: loops as they happen."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from dbops.postgres.interrupt import Interrupt
from dbops.results.nplusone import NPlusOneResult
from dbops.workload.logs.executions import Execution, Executions
from dbops.workload.logs.following import Following
from dbops.workload.logs.record import Counted
from dbops.workload.loops import Request, result
from dbops.workload.nplusone.summary import Summary
from dbops.workload.nplusone.units import PAUSE_S, Units

_EVERY_S = 0.25
"""How often the logs are looked at."""
_QUIET_S = 2 * PAUSE_S
"""When nothing came for so long, what came last is whole, and who is in no transaction has ended what he did."""


class LogsFollowed:
    """Follows logs and finds the loops in them, each as soon as its session has done something else, or nothing more.

    Raises UsageError where there is nothing to follow.
    """

    def __init__(self, request: Request, *, from_start: bool = False) -> None:
        self._request = request
        self._counted = Counted()
        self._following = Following(
            request.logs,
            self._counted,
            prefix=request.prefix,
            encoding=request.encoding,
            from_start=from_start,
        )
        self._executions = Executions()
        self._units = Units()
        self._summary = Summary()
        self._last: float | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are followed."""
        return self._following.files

    def new(self, interrupt: Interrupt, seconds: float | None = None) -> Iterator[NPlusOneResult]:
        """Yield a result for each loop that was not found before, until so many seconds have passed.

        Raises Interrupted, and UsageError for a log that can't be read.
        """
        ends = None if seconds is None else time.monotonic() + seconds
        came = time.monotonic()
        while ends is None or time.monotonic() < ends:
            before = self._counted.records
            self._take(self._of_records(interrupt))
            if self._counted.records > before:
                came = time.monotonic()
                self._summary.take(self._units.idle(self._last), self._request.fewest)
            elif time.monotonic() - came > _QUIET_S:
                self._take(self._of_rest())
                self._summary.take(self._units.idle(None), self._request.fewest)
                came = time.monotonic()
            for loop in self._summary.new():
                yield replace(self._result(), findings=(loop,))
            interrupt.sleep(_EVERY_S)

    def result(self) -> NPlusOneResult:
        """Return all that was found."""
        self._take(self._of_rest())
        self._summary.take(self._units.rest(), self._request.fewest)
        return self._result()

    def _result(self) -> NPlusOneResult:
        return result(self._summary.loops(), self._counted, self._units)

    def _of_records(self, interrupt: Interrupt) -> Iterator[Execution]:
        for record in self._following.records():
            interrupt.check()  # what is there already may be long
            yield from self._executions.add(record)

    def _of_rest(self) -> Iterator[Execution]:
        for record in self._following.rest():
            yield from self._executions.add(record)
        yield from self._executions.rest()

    def _take(self, executions: Iterable[Execution]) -> None:
        for execution in executions:
            if self._request.takes(execution):
                self._last = execution.at if execution.at is not None else self._last
                self._summary.take(self._units.add(execution), self._request.fewest)

    def __enter__(self) -> LogsFollowed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._following.close()
