"""``verify``: every migration up, down and up again on a scratch server, each from what the ones before it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbops.errors import ConfigError, MissingMigration
from dbops.files.migration import Key, Migration
from dbops.migrate import plan, source
from dbops.migrate.inspect import status
from dbops.migrate.options import Options
from dbops.migrate.scratch import APPLICATION, scratch
from dbops.migrate.script import DOWN, UP, build
from dbops.migrate.verify.course import Course, Manner, Scripts
from dbops.migrate.verify.ground import prepared
from dbops.migrate.workplace import workplace
from dbops.postgres.connect import hosts_of, parameters_of
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.target import Facts
from dbops.results.migration import State
from dbops.results.progress import ScratchReady
from dbops.results.verify import VerifyResult

_PENDING = frozenset({State.PENDING, State.OUT_OF_ORDER, State.FAILED})


@dataclass(frozen=True, slots=True)
class Choice:
    """Which migrations are verified: all, those from ``start`` on, or with ``pending`` those ``target`` hasn't.

    The others are only applied. ``target`` may be given all the same: it is never the ``scratch`` server. ``jobs`` is
    how many are tried at once. With ``data`` tables are filled, and the rows must outlive up and down.
    """

    start: str | None = None
    pending: bool = False
    target: Dsn | None = None
    jobs: int = 2
    scratch: Dsn | None = None
    superuser: bool = False
    ignore_column_order: bool = False
    data: bool = False


def verify(options: Options, choice: Choice | None = None, *, interrupt: Interrupt | None = None) -> VerifyResult:
    """Run every migration up, down and up again, and compare the schemas; the target is at most asked for its history.

    Raises InvalidMigration for files that can't be read, ConfigError and PermissionDenied when the scratch server
    isn't fit for them, ConnectionFailed when it is lost, Interrupted.
    """
    choice = choice or Choice()
    own = interrupt or Interrupt()
    try:
        files = source.chosen(options)
        wanted = _wanted(files, options, choice, own)
        scripts = [Scripts(file, build(file, UP), build(file, DOWN) if file.down else None) for file in files]
        every = [script for each in scripts for script in (each.up, each.down) if script is not None]
        _refuse_target(choice)
        with (
            scratch(
                own, dsn=choice.scratch, target=_spared(choice, options, own), superuser=choice.superuser
            ) as server,
            prepared(server, every) as ground,
        ):
            options.emit(ScratchReady(server.where, len(files), len(wanted)))
            manner = Manner(choice.jobs, choice.ignore_column_order, choice.data)
            course = Course(ground, manner, wanted, options.emit, own)
            course.run(scripts)
            return VerifyResult(
                tuple(course.done[file.key] for file in files if file.key in course.done),
                course.not_run,
                server.where,
                server.superuser,
                tuple(course.warnings),
                (*_nothing(files, options), *(_unsure(words, labels) for words, labels in course.unsure.items())),
            )
    finally:
        if interrupt is None:
            own.close()


def _nothing(files: Sequence[Migration], options: Options) -> tuple[str, ...]:
    """Return what to say of a folder without migrations, of which nothing can be said to be proven."""
    return () if files else (f"{options.directory} holds no migrations: is it the right folder?",)


def _wanted(files: Sequence[Migration], options: Options, choice: Choice, interrupt: Interrupt) -> frozenset[Key]:
    chosen = list(files)
    if choice.start is not None:
        chosen = chosen[chosen.index(plan.find(files, choice.start)) :]
    if choice.pending:
        if choice.target is None:
            raise MissingMigration("to know what is pending, the database must be named", hint="give --dsn")
        states = status(choice.target, options, interrupt=interrupt).migrations
        pending = {each.version for each in states if each.state in _PENDING}
        chosen = [file for file in chosen if file.version in pending]
    return frozenset(file.key for file in chosen)


def _refuse_target(choice: Choice) -> None:
    """Raise ConfigError when the scratch server is the target's, as far as that is known without connecting."""
    if choice.scratch is None or choice.target is None:
        return
    if _where(choice.scratch) == _where(choice.target):
        raise ConfigError(
            f"{choice.scratch.shown} ({choice.scratch.origin}) is the server of the database that is to be spared",
            hint="name another server, or none: then dbops starts one of its own for the time",
            details=[{"field": "scratch_dsn", "error": "the target's own server"}],
        )


def _spared(choice: Choice, options: Options, interrupt: Interrupt) -> Facts | None:
    """Return who the target is, where it is asked anyhow and a server is lent."""
    if not choice.pending or choice.target is None or choice.scratch is None:
        return None
    with workplace(choice.target, "verify", options, interrupt, looks_only=True) as place:
        return place.facts


def _where(dsn: Dsn) -> object:
    return dsn.embedded or hosts_of(parameters_of(dsn, APPLICATION))


def _unsure(words: str, labels: Sequence[str]) -> str:
    more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
    return f"{labels[0]}{more}: {words}"
