"""Making a scratch server fit for a set of migrations: roles they name, extensions they need, rights they want."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from dbops.errors import ConfigError, DbopsError, PermissionDenied
from dbops.migrate.scratch import OWNERS, Scratch, told
from dbops.migrate.script import Script
from dbops.migrate.verify.names import Extension, changes_roles, creates, databases, extensions, roles
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.query import render
from dbops.sql.quote import identifier

CREATEROLE_IS_BOUNDED = 160000
"""From 16 on a role with CREATEROLE can't grant itself what it isn't an admin of, such as running programs."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all databases of a scratch server share, and scripts name: ``made`` are the databases that it lacks.

    ``roles`` are those that it lacks, ``creates`` those that scripts create, ``before`` those that it had.
    """

    scratch: Scratch
    roles: tuple[str, ...]
    creates: frozenset[str]
    databases: tuple[str, ...]
    made: tuple[str, ...]
    before: frozenset[str]

    def lay(self) -> None:
        """Make the roles and, on a server of our own, the databases that scripts name, as the migrating role's."""
        needs = f"CREATEROLE, or somebody makes {', '.join(self.roles)} there before" if self.roles else "CREATEDB"
        with told("making roles and databases that migrations name", needs=needs):
            for name in self.roles:
                self.scratch.admin.run(f"CREATE ROLE {identifier(name)} NOLOGIN")
                if self.scratch.migrator is not None:
                    self.scratch.admin.run(
                        f"GRANT {OWNERS} TO {identifier(name)}; "
                        f"GRANT {identifier(name)} TO {identifier(self.scratch.migrator)} WITH ADMIN OPTION"
                    )
            owner = "" if self.scratch.migrator is None else f" OWNER {OWNERS}"
            for name in self.made:
                self.scratch.admin.run(f"CREATE DATABASE {identifier(name)}{owner}", bound=None, heed=True)

    def lift(self) -> None:
        """Take away what was made, and the roles that scripts made since; databases with things of theirs go first.

        On a lent server others make roles meanwhile: only those that scripts name are taken for theirs.
        """
        with suppress(DbopsError, ServerError, ConnectionLost):
            for name in self.made:
                self.scratch.admin.run(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)", bound=None)
            new = _roles(self.scratch) - self.before
            for name in sorted(new if self.scratch.own else new & self.creates.union(self.roles)):
                with suppress(ServerError):
                    self.scratch.admin.run(f"DROP ROLE {identifier(name)}")


@contextmanager
def prepared(scratch: Scratch, scripts: Sequence[Script]) -> Iterator[Ground]:
    """Make what the scripts name, and let the migrating role act as those roles; at the end a lent server has none.

    Raises ConfigError for extensions that the server hasn't, PermissionDenied for what an ordinary role can't do.
    """
    _refuse_extensions(scratch, extensions(scripts))
    ground = _ground(scratch, scripts)
    if scratch.migrator is not None and any(map(changes_roles, scripts)):
        _let_change_roles(scratch, scratch.migrator)
    try:
        ground.lay()
        yield ground
    finally:
        if not scratch.own:
            scratch.clean()  # what the databases give the roles would keep them
            ground.lift()


def _ground(scratch: Scratch, scripts: Sequence[Script]) -> Ground:
    before = _roles(scratch)
    lacking = tuple(name for name in roles(scripts) if name not in before)
    named, there = databases(scripts), _databases(scratch)
    # On a lent server a database that migrations name is not ours to make.
    made = tuple(name for name in named if name not in there) if scratch.own else ()
    return Ground(scratch, lacking, creates(scripts), named, made, before)


def _roles(scratch: Scratch) -> frozenset[str]:
    with told("reading its roles"):
        return frozenset(scratch.admin.json(render("verify/roles")))


def _databases(scratch: Scratch) -> frozenset[str]:
    with told("reading its databases"):
        return frozenset(scratch.admin.json(render("verify/database_names")))


def _let_change_roles(scratch: Scratch, migrator: str) -> None:
    if scratch.version < CREATEROLE_IS_BOUNDED:
        raise PermissionDenied(
            "the migrations change roles, and before PostgreSQL 16 who may do that may do anything",
            hint="if you trust what these files do, say so with --as-superuser",
            details=[{"field": "as_superuser", "error": "roles are changed"}],
        )
    with told("letting migrations make roles"):
        # With the setting it may act as the roles it makes, as who migrates mostly may.
        scratch.admin.run(
            f"ALTER ROLE {identifier(migrator)} CREATEROLE; "
            f"ALTER ROLE {identifier(migrator)} SET createrole_self_grant = 'set, inherit'"
        )


def _refuse_extensions(scratch: Scratch, wanted: Sequence[Extension]) -> None:
    with told("reading its extensions"):
        available: dict[str, bool] = scratch.admin.json(render("verify/extensions"))
    missing = [each for each in wanted if each.name not in available]
    if missing:
        raise ConfigError(
            f"{scratch.where} has no extension {_listed(missing)}",
            hint="name a server that has them with --scratch-dsn (a container of the image that you run, say), or "
            "one's programs with DBOPS_PG_BIN",
            details=[_detail(each, "not available") for each in missing],
        )
    refused = [each for each in wanted if not available[each.name]]
    if refused and scratch.migrator is not None:
        raise PermissionDenied(
            f"only a superuser may create the extension {_listed(refused)}",
            hint="if you trust what these files do, say so with --as-superuser",
            details=[_detail(each, "not trusted") for each in refused],
        )


def _listed(wanted: Sequence[Extension]) -> str:
    return ", ".join(f"{each.name} ({each.path}:{each.line})" for each in wanted)


def _detail(extension: Extension, error: str) -> dict[str, object]:
    return {
        "field": "extension",
        "error": error,
        "name": extension.name,
        "file": extension.path,
        "line": extension.line,
    }
