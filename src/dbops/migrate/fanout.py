"""One command over many tenants: schemas of a database, or databases of a server, the canaries first."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from fnmatch import translate
from typing import Any, Literal

from dbops.errors import DbopsError, Interrupted, UsageError
from dbops.migrate.options import Options
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.query import render
from dbops.postgres.reach import reachable
from dbops.postgres.target import Facts, identify
from dbops.results.document import plain
from dbops.results.fanout import FanOutResult, Tenant, TenantState
from dbops.results.progress import TargetKnown, TenantEnded

APPLICATION = "dbops migrate tenants"
_TICK = 0.1
_SHOWN = 8

Call = Callable[[Dsn, Options, Interrupt], Any]
"""A command of this room for one tenant; returns its result."""


@dataclass(frozen=True, slots=True)
class Across:
    """Which tenants: those whose name one of the ``patterns`` fits (``*``, ``?``, ``[a-c]``), and in what order.

    The first ``canaries`` by name are run one after the other; only when all succeed, ``jobs`` at once of the others.
    After ``max_failures`` failures no more are begun.
    """

    kind: Literal["schema", "database"]
    patterns: tuple[str, ...]
    canaries: int = 1
    jobs: int = 4
    max_failures: int = 1


def fan_out(
    dsn: Dsn, options: Options, across: Across, call: Call, *, interrupt: Interrupt | None = None
) -> FanOutResult:
    """Run a command for every tenant, and return what became of each.

    A tenant that is a schema has its history in itself, and migrations run with it first on the search path. Raises
    UsageError when no tenant fits, what connecting raises, and Interrupted, whose context has what was done till then.
    """
    own = interrupt or Interrupt()
    try:
        with reachable(dsn, own) as reached:
            facts, names = _tenants(reached, options, across, own)
            options.emit(TargetKnown(facts.target, options.run_id or "", None))
            course = _Course(reached, options, across, call, own, names)
            try:
                course.run()
            except Interrupted as error:
                error.context["tenants"] = [plain(tenant)[0] for tenant in course.tenants()]
                raise
            return FanOutResult(
                facts.target, course.tenants(), across.kind, min(across.canaries, len(names)), course.stopped
            )
    finally:
        if interrupt is None:
            own.close()


def _tenants(dsn: Dsn, options: Options, across: Across, interrupt: Interrupt) -> tuple[Facts, tuple[str, ...]]:
    with closing(connect(dsn, APPLICATION, interrupt, wait=options.connect_wait)) as session:
        facts = identify(session, environment=options.environment, role=options.role)
        known: list[str] = session.json(render(f"tenant_{across.kind}s"))
    fits = re.compile("|".join(map(translate, across.patterns)))
    names = tuple(name for name in known if fits.match(name))
    if not names:
        listed = ", ".join(known[:_SHOWN]) + (f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else "")
        raise UsageError(
            f"no {across.kind} of {facts.target.database} fits {' or '.join(across.patterns)}",
            hint=f"there are {listed or 'none'}; quote a pattern, so that the shell leaves it alone",
        )
    return facts, names


@dataclass(slots=True)
class _Course:
    """The tenants on their way; ``stopped`` says why no more are begun."""

    dsn: Dsn
    options: Options
    across: Across
    call: Call
    interrupt: Interrupt
    names: Sequence[str]
    stopped: str | None = None
    ended: dict[str, Tenant] = field(default_factory=dict)
    running: dict[Future[Tenant], Interrupt] = field(default_factory=dict)

    def tenants(self) -> tuple[Tenant, ...]:
        """Return all, also those that were not begun."""
        return tuple(self.ended.get(name) or Tenant(name, TenantState.NOT_STARTED) for name in self.names)

    def run(self) -> None:
        """Go over the canaries, then over the others; at the end, and after a request to stop, nothing runs."""
        canaries = min(self.across.canaries, len(self.names))
        with ThreadPoolExecutor(self.across.jobs, thread_name_prefix="tenant") as pool:
            try:
                self._go(pool, self.names[:canaries], at_once=1)
                if self.stopped is None:
                    self._go(pool, self.names[canaries:], at_once=self.across.jobs)
            except Interrupted:
                self._stop()
                raise

    def _go(self, pool: ThreadPoolExecutor, names: Sequence[str], at_once: int) -> None:
        waiting = list(names)
        while self.running or (waiting and self.stopped is None):
            while waiting and len(self.running) < at_once and self.stopped is None:
                own = Interrupt()
                self.running[pool.submit(self._one, waiting.pop(0), own)] = own
            wait(self.running, timeout=_TICK, return_when=FIRST_COMPLETED)
            self._collect()
            self.interrupt.check()

    def _collect(self) -> None:
        for future in [future for future in self.running if future.done()]:
            self.running.pop(future).close()
            tenant = future.result()
            self.ended[tenant.name] = tenant
            self.options.emit(TenantEnded(tenant, len(self.ended), len(self.names)))
            failures = sum(each.state is TenantState.FAILED for each in self.ended.values())
            if failures and len(self.ended) <= self.across.canaries:
                self.stopped = f"the canary {tenant.name} failed"
            elif failures >= self.across.max_failures:
                self.stopped = f"{failures} failed, and --max-failures is {self.across.max_failures}"

    def _stop(self) -> None:
        """Pass the request to stop on, and wait until each has undone what it was at."""
        for own in self.running.values():
            own.request(self.interrupt.requested or "a request")
        wait(self.running)
        self._collect()

    def _one(self, name: str, interrupt: Interrupt) -> Tenant:
        """Run the command for one tenant, in a thread of its own; a DbopsError is its outcome."""
        started = time.monotonic()
        dsn, options = self.dsn, replace(self.options, run_id=None, emit=_ignore)
        if self.across.kind == "schema":
            options = replace(options, schema=name, search_path=name)
        else:
            dsn = dsn.of_database(name)
        state, result, error = TenantState.DONE, None, None
        try:
            data, meta = plain(self.call(dsn, options, interrupt))
            result = {**data, "run_id": meta.get("run_id")}
        except DbopsError as failure:
            state = TenantState.INTERRUPTED if isinstance(failure, Interrupted) else TenantState.FAILED
            error = failure.to_dict()
        return Tenant(name, state, round((time.monotonic() - started) * 1000), result, error)


def _ignore(_event: object) -> None:
    """Let an event of one among many tenants pass."""
