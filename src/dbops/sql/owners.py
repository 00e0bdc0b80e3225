"""Statements that name a role: as the owner of what they make, or otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dbops.sql.nodes import kind, walk
from dbops.sql.quote import identifier
from dbops.sql.split import split

_DEFAULT_PRIVILEGES = "ALTER DEFAULT PRIVILEGES"


def without_owner(statements: Iterable[str], role: str) -> tuple[str, ...]:
    """Return the statements but those that make ``role`` the owner of something."""
    return tuple(each for each in statements if not _makes_owner(each, role))


def by_whoever_runs_it(statement: str, role: str) -> str:
    """Return ALTER DEFAULT PRIVILEGES FOR that ROLE, as pg_dump spells it, as the role would say it of itself."""
    for name in (role, identifier(role)):
        statement = re.sub(f"^{_DEFAULT_PRIVILEGES} FOR ROLE {re.escape(name)} ", f"{_DEFAULT_PRIVILEGES} ", statement)
    return statement


def named_role(statement: str, role: str) -> bool:
    """Say whether a statement names the role."""
    return any(
        kind(each) == "RoleSpec" and each.rolename == role
        for parsed in split(statement)
        if parsed.node is not None
        for each in walk(parsed.node)
    )


def _makes_owner(statement: str, role: str) -> bool:
    if " OWNER TO " not in statement:
        return False
    (parsed,) = split(statement)
    node = parsed.node
    if node is None:
        return False
    if kind(node) == "AlterOwnerStmt":
        return bool(node.newowner.rolename == role)
    return kind(node) == "AlterTableStmt" and named_role(statement, role)
