"""What migrations name that a scratch server may lack: roles, databases and extensions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dbops.migrate.script import UP, Script
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
_OF_OBJECTS = frozenset({"AlterOwnerStmt", "CommentStmt", "GrantStmt", "RenameStmt", "SecLabelStmt"})
_TYPE_FIELDS = {"AlterOwnerStmt": "object_type", "RenameStmt": "rename_type"}
_PREDEFINED = "pg_"
_AS_ROLE = frozenset({"role", "session_authorization"})
# CREATE ROLE knows no IF NOT EXISTS, so that the text of a DO block is where it is usually found.
_CHANGING_ROLES = re.compile(r"\b(?:create|alter|drop)\s+(?:role|user|group)\b(?!\s+mapping\b)", re.IGNORECASE)
_CREATING_ROLE = re.compile(
    r'\bcreate\s+(?:role|user|group)\s+(?!mapping\b)(?:"(?P<quoted>[^"]+)"|(?P<plain>[a-z_]\w*))', re.IGNORECASE
)


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
    """Return the roles that must be there before the scripts run in this order, downs after all ups; sorted.

    Those are the ones that an up names before one has created them, and those that a down names and none creates.
    What only the text of a function names is not seen, of DO blocks only CREATE ROLE.
    """
    every = list(scripts)
    needed: set[str] = set()
    created: set[str] = set()
    for node in _nodes(script for script in every if script.direction == UP):
        needed |= _roles_of(node) - created
        created |= _created(node)
    downs = list(_nodes(script for script in every if script.direction != UP))
    created = created.union(*map(_created, downs))
    needed |= set[str]().union(*map(_roles_of, downs)) - created
    return tuple(sorted(name for name in needed if not name.startswith(_PREDEFINED)))


def creates(scripts: Iterable[Script]) -> frozenset[str]:
    """Return the roles that scripts create by a name that their statements or the text of their DO blocks tell."""
    return frozenset[str]().union(*map(_created, _nodes(scripts)))


def databases(scripts: Iterable[Script]) -> tuple[str, ...]:
    """Return the databases that statements set, grant or comment something on; sorted."""
    return tuple(sorted({name for node in _nodes(scripts) for name in _databases(node)}))


def changes_shared(script: Script) -> bool:
    """Say whether a script changes what all databases of a server share: roles, or a database by its name."""
    return changes_roles(script) or bool(databases([script]))


def changes_roles(script: Script) -> bool:
    """Say whether a script changes roles, as far as its statements and the text of its DO blocks tell."""
    return any(_changes_roles(node) for node in _nodes([script]))


def _changes_roles(node: Node) -> bool:
    if kind(node) == "DoStmt":
        return any(_CHANGING_ROLES.search(text) for text in _texts(node))
    return kind(node) in _ROLE_STATEMENTS or _object_type(node) == "OBJECT_ROLE"


def _object_type(node: Node) -> str | None:
    return choice(node, _TYPE_FIELDS.get(kind(node), "objtype")) if kind(node) in _OF_OBJECTS else None


def _created(node: Node) -> set[str]:
    """Return the roles that are there after a statement, and perhaps were not before."""
    match kind(node):
        case "CreateRoleStmt":
            return {node.role}
        case "RenameStmt" if _object_type(node) == "OBJECT_ROLE":
            return {node.newname}
        case "DoStmt":
            found = (match for text in _texts(node) for match in _CREATING_ROLE.finditer(text))
            return {match["quoted"] or match["plain"].lower() for match in found}
    return set()


def _roles_of(node: Node) -> set[str]:
    """Return the roles that must be there for a statement."""
    if kind(node) == "DropRoleStmt" and node.missing_ok:
        return set()
    named: set[str] = set()
    if _object_type(node) == "OBJECT_ROLE":
        named.add(node.subname if kind(node) == "RenameStmt" else inner(node.object).sval)
    for each in walk(node):
        match kind(each):
            case "RoleSpec" if choice(each, "roletype") == "ROLESPEC_CSTRING":
                named.add(each.rolename)
            case "GrantRoleStmt":
                named.update(inner(role).priv_name for role in each.granted_roles)
            case "VariableSetStmt" if each.name in _AS_ROLE:
                named.update(_words(each))
    return named


def _databases(node: Node) -> Iterator[str]:
    match kind(node):
        case "AlterDatabaseSetStmt" | "AlterDatabaseStmt":
            yield node.dbname
        case "AlterRoleSetStmt" if node.database:
            yield node.database
        case "GrantStmt" if _object_type(node) == "OBJECT_DATABASE":
            yield from (inner(each).sval for each in node.objects)
        case "AlterOwnerStmt" | "CommentStmt" if _object_type(node) == "OBJECT_DATABASE":
            yield inner(node.object).sval


def _texts(block: Node) -> Iterator[str]:
    """Yield the source of a DO block."""
    for argument in block.args:
        value = inner(inner(argument).arg)
        if inner(argument).defname == "as" and kind(value) == "String":
            yield value.sval


def _nodes(scripts: Iterable[Script]) -> Iterator[Node]:
    for script in scripts:
        yield from (statement.node for statement in script.statements if statement.node is not None)


def _words(setting: Node) -> Iterator[str]:
    """Yield the values of SET ROLE x, which may be a word or a string; NONE is no role."""
    for argument in setting.args:
        value = inner(argument)
        if kind(value) == "A_Const" and value.WhichOneof("val") == "sval" and value.sval.sval.lower() != "none":
            yield value.sval.sval
