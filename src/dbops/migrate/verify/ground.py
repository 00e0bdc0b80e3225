"""Making a scratch server fit for a set of migrations: roles they name, extensions they need, rights they want."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from dbops.errors import ConfigError, DbopsError, PermissionDenied
from dbops.migrate.scratch import OWNERS, Scratch, told
from dbops.migrate.script import Script
from dbops.migrate.verify.names import Extension, changes_roles, extensions, roles
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.query import render
from dbops.sql.quote import identifier

CREATEROLE_IS_BOUNDED = 160000
"""From 16 on a role with CREATEROLE can't grant itself what it isn't an admin of, such as running programs."""


@contextmanager
def prepared(scratch: Scratch, scripts: Sequence[Script]) -> Iterator[None]:
    """Make the roles that the scripts name, and let the migrating role act as them; at the end a lent server has none.

    Raises ConfigError for extensions that the server hasn't, PermissionDenied for what an ordinary role can't do.
    """
    _refuse_extensions(scratch, extensions(scripts))
    before = _roles(scratch)
    made = [name for name in roles(scripts) if name not in before]
    try:
        with told("making roles"):
            for name in made:
                scratch.admin.run(f"CREATE ROLE {identifier(name)} NOLOGIN")
            if scratch.migrator is not None:
                _entrust(scratch, made, creates=any(map(changes_roles, scripts)))
        yield
    finally:
        if not scratch.own:
            scratch.clean()  # what the databases give the roles would keep them
            forget_roles(scratch, before)


def roles_now(scratch: Scratch) -> frozenset[str]:
    """Return the server's roles."""
    return _roles(scratch)


def forget_roles(scratch: Scratch, before: frozenset[str]) -> None:
    """Drop the roles that were not there ``before``, as well as that can be done.

    What a database that is still there gives them keeps them: so databases go first.
    """
    with suppress(DbopsError, ServerError, ConnectionLost):
        for name in sorted(_roles(scratch) - before):
            with suppress(ServerError):
                scratch.admin.run(f"DROP ROLE {identifier(name)}")


def _roles(scratch: Scratch) -> frozenset[str]:
    with told("reading its roles"):
        return frozenset(scratch.admin.json(render("verify/roles")))


def _entrust(scratch: Scratch, made: Sequence[str], *, creates: bool) -> None:
    assert scratch.migrator is not None  # the caller has seen to it
    migrator = identifier(scratch.migrator)
    for name in made:
        scratch.admin.run(
            f"GRANT {OWNERS} TO {identifier(name)}; GRANT {identifier(name)} TO {migrator} WITH ADMIN OPTION"
        )
    if not creates:
        return
    if scratch.version < CREATEROLE_IS_BOUNDED:
        raise PermissionDenied(
            "the migrations change roles, and before PostgreSQL 16 who may do that may do anything",
            hint="if you trust what these files do, say so with --as-superuser",
            details=[{"field": "as_superuser", "error": "roles are changed"}],
        )
    scratch.admin.run(f"ALTER ROLE {migrator} CREATEROLE")


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
