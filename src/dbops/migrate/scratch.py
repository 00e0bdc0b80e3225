"""Databases to try migrations in: on a throw-away server of our own, or on one that is lent. Never the target."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field

from dbops.errors import ConfigError, ConnectionFailed, DbopsError, PermissionDenied
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
from dbops.sql.quote import identifier

APPLICATION = "dbops migrate scratch"
MIGRATOR = "dbops_migrator"
"""Who migrations run as on a server of our own, unless they must run as a superuser or by another name."""
OWNERS = "dbops_owners"
"""Whose the databases are on a server of our own: the migrating role's and others', who may then own what is there."""
_OURS = "the scratch server"
_PREDEFINED = "pg_"
# A database's own search_path, which migrations may set, must not lead a superuser's queries to their functions.
_WARY = " options='-c search_path=pg_catalog'"
_SETTINGS: dict[str, str | int | bool] = {
    # Nothing that is slow and keeps what is thrown away. Small: what is tried here has hardly any rows.
    "shared_buffers": "64MB",
    "autovacuum": False,
    "checkpoint_timeout": "1h",
    "max_wal_size": "4GB",
    "max_connections": 60,
}
_numbers = itertools.count(1)
_RUN = secrets.token_hex(3)
"""Tells apart the runs of machines and containers whose process ids are the same, on a server that is lent to all."""


@dataclass(slots=True)
class Scratch:
    """A server on which databases may be made and filled; all of them are gone in the end.

    ``admin`` is a session that may create databases (and on our own server anything). ``migrator`` is the role that
    migrations run as; None on a lent server, where it is the role of its DSN, and where they run as a superuser.
    ``version`` is ``server_version_num``; ``where`` says in words what server it is, ``superuser`` whether migrations
    run as one.
    """

    admin: Session
    version: int
    where: str
    migrator: str | None
    superuser: bool
    facts: Facts
    _dsn: Dsn
    _working: Dsn
    _interrupt: Interrupt
    _made: set[str] = field(default_factory=set)

    @property
    def own(self) -> bool:
        """Say whether it is a throw-away server of ours."""
        return self._dsn.origin == _OURS

    @property
    def runs_as(self) -> str:
        """Return the role that migrations run as."""
        return self.migrator or self.facts.target.user

    def new(self, template: str = "template0") -> str:
        """Make a database, empty or a copy of another one that nobody is connected to, and return its name."""
        name = f"dbops_scratch_{os.getpid()}_{_RUN}_{next(_numbers)}"
        owner = "" if self.migrator is None else f" OWNER {OWNERS}"
        with told("creating a database"):
            self.admin.run(
                f"CREATE DATABASE {identifier(name)} TEMPLATE {identifier(template)}{owner}",
                bound=None,
                heed=True,
            )
            self._made.add(name)
            self._copy_settings(template, name)
        return name

    def _copy_settings(self, template: str, name: str) -> None:
        """Give a copy what ALTER DATABASE … SET gave the original, which a copy doesn't have."""
        for setting, value in self.admin.json(render("verify/settings", database=template)):
            self.admin.run(render("verify/setting", database=name, setting=setting, value=value))

    def drop(self, name: str) -> None:
        """Drop a database, ending whoever is connected."""
        with told("dropping a database"):
            self.admin.run(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)", bound=None)
        self._made.discard(name)

    def dsn(self, name: str, *, privileged: bool = False) -> Dsn:
        """Return how to connect to a database as the migrating role, or as the one that made it."""
        return (self._dsn if privileged else self._working).of_database(name)

    @contextmanager
    def session(self, name: str, *, privileged: bool = False) -> Iterator[Session]:
        """Connect to a database; at the end the connection is closed."""
        with closing(connect(self.dsn(name, privileged=privileged), APPLICATION, self._interrupt)) as session:
            yield session

    def clean(self) -> None:
        """Drop what is left, over a new connection where the old one is gone. Raises ConnectionFailed."""
        if self.own:
            return  # the server goes with all that is on it
        for name in sorted(self._made):
            _drop_surely(self, name)


@contextmanager
def scratch(
    interrupt: Interrupt,
    *,
    dsn: Dsn | None = None,
    major: int | None = None,
    target: Facts | None = None,
    superuser: bool = False,
    migrator: str = MIGRATOR,
) -> Iterator[Scratch]:
    """Give a scratch server: the one ``dsn`` names, else one of our own, of the ``major`` version where there is one.

    On our own, migrations run as an ordinary role unless ``superuser``: SQL that nobody has reviewed must not reach
    this machine through COPY … PROGRAM. It is called ``migrator`` where that name is free, because migrations may
    say who runs them (ALTER DEFAULT PRIVILEGES FOR ROLE …). Raises ConfigError when the server is the ``target``'s own,
    PermissionDenied, ConnectionFailed, Interrupted.
    """
    if dsn is None:
        with ExitStack() as stack:
            found = None if major is None else of_major(major)
            with interrupt.raising():
                server = stack.enter_context(
                    temporary(settings=_SETTINGS, bin_dir=None if found is None else found.bin_dir)
                )
            there = Dsn(server.dsn() + _WARY, _OURS)
            admin = stack.enter_context(closing(connect(there, APPLICATION, interrupt)))
            yield _own(server, admin, there, interrupt, migrator=None if superuser else migrator)
        return
    with reachable(dsn, interrupt) as reached, closing(connect(reached, APPLICATION, interrupt)) as admin:
        facts = identify(admin)
        if target is not None and target.identity[0] == facts.identity[0]:
            raise ConfigError(
                f"{dsn.shown} ({dsn.origin}) is the very server that is to be spared, or a standby of it",
                hint="name another server, or none: then dbops starts one of its own for the time",
                details=[{"field": "scratch_dsn", "error": "the target's own server"}],
            )
        almighty: bool = admin.json(render("verify/superuser"))
        where = f"{dsn.shown}, PostgreSQL {spelt(facts.version)}" + (", as a superuser" if almighty else "")
        made = Scratch(admin, facts.version, where, None, almighty, facts, reached, reached, interrupt)
        try:
            yield made
        finally:
            made.clean()


@contextmanager
def told(doing: str, *, needs: str = "CREATEDB") -> Iterator[None]:
    """Turn what the scratch server says while it is ``doing`` something of ours into errors a person can act on.

    ``needs`` is what a lent server's role must have for it.
    """
    try:
        yield
    except ConnectionLost as lost:
        raise ConnectionFailed(
            f"the scratch server was lost while {doing}: {lost}",
            hint="its memory or disk may have run out; the target was not touched",
            details=[{"field": "scratch_dsn", "error": "connection lost"}],
            retryable=True,
        ) from lost
    except ServerError as error:
        raise PermissionDenied(
            f"on the scratch server, {doing} failed: {error.report.message}",
            hint=f"the role of --scratch-dsn needs {needs}; the target was not touched",
            details=[{"field": "scratch_dsn", "error": error.report.message, "sqlstate": error.sqlstate}],
        ) from error


def _own(server: EmbeddedServer, admin: Session, there: Dsn, interrupt: Interrupt, *, migrator: str | None) -> Scratch:
    facts = identify(admin)
    working = Dsn(server.dsn(), _OURS)
    if migrator is not None:
        if migrator in {facts.target.user, OWNERS} or migrator.startswith(_PREDEFINED):
            migrator = MIGRATOR
        working = Dsn(server.dsn("postgres", migrator), _OURS)
        with told("setting it up"):
            admin.run(f"CREATE ROLE {OWNERS}; CREATE ROLE {identifier(migrator)} LOGIN IN ROLE {OWNERS}")
    where = f"a throw-away PostgreSQL {spelt(facts.version)}"
    return Scratch(admin, facts.version, where, migrator, migrator is None, facts, there, working, interrupt)


def _drop_surely(made: Scratch, name: str) -> None:
    with suppress(DbopsError):
        if not made.admin.lost():
            made.drop(name)
            return
    try:
        # Whoever asked to stop wants this done all the same.
        with Interrupt() as patient, closing(connect(made.dsn("postgres"), APPLICATION, patient)) as again:
            again.run(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)", bound=None)
    except (DbopsError, ServerError, ConnectionLost) as error:
        raise ConnectionFailed(
            f"the scratch database {name} is left on {made.where}: {error}",
            hint=f"drop it: DROP DATABASE {name} WITH (FORCE)",
            details=[{"field": "scratch_dsn", "error": str(error)}],
        ) from error
