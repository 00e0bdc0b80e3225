"""What every migrate command does around its call: settings, signals, events, printing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dbops.cli.context import Common
from dbops.cli.render import document
from dbops.cli.reporting import Reporting
from dbops.cli.signals import interruptible
from dbops.errors import ATTENTION, BAD, TRY_AGAIN, DbopsError
from dbops.migrate.options import Options
from dbops.migrate.workplace import new_run_id
from dbops.output.stream import put
from dbops.postgres.dsn import Dsn, resolve
from dbops.postgres.interrupt import Interrupt
from dbops.results.migration import TROUBLED, State, StatusResult

if TYPE_CHECKING:
    from dbops.migrate.fanout import Across
    from dbops.results.fanout import Tenant

_SETTINGS = (
    "schema", "role", "connect_wait", "lock_wait", "lock_timeout", "retries", "statement_timeout", "max_duration",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """What a command calls its capability with."""

    dsn: Dsn
    options: Options
    interrupt: Interrupt


def directory(common: Common, flag: Path | None) -> Path:
    """Return the folder of migrations."""
    return Path(common.settings.value("migrate.dir", flag))


def perform(common: Common, output: str, flags: dict[str, Any], call: Callable[[Work], Any]) -> Any:
    """Call the capability with what the flags and settings say, print its result, and return it.

    ``flags`` are the command's parameters by name, as click gives them; what isn't a setting is ignored.
    """
    options, show = _begun(common, output, flags)
    across = _across(flags)
    dsn = resolve(common.settings, flags.get("dsn"), direct=True)

    def called(interrupt: Interrupt) -> Any:
        work = Work(dsn, options, interrupt)
        return call(work) if across is None else _for_each(work, across, call)

    return _ended(show, flags, called)


def perform_on_scratch(
    common: Common, output: str, flags: dict[str, Any], call: Callable[[Options, Interrupt], Any]
) -> Any:
    """Do the same for a command that works on a scratch server, and may need no database of its own."""
    options, show = _begun(common, output, flags)
    return _ended(show, flags, lambda interrupt: call(options, interrupt))


def scratch_dsn(common: Common, flag: str | None) -> Dsn | None:
    """Return the server that is lent to try things on, None for one of our own."""
    setting = common.settings.get("migrate.scratch_dsn", flag)
    return None if setting.value is None else Dsn(setting.value, setting.origin.replace("flag", "--scratch-dsn"))


def _begun(common: Common, output: str, flags: dict[str, Any]) -> tuple[Options, _Show]:
    settings = common.settings
    run_id = new_run_id()
    common.configure_log(run_id)
    chosen = {name: settings.value(f"migrate.{name}", flags.get(name)) for name in _SETTINGS}
    show = _Show(common, output)
    options = Options(
        directory=directory(common, flags.get("directory")),
        format=settings.value("migrate.format", flags.get("file_format")),
        environment=settings.value("environment"),
        concurrent_lock_timeout=settings.value("migrate.concurrent_lock_timeout"),
        change_id=flags.get("change_id"),
        show_data=bool(flags.get("show_data")) or (output == "table" and sys.stdout.isatty()),
        variables=_variables(settings.value("migrate.variables"), flags.get("variables")),
        emit=show.event,
        run_id=run_id,
        **chosen,
    )
    return options, show


def _ended(show: _Show, flags: dict[str, Any], call: Callable[[Interrupt], Any]) -> Any:
    try:
        with interruptible("; look with `dbops migrate status`") as interrupt:
            result = call(interrupt)
    except DbopsError as error:
        if flags.get("tempfail") and error.retryable:
            error.context["exit_status"] = TRY_AGAIN
        show.failure(error)
        raise
    show.result(result)
    return result


def _across(flags: dict[str, Any]) -> Across | None:
    """Return over which tenants the command goes, None for the one database."""
    schemas, databases = flags.get("schemas"), flags.get("databases")
    if not schemas and not databases:
        return None
    from dbops.migrate.fanout import Across

    if schemas and databases:
        raise click.UsageError("--schemas and --databases exclude each other")
    if schemas and flags.get("schema"):
        raise click.UsageError("--schema excludes --schemas: each has its history in itself")
    how = (flags["canary"], flags["jobs"], flags["max_failures"])
    return Across("schema", schemas, *how) if schemas else Across("database", tuple(databases or ()), *how)


def _for_each(work: Work, across: Across, call: Callable[[Work], Any]) -> Any:
    from dbops.migrate.fanout import fan_out

    def one(dsn: Dsn, options: Options, interrupt: Interrupt) -> Any:
        return call(Work(dsn, options, interrupt))

    return fan_out(work.dsn, work.options, across, one, interrupt=work.interrupt)


def _variables(configured: dict[str, str] | None, flag: tuple[tuple[str, str], ...] | None) -> dict[str, str] | None:
    """Return the configured variables and, before them, the command line's; None when nobody asked for any."""
    return {**(configured or {}), **dict(flag)} if flag else configured


def exit_status(result: Any) -> int:
    """Return a command's exit status: of a status by its states, of many tenants the worst, else 0."""
    from dbops.results.fanout import FanOutResult

    if isinstance(result, FanOutResult):
        return max((_tenant_status(tenant) for tenant in result.tenants), default=0)
    if isinstance(result, StatusResult):
        return _by_states((status.state for status in result.migrations), result.pending)
    return 0


def _tenant_status(tenant: Tenant) -> int:
    if tenant.result is None:
        return BAD
    migrations = tenant.result.get("migrations")
    states = [State(each["state"]) for each in migrations or () if "state" in each]
    return _by_states(states, tenant.result.get("pending") if states else 0)


def _by_states(states: Iterable[State], pending: Any) -> int:
    return BAD if any(state in TROUBLED for state in states) else ATTENTION if pending else 0


class _Show:
    """Prints events and results: JSON, reports and logs for programs, lines for people."""

    def __init__(self, common: Common, output: str) -> None:
        self._output = output
        self._style = common.style()
        self._reporting = Reporting(self._style, json=output != "table")
        self.event = self._reporting.event

    def result(self, result: Any) -> None:
        if self._output == "json":
            document(result)
            return
        self._reporting.clear()
        if self._output == "junit":
            from dbops.output.migrate import report

            put(report(result))
            return
        from dbops.output.migrate import render

        put(render(result, self._style))

    def failure(self, error: DbopsError) -> None:
        if self._reporting.json:
            return
        from dbops.output.migrate import failed_run

        self._reporting.clear()
        line = failed_run(error.context, retryable=error.retryable, style=self._style)
        if line:
            put(line)
