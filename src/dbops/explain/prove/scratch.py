"""A database to try things in: on a throw-away server of our own, or on one that is lent."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbops.errors import ConfigError, ConnectionFailed, DbopsError, NotProvable
from dbops.explain.prove.failure import on_scratch
from dbops.explain.prove.surroundings import Surroundings, locales, surroundings
from dbops.postgres.binaries import of_major
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.embedded import EmbeddedServer, temporary
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.query import render
from dbops.postgres.reach import reachable
from dbops.postgres.session import Session
from dbops.postgres.target import Facts, identify
from dbops.results.target import spelt
from dbops.sql.quote import identifier, literal

APPLICATION = "dbops explain --prove"
_OURS = "the scratch server"
_ROLE = "dbops_scratch"
_UNDEFINED_OBJECT, _INVALID_PARAMETER, _WRONG_OBJECT, _UNSUPPORTED = "42704", "22023", "42809", "0A000"
_NO_SUCH_LOCALE = frozenset({_UNDEFINED_OBJECT, _INVALID_PARAMETER, _WRONG_OBJECT, _UNSUPPORTED})
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A database that may be filled, and is dropped in the end.

    ``session`` works there, on our own server as a role without rights: what the copied functions do, they can't do
    to this machine. ``installer`` may create extensions. ``differences`` say what is not as on the target; ``sorts_by``
    is what the database sorts by where it isn't what the target's does. ``same_major``: both servers are of one major
    version. ``where`` says in words where it is; ``folder`` holds the data, None for a server that is lent.
    """

    session: Session
    installer: Session
    version: int
    differences: tuple[str, ...]
    sorts_by: str | None
    same_major: bool
    where: str
    folder: Path | None

    @property
    def described(self) -> str:
        """Return ``PostgreSQL 18.6``."""
        return f"PostgreSQL {spelt(self.version)}"

    def free_bytes(self) -> int | None:
        """Return how much room the disk has, None where that can't be known."""
        return None if self.folder is None else shutil.disk_usage(self.folder).free


@contextmanager
def scratch(target: Facts, near: Surroundings, dsn: Dsn | None, interrupt: Interrupt) -> Iterator[Scratch]:
    """Give a scratch database that is like the one ``near``: on the server that ``dsn`` names, else on our own.

    At the end it is gone, whatever happened. Raises ConfigError when the server is the target's own, NotProvable when
    no database can be made there, ConnectionFailed, Interrupted.
    """
    name = f"dbops_scratch_{os.getpid()}_{secrets.token_hex(3)}_{next(_numbers)}"
    if dsn is None:
        with _own_server(near, interrupt) as server, _session(Dsn(server.dsn(), _OURS), interrupt) as admin:
            with on_scratch("setting it up"):
                admin.run(f"CREATE ROLE {_ROLE} LOGIN")
            sorts_by = _create(admin, name, near, owner=_ROLE)
            there = (Dsn(server.dsn(name), _OURS), Dsn(server.dsn(name, _ROLE), _OURS))
            with _connected(
                *there, near, interrupt, sorts_by, "a throw-away server on this machine", server.home
            ) as made:
                yield made
        return
    with reachable(dsn, interrupt) as reached, _session(reached, interrupt) as admin:
        with on_scratch("looking at it"):
            _refuse_target(target, identify(admin), dsn)
        with _dropped(admin, reached, name):
            sorts_by = _create(admin, name, near)
            there = (reached.of_database(name), reached.of_database(name))
            with _connected(*there, near, interrupt, sorts_by, dsn.shown) as made:
                yield made


@contextmanager
def _own_server(near: Surroundings, interrupt: Interrupt) -> Iterator[EmbeddedServer]:
    """Start a server, of the target's major version where there is one."""
    settings: Mapping[str, str | int | bool] = {
        "shared_buffers": f"{min(near.shared_buffers, _memory() // 4) // 1024}kB",
        "max_worker_processes": max(near.workers, 8),
        "max_connections": 20,
        # Nothing but the runs that are timed shall be at work: no vacuum, and no checkpoint before its time.
        "autovacuum": False,
        "checkpoint_timeout": "1h",
        "max_wal_size": "4GB",
    }
    like = of_major(near.version // 10000)
    with ExitStack() as stack:
        with interrupt.raising():
            bin_dir = None if like is None else like.bin_dir
            server = stack.enter_context(temporary(settings=settings, bin_dir=bin_dir))
        yield server


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@contextmanager
def _session(dsn: Dsn, interrupt: Interrupt) -> Iterator[Session]:
    with closing(connect(dsn, APPLICATION, interrupt)) as session:
        yield session


def _refuse_target(target: Facts, found: Facts, dsn: Dsn) -> None:
    if target.identity[0] == found.identity[0]:
        raise ConfigError(
            f"{dsn.shown} ({dsn.origin}) is the very server that is to be spared, or a standby of it",
            hint="name another server to copy the rows to, or none: then dbops starts one of its own for the time",
            details=[{"field": "scratch_dsn", "error": "the target's own server"}],
        )


@contextmanager
def _connected(
    installing: Dsn,
    working: Dsn,
    near: Surroundings,
    interrupt: Interrupt,
    sorts_by: str | None,
    where: str,
    folder: Path | None = None,
) -> Iterator[Scratch]:
    with _session(installing, interrupt) as installer, _session(working, interrupt) as session:
        with on_scratch("setting it up"):
            here = surroundings(session.json(render("prove/surroundings")))
            differences = tuple(_set(session, near, here))
        same_major = here.version // 10000 == near.version // 10000
        yield Scratch(session, installer, here.version, differences, sorts_by, same_major, where, folder)


def _create(admin: Session, name: str, near: Surroundings, owner: str | None = None) -> str | None:
    """Create the database as like as can be, and return what it sorts by where that isn't the same."""
    owned = "" if owner is None else f" OWNER {owner}"
    refused: ServerError | None = None
    with on_scratch("creating a database"):
        for locale in locales(near, identify(admin).version):
            statement = f"CREATE DATABASE {identifier(name)} TEMPLATE template0{owned} {locale.clause}"
            try:
                admin.run(statement, bound=None, heed=True)
            except ServerError as error:
                refused = error
                if error.sqlstate in _NO_SUCH_LOCALE:
                    continue
                break
            return locale.instead
    assert refused is not None  # there is always a locale to try
    raise NotProvable(
        f"no scratch database can be created: {refused.report.message}",
        hint="the role of --scratch-dsn needs CREATEDB",
        details=[{"field": "scratch_dsn", "error": refused.report.message, "sqlstate": refused.sqlstate}],
    )


@contextmanager
def _dropped(admin: Session, dsn: Dsn, name: str) -> Iterator[None]:
    """Drop the database at the end; where that fails, the error says that it is left."""
    try:
        yield
    except BaseException as error:
        left = _drop(admin, dsn, name)
        if left is not None and isinstance(error, DbopsError):
            error.details.append({"field": "scratch_dsn", "error": f"the database {name} is left there: {left}"})
        raise
    left = _drop(admin, dsn, name)
    if left is not None:
        raise ConnectionFailed(
            f"the scratch database {name} is left on {dsn.shown}: {left}",
            hint=f"drop it: DROP DATABASE {name} WITH (FORCE)",
            details=[{"field": "scratch_dsn", "error": left}],
        )


def _drop(admin: Session, dsn: Dsn, name: str) -> str | None:
    """Drop the database, over a new connection where the old one is gone; return why it can't be."""
    statement = f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)"
    try:
        if not admin.lost():
            admin.run(statement)
            return None
    except ServerError as error:
        return error.report.message
    except ConnectionLost:
        pass
    try:
        # Whoever asked to stop wants this done all the same.
        with Interrupt() as patient, closing(connect(dsn, APPLICATION, patient)) as again:
            again.run(statement)
    except (DbopsError, ServerError, ConnectionLost) as error:
        return str(error)
    return None


def _set(session: Session, near: Surroundings, here: Surroundings) -> Iterator[str]:
    """Give the session the target's settings, and yield in words which it can't have.

    Settings that another major version doesn't know go without saying: the version is said.
    """
    known = here.settings.keys() if here.version // 10000 != near.version // 10000 else near.settings.keys()
    for name, value in near.settings.items():
        if name not in known or here.settings.get(name) == value:
            continue
        try:
            session.run(f"SET {identifier(name)} = {literal(value)}")
        except ServerError:
            yield _difference(name, here.settings.get(name, "unknown"), value)
    if here.shared_buffers != near.shared_buffers:
        yield _difference("shared_buffers", _megabytes(here.shared_buffers), _megabytes(near.shared_buffers))
    if here.workers < near.workers:
        yield _difference("max_worker_processes", here.workers, near.workers)


def _difference(name: str, here: object, target: object) -> str:
    return f"{name} {here} (target: {target})"


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MB"
