"""What migrations name that a scratch server may lack: roles and extensions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dbops.migrate.script import Script
from dbops.sql.nodes import Node, choice, inner, kind, walk

_ROLE_STATEMENTS = frozenset(
    {
        "CreateRoleStmt",
        "AlterRoleStmt",
        "AlterRoleSetStmt",
        "DropRoleStmt",
        "GrantRoleStmt",
        "DropOwnedStmt",
        "ReassignOwnedStmt",
    }
)
_PREDEFINED = "pg_"
_AS_ROLE = frozenset({"role", "session_authorization"})


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension that a migration creates, and where."""

    name: str
    path: str
    line: int


def extensions(scripts: Iterable[Script]) -> tuple[Extension, ...]:
    """Return the extensions that CREATE EXTENSION names, the first place of each."""
    found: dict[str, Extension] = {}
    for script in scripts:
        for statement in script.statements:
            if statement.node is not None and kind(statement.node) == "CreateExtensionStmt":
                name = statement.node.extname
                found.setdefault(name, Extension(name, script.path, script.line(statement)))
    return tuple(found.values())


def roles(scripts: Iterable[Script]) -> tuple[str, ...]:
    """Return the roles that statements name and none creates, sorted.

    What only the text of a function or of DO names is not seen.
    """
    named: set[str] = set()
    created: set[str] = set()
    for node in _nodes(scripts):
        for each in walk(node):
            match kind(each):
                case "RoleSpec" if choice(each, "roletype") == "ROLESPEC_CSTRING":
                    named.add(each.rolename)
                case "CreateRoleStmt":
                    created.add(each.role)
                case "GrantRoleStmt":
                    named.update(inner(role).priv_name for role in each.granted_roles)
                case "VariableSetStmt" if each.name in _AS_ROLE:
                    named.update(_words(each))
    return tuple(sorted(name for name in named - created if not name.startswith(_PREDEFINED)))


def changes_roles(script: Script) -> bool:
    """Say whether a script changes roles, which all databases of a server share."""
    return any(_changes_roles(node) for node in _nodes([script]))


def _changes_roles(node: Node) -> bool:
    if kind(node) == "RenameStmt":
        return choice(node, "rename_type") == "OBJECT_ROLE"
    if kind(node) in {"CommentStmt", "SecLabelStmt"}:
        return choice(node, "objtype") == "OBJECT_ROLE"
    return kind(node) in _ROLE_STATEMENTS


def _nodes(scripts: Iterable[Script]) -> Iterator[Node]:
    for script in scripts:
        yield from (statement.node for statement in script.statements if statement.node is not None)


def _words(setting: Node) -> Iterator[str]:
    """Yield the values of SET ROLE x, which may be a word or a string; NONE is no role."""
    for argument in setting.args:
        value = inner(argument)
        if kind(value) == "A_Const" and value.WhichOneof("val") == "sval" and value.sval.sval.lower() != "none":
            yield value.sval.sval
