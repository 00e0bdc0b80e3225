"""``dbops doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from dbops.cli import options
from dbops.cli.context import Common
from dbops.errors import ATTENTION, BAD, CANNOT_TELL, DbopsError

if TYPE_CHECKING:
    from dbops.results.doctor import Check, ConfiguredSetting, DoctorResult
    from dbops.results.target import Target


@click.command("doctor")
@options.dsn
@click.option(
    "--clean", is_flag=True, help="Remove what killed runs left behind (embedded servers, temporary folders)."
)
@options.output("table", "json")
@click.pass_obj
def command(common: Common, /, dsn: str | None, clean: bool, output: str) -> int:
    """Say what is configured, whether it can be connected to, and what is missing and what that costs.

    Changes nothing, unless --clean is given. Exit status 0 when all is well, 1 with warnings, 2 when something that
    migrations need is missing, 3 when the database can't be reached.

    \b
    Examples:
      dbops doctor
      dbops --env staging doctor -o json
      dbops doctor --clean
    """
    from dbops.cli.render import document
    from dbops.results.doctor import DoctorResult, Verdict

    common.configure_log("doctor")
    target, checks = _database(common, dsn)
    left, cleaned = _leftovers(clean=clean)
    result = DoctorResult((*checks, *_local(), *left), tuple(_settings(common, dsn)), target, cleaned)
    if output == "json":
        document(result)
    else:
        _print(result, common)
    verdicts = {check.verdict for check in result.checks}
    if Verdict.UNKNOWN in verdicts:
        return CANNOT_TELL
    return BAD if Verdict.BAD in verdicts else ATTENTION if Verdict.WARNING in verdicts else 0


def _database(common: Common, flag: str | None) -> tuple[Target | None, list[Check]]:
    """Connect, and look; what fails is a finding here, not an error."""
    from dbops.cli.signals import interruptible
    from dbops.postgres.connect import connect
    from dbops.postgres.dsn import resolve
    from dbops.postgres.errors import ConnectionLost, ServerError
    from dbops.postgres.health import examine
    from dbops.postgres.reach import reachable
    from dbops.postgres.target import identify
    from dbops.results.doctor import Check, Verdict
    from dbops.sql.redact import message as redacted

    try:
        dsn = resolve(common.settings, flag, direct=True)
        with interruptible() as interrupt, reachable(dsn, interrupt) as reached:
            session = connect(reached, "dbops doctor", interrupt)
            try:
                facts = identify(session, environment=common.settings.value("environment"))
                checks = list(examine(session, facts, common.settings.value("migrate.schema")))
            finally:
                session.close()
    except DbopsError as error:
        return None, [
            Check("connection", Verdict.UNKNOWN, error.message, "nothing about the server is known", error.hint)
        ]
    except (ServerError, ConnectionLost) as error:
        return None, [
            Check(
                "server", Verdict.UNKNOWN, redacted(str(error)), "not all about the server is known", "look at its log"
            )
        ]
    return facts.target, [Check("connection", Verdict.OK, f"{dsn.shown} ({dsn.origin})"), *checks]


def _local() -> Iterator[Check]:
    from dbops.errors import ConfigError
    from dbops.postgres.binaries import find
    from dbops.results.doctor import Check, Verdict

    try:
        found = find()
    except ConfigError as error:
        yield Check(
            "embedded", Verdict.OPTIONAL, "no PostgreSQL programs here", "embedded:NAME can't be used", error.hint
        )
    else:
        yield Check("embedded", Verdict.OK, f"PostgreSQL {found.version}, {found.source}")


def _leftovers(*, clean: bool) -> tuple[list[Check], tuple[str, ...]]:
    from dbops.postgres import embedded
    from dbops.results.doctor import Check, Verdict

    found = embedded.leftovers()
    if clean:
        for leftover in found:
            embedded.clean(leftover)
        return [], tuple(f"{leftover.kind} {leftover.path}" for leftover in found)
    checks = [
        Check("leftover", Verdict.WARNING, f"{left.kind} {left.path}", "disk or memory", "dbops doctor --clean")
        for left in found
    ]
    return checks, ()


def _settings(common: Common, flag: str | None) -> Iterator[ConfiguredSetting]:
    from dbops.config import KEYS
    from dbops.results.doctor import ConfiguredSetting
    from dbops.sql.redact import dsn as redacted

    for key in KEYS:
        setting = common.settings.get(key, flag if key == "database_url" else None)
        if setting.origin != "default" and setting.value is not None:
            value = redacted(setting.value) if KEYS[key].secret else str(setting.value)
            yield ConfiguredSetting(key, value, setting.origin)


def _print(result: DoctorResult, common: Common) -> None:
    from dbops.output.doctor import render
    from dbops.output.stream import put

    text: Any = render(result, common.style())
    put(text)
